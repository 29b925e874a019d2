"""The operon rules, run by snakemake on a stretch of the real K-12 genome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.random_model import write_model

from glm import tables
from glm.corpus.refseq import read_genome
from glm.operons import predictor
from glm.provenance import stamp

GENES, WINDOW = 540, 30
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def write_genome(root: Path, folder: Path, first: int, name: str) -> pd.DataFrame:
    """Some genes of K-12 as a corpus whose embeddings are amino-acid frequencies."""
    source = root / "resources" / "demo" / "reference"
    feature_table, proteins = (next(source.glob(f"*_{name}.gz")) for name in
                               ("feature_table.txt", "protein.faa"))  # fmt: skip
    genes, named = read_genome(feature_table, proteins)
    genes, named = genes[first : first + GENES], named[first : first + GENES]
    made = stamp("test")
    number = np.arange(GENES)
    rows = pd.DataFrame(
        {
            "contig": 0,
            "rank": number,
            "protein": number,
            "start": [gene.start for gene in genes],
            "end": [gene.end for gene in genes],
            "forward": [gene.forward for gene in genes],
            "partial": None,
        }
    )
    tables.write(rows, folder / "genes.parquet", tables.GENES, made)
    contig = {"contig": [0], "name": [name], "assembly": [name], "biome": [None]}
    tables.write(
        pd.DataFrame({**contig, "genes": [GENES]}), folder / "contigs.parquet", tables.CONTIGS, made
    )
    names = pd.DataFrame(
        {
            "protein": number,
            "accession": [f"NP_{n}" for n in number],
            "symbol": [f"gen{n}" for n in number],
            "locus_tag": [f"b{n:04d}" for n in number],
            "product": "protein",
            "sequence": [protein.sequence for protein in named],
        }
    )
    tables.write(names, folder / "proteins.parquet", tables.PROTEINS, made)
    starts = np.arange(0, GENES, WINDOW)
    parts = [number[start : start + WINDOW] for start in starts]
    subcontigs = pd.DataFrame(
        {
            "subcontig": np.arange(len(starts)),
            "contig": 0,
            "first_rank": starts,
            "assembly": name,
            "biome": None,
            "representative": parts,
            "forward": [rows["forward"].to_numpy()[part] for part in parts],
            "protein": parts,
        }
    )
    tables.write(subcontigs, folder / "subcontigs.parquet", tables.SUBCONTIGS, made)
    shares = [[sequence.count(letter) / len(sequence) for letter in RESIDUES]
              for sequence in names["sequence"]]  # fmt: skip
    np.save(folder / "embedding_store.npy", np.array(shares, np.float16))
    return rows


@pytest.fixture(scope="module")
def workplace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which snakemake finds the rules and what they need."""
    folder = tmp_path_factory.mktemp("operons")
    for name in ("Snakefile", "workflow", "config", "envs"):
        (folder / name).symlink_to(root / name)
    run = folder / "results" / "small"
    rows = write_genome(root, run / "reference", 0, "K-12")
    mine = write_genome(root, run / "metagenomes", 2 * GENES, "Mine")["forward"].to_numpy()
    store = np.load(run / "reference" / "embedding_store.npy").astype(float)
    write_model(run, store)
    # RegulonDB's old format: runs of two genes on one strand, and one name that does not map
    forward = rows["forward"].to_numpy()
    operons = [n for n in range(0, GENES - 1, 4) if forward[n] == forward[n + 1]]
    lines = [f"op{n}\t1\t2\tforward\t2\tgen{n},b{n + 1:04d}\t\tWeak\n" for n in operons]
    (folder / "OperonSet.txt").write_text("".join(["# remark\n", *lines, "x\t1\t2\t\t1\tgone\n"]))
    own = [(n, n + 1) for n in range(0, GENES - 1, 4) if mine[n] == mine[n + 1]]
    table = ["gene\toperon\n", *(f"b{gene:04d}\t{pair[0]}\n" for pair in own for gene in pair)]
    (folder / "mine.tsv").write_text("".join(table))
    overlay = {
        "run": "small",
        "release": {"source": "genomes", "genomes": ["mine.gbk"]},
        "operons": {
            "source": "OperonSet.txt",
            "genes_per_stretch": 60,
            "bootstrap_rounds": 40,
            "attention_shards": 2,
            "examples": 2,
            "transfer": [{"name": "mine", "assembly": "Mine", "source": "mine.tsv"}],
        },
    }
    (folder / "small.yaml").write_text(yaml.safe_dump(overlay))
    command = ["snakemake", "--configfile", "small.yaml", "--cores", "2", "operons"]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return run


