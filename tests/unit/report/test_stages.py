from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.plant import STAMP, plant

from glm import tables
from glm.corpus import summary as corpus
from glm.decontamination import summary as decontamination
from glm.embedding import summary as embedding
from glm.errors import NotRunError
from glm.training import summary as training


def write_manifest(root: Path, address: str) -> None:
    """A manifest with one file of a release."""
    path = root / "metagenomes" / "release" / "manifest.parquet"
    plant(path, tables.MANIFEST, url=[f"{address}/mgy_biomes.tsv.gz"])


def write_identity(root: Path, **fields: object) -> None:
    """identity.json of a protein model."""
    (root / "protein_model").mkdir(parents=True)
    (root / "protein_model" / "identity.json").write_text(json.dumps(fields))


def test_the_papers_release_is_no_obstacle(tmp_path: Path) -> None:
    write_manifest(tmp_path, "https://host/pub/databases/metagenomics/peptide_database/2022_05")
    assert corpus.obstacle(tmp_path) is None


def test_another_release_is(tmp_path: Path) -> None:
    write_manifest(tmp_path, "file:///checkout/resources/demo/release")
    assert "'release' of 'demo'" in str(corpus.obstacle(tmp_path))
    write_manifest(tmp_path, "file:///data/peptide_database/2022_05_first_million")
    assert "2022_05_first_million" in str(corpus.obstacle(tmp_path))


def test_refseqs_genomes_are(tmp_path: Path) -> None:
    write_manifest(tmp_path, "https://ftp.ncbi.nlm.nih.gov/genomes/all/GCF/000/005/845/GCF_1.1_A")
    chosen = tmp_path / "metagenomes/release/genomes.parquet"
    plant(chosen, tables.TAXONOMY_GENOMES, genome=range(400))
    assert "RefSeq, 400 genomes" in str(corpus.obstacle(tmp_path))


@pytest.mark.parametrize(
    ("file", "contig", "is_k12"),
    [
        ("GCF_000005845.2_ASM584v2_protein.faa.gz", "K-12-MG1655", True),
        ("mine.gbk", "U00096.3", True),
        ("GCF_000009045.1_ASM904v1_protein.faa.gz", "NC_000964.3", False),
    ],
)
def test_the_reference_genome_is_known_by_its_accessions(
    tmp_path: Path, file: str, contig: str, is_k12: bool
) -> None:
    assert corpus.reference_obstacle(tmp_path) is None
    plant(
        tmp_path / "reference/release/manifest.parquet", tables.MANIFEST, url=[f"https://x/{file}"]
    )
    # the assembly is the name that the configuration gives it, which proves nothing
    about = {"name": [contig], "assembly": ["Escherichia coli K-12 MG1655"]}
    plant(tmp_path / "reference/contigs.parquet", tables.CONTIGS, **about)
    obstacle = corpus.reference_obstacle(tmp_path)
    assert (obstacle is None) == is_k12
    assert is_k12 or file in str(obstacle)


def test_ones_own_genomes_are(tmp_path: Path) -> None:
    assert "own genomes" in str(corpus.obstacle(tmp_path))


@pytest.mark.parametrize(
    ("said", "obstacle"),
    [
        ({"published": {"verified": True}}, None),
        ({"published": {"verified": False}}, "not seen to be the published"),
        ({}, "not seen to be the published"),
    ],
)
def test_without_a_corpus_that_of_the_model_counts(
    tmp_path: Path, said: dict[str, object], obstacle: str | None
) -> None:
    (tmp_path / "glm").mkdir()
    (tmp_path / "glm/provenance.json").write_text(json.dumps(said))
    found = corpus.obstacle(tmp_path)
    assert found is None if obstacle is None else obstacle in str(found)


@pytest.mark.parametrize(
    "name", ["facebook/esm2_t33_650M_UR50D", "esm2_t33_650M_UR50D", "esm2_t33_650M_UR50D.pt"]
)
def test_the_papers_protein_model_is_no_obstacle(tmp_path: Path, name: str) -> None:
    write_identity(tmp_path, name=name, weights="trained", is_demo=False)
    assert embedding.obstacle(tmp_path) is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "demo", "weights": "trained", "is_demo": True}, "no substitute"),
        ({"name": "facebook/esm2_t6_8M_UR50D", "weights": "trained"}, "no substitute"),
        ({"name": "esm2_t33_650M_UR50D", "weights": "random"}, "random weights"),
        (
            {"name": "esm2_t33_650M_UR50D", "weights": "trained", "layers": 6, "features": 320},
            "called esm2_t33_650M_UR50D, but has 6 layers and 320 features",
        ),
    ],
)
def test_other_protein_models_are(tmp_path: Path, fields: dict[str, object], reason: str) -> None:
    write_identity(tmp_path, **fields)
    assert reason in str(embedding.obstacle(tmp_path))


def test_what_was_counted_is_read(tmp_path: Path) -> None:
    path = tmp_path / "metagenomes/subcontigs.parquet"
    path.parent.mkdir()
    with tables.TableWriter(path, tables.SUBCONTIGS, STAMP) as writer:
        writer.counts = {"genes": 65, "genes_without_representative": 3}
    missing = corpus.without_representative(tmp_path)
    assert (missing.value, missing.n) == (3 / 65, 65)
    plant(
        tmp_path / "decontamination/removed_by_assembly.parquet", tables.REMOVED_BY_ASSEMBLY,
        assembly=["a", "b"], subcontigs=[1, 2], removed=[1, 0], train=[0, 2],
    )  # fmt: skip
    removed = decontamination.removed(tmp_path)
    assert (removed.value, removed.note) == (1 / 3, "1 of 3 subcontigs")
    plant(tmp_path / "glm/metrics.parquet", tables.METRICS, subcontigs=[3, 7])
    assert training.epochs(tmp_path).value == 4


def test_what_was_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotRunError, match=f"missing {tmp_path.name}/metagenomes/embeddings"):
        embedding.truncated(tmp_path)
    with pytest.raises(NotRunError, match=f"missing {tmp_path.name}/glm/config.json"):
        training.NUMBERS["glm.layers"](tmp_path)


def test_parameters_are_counted_without_loading_them(tmp_path: Path) -> None:
    save_file({"a": torch.zeros(3, 5), "b": torch.zeros(7)}, tmp_path / "m.safetensors")
    assert training.count_parameters(tmp_path / "m.safetensors") == 22