def test_labels_are_the_lists_and_what_does_not_map_is_reported(workplace: Path) -> None:
    path = workplace / "operons" / "reference" / "pairs.parquet"
    about = tables.read_stamp(path)["parameters"]
    assert about["labels"] == "RegulonDB (version 11 or earlier)"
    mapping = tables.read(
        workplace / "operons" / "reference" / "mapping.parquet", tables.OPERON_MAPPING
    ).to_pandas()
    assert mapping.loc[mapping["how"] == "unmapped", "gene"].tolist() == ["gone"]
    assert set(mapping["how"]) == {"symbol", "locus tag", "unmapped"}
    pairs = tables.read(path, tables.GENE_PAIRS).to_pandas()
    assert len(pairs) == GENES // WINDOW * WINDOW * (WINDOW - 1) // 2
    # operons of two genes that begin at even ranks: no window of thirty cuts one
    assert about["operons"] == pairs["same_operon"].sum() > 80


def test_every_layer_and_head_of_every_variant_is_there(workplace: Path) -> None:
    shards = sorted((workplace / "attention" / "reference").glob("*/*.parquet"))
    assert len(shards) == 4 * 2
    assert tables.read_vectors(shards[0], tables.ATTENTION, "attention").shape[1] == 2 * 3
    heads = tables.read(
        workplace / "operons" / "attention_heads.parquet", tables.ATTENTION_HEADS
    ).to_pandas()
    assert heads.groupby(["model", "pairs"]).size().drop("distance").eq(6).all()


def test_all_baselines_stand_in_one_table(workplace: Path) -> None:
    table = tables.read(
        workplace / "operons" / "comparison.parquet", tables.OPERON_COMPARISON
    ).to_pandas()
    assert set(table["folds"]) == {"random", "stretches"}
    assert {
        "strand",
        "strand + distance",
        "distance rule 50 bp",
        "distance rule 100 bp",
        "distance rule 300 bp",
        "embedding pairs",
        "attention, as the paper",
        "attention, untrained",
        "attention, reordered by place",
        "attention + distance + strand",
    } <= set(table["features"])
    assert (table["lower"] <= table["average_precision"]).mean() > 0.9
    assert (table["average_precision"] <= table["upper"]).mean() > 0.9


def test_the_predictor_is_json_and_predicts(workplace: Path) -> None:
    fitted = predictor.load(workplace / "operons" / "predictor.json")
    assert fitted.stamp["producer"] == "classify_operons"
    predictions = tables.read(
        workplace / "operons" / "reference" / "predictions.parquet", tables.OPERON_PREDICTIONS
    ).to_pandas()
    assert len(predictions) == GENES // WINDOW * (WINDOW - 1)
    assert predictions[["strand_distance", "attention", "combined"]].min().min() >= 0
    assert predictions[["strand_distance", "attention", "combined"]].max().max() <= 1


def test_it_predicts_on_a_genome_of_ones_own_with_calibration(workplace: Path) -> None:
    operons = workplace / "operons"
    path = operons / "mine" / "predictions.parquet"
    assert len(tables.read(path, tables.OPERON_PREDICTIONS)) == GENES // WINDOW * (WINDOW - 1)
    about = tables.read_stamp(path)["parameters"]
    assert about["fitted_labels"] == "RegulonDB (version 11 or earlier)"
    assert about["labels"] == "table of genes and operons"
    transfer = tables.read(operons / "transfer.parquet", tables.OPERON_TRANSFER).to_pandas()
    assert set(transfer["genome"]) == {"Mine"}
    assert {"attention", "strand + distance", "distance rule 300 bp"} < set(transfer["features"])
    bins = tables.read(operons / "calibration.parquet", tables.OPERON_CALIBRATION).to_pandas()
    counts = bins.groupby(["genome", "features"])["count"].sum()
    assert (counts == GENES // WINDOW * (WINDOW - 1)).all()
    assert len(counts) == 2 * 3


def test_figures_and_numbers_are_whole(workplace: Path) -> None:
    figures = sorted((workplace / "operons" / "figures").iterdir())
    assert len(figures) == 2 * 6
    for path in figures:
        assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF")
    numbers = tables.read(workplace / "operons" / "numbers.parquet", tables.NUMBERS).to_pandas()
    value = numbers.set_index("id")["value"].map(json.loads)
    assert value["operons.heads"] == 6
    assert value["operons.best_head"].startswith("L")
    assert 0 < value["operons.logistic_regression_average_precision"] < 1
