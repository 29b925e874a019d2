"""The operon rules, run by snakemake on a stretch of the real K-12 genome."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.captions import caption_of
from tests.plant import plant, plant_subcontigs
from tests.random_model import write_model
from tests.workflow.small_run import make_checkout, run_snakemake

from glm import tables
from glm.corpus.refseq import read_genome
from glm.operons import predictor
from glm.provenance import stamp

GENES, WINDOW = 540, 30
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


def write_genome(root: Path, folder: Path, first: int, name: str) -> np.ndarray:
    """Some genes of K-12 as a corpus whose embeddings are amino-acid frequencies; their strands."""
    source = root / "resources" / "demo" / "reference"
    feature_table, proteins = (next(source.glob(f"*_{name}.gz")) for name in
                               ("feature_table.txt", "protein.faa"))  # fmt: skip
    genes, named = read_genome(feature_table, proteins)
    genes, named = genes[first : first + GENES], named[first : first + GENES]
    made = stamp("test")
    number = np.arange(GENES)
    forward = np.array([gene.forward for gene in genes])
    plant(
        folder / "genes.parquet",
        tables.GENES,
        made,
        rank=number,
        protein=number,
        start=[gene.start for gene in genes],
        end=[gene.end for gene in genes],
        forward=forward,
        partial=None,
    )
    contig = {"name": [name], "assembly": name, "biome": None, "genes": GENES}
    plant(folder / "contigs.parquet", tables.CONTIGS, made, **contig)
    sequences = [protein.sequence for protein in named]
    plant(
        folder / "proteins.parquet",
        tables.PROTEINS,
        made,
        protein=number,
        accession=[f"NP_{n}" for n in number],
        symbol=[f"gen{n}" for n in number],
        locus_tag=[f"b{n:04d}" for n in number],
        product="protein",
        sequence=sequences,
    )
    plant_subcontigs(
        folder / "subcontigs.parquet",
        np.split(number, GENES // WINDOW),
        stamp=made,
        contig=0,
        first_rank=range(0, GENES, WINDOW),
        assembly=name,
        forward=np.split(forward, GENES // WINDOW),
    )
    shares = [[sequence.count(letter) / len(sequence) for letter in RESIDUES]
              for sequence in sequences]  # fmt: skip
    np.save(folder / "embedding_store.npy", np.array(shares, np.float16))
    return forward


@pytest.fixture(scope="module")
def workplace(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which snakemake finds the rules and what they need."""
    folder = make_checkout(root, tmp_path_factory.mktemp("operons"))
    run = folder / "results" / "small"
    forward = write_genome(root, run / "reference", 0, "K-12")
    mine = write_genome(root, run / "metagenomes", 2 * GENES, "Mine")
    store = np.load(run / "reference" / "embedding_store.npy").astype(float)
    write_model(run, store)
    # RegulonDB's old format: runs of two genes on one strand, and one name that does not map
    operons = [n for n in range(0, GENES - 1, 4) if forward[n] == forward[n + 1]]
    lines = [f"op{n}\t1\t2\tforward\t2\tgen{n},b{n + 1:04d}\t\tWeak\n" for n in operons]
    (folder / "OperonSet.txt").write_text("".join(["# remark\n", *lines, "x\t1\t2\t\t1\tgone\n"]))
    own = [(n, n + 1) for n in range(0, GENES - 1, 4) if mine[n] == mine[n + 1]]
    table = ["gene\toperon\n", *(f"b{gene:04d}\t{pair[0]}\n" for pair in own for gene in pair)]
    (folder / "mine.tsv").write_text("".join(table))
    overlay = {
        "run": "small",
        "release": {"source": "genomes", "genomes": ["mine.gbk"]},
        "gpus": 0,
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
    done = run_snakemake(folder, "--configfile", "small.yaml", "--cores", "2", "operons")
    assert done.returncode == 0, done.stderr[-4000:]
    return run


def frame(workplace: Path, name: str, declared: tables.Table) -> pd.DataFrame:
    """One of the analysis' tables."""
    return tables.read(workplace / "operons" / f"{name}.parquet", declared).to_pandas()


def test_labels_are_the_lists_and_what_does_not_map_is_reported(workplace: Path) -> None:
    about = tables.read_stamp(workplace / "operons/reference/pairs.parquet")["parameters"]
    assert about["labels"] == "RegulonDB (version 11 or earlier)"
    mapping = frame(workplace, "reference/mapping", tables.OPERON_MAPPING)
    assert mapping.loc[mapping["how"] == "unmapped", "gene"].tolist() == ["gone"]
    assert set(mapping["how"]) == {"symbol", "locus tag", "unmapped"}
    pairs = frame(workplace, "reference/pairs", tables.GENE_PAIRS)
    assert len(pairs) == GENES // WINDOW * WINDOW * (WINDOW - 1) // 2
    # operons of two genes that begin at even ranks: no window of thirty cuts one
    assert about["operons"] == pairs["same_operon"].sum() > 80


def test_every_layer_and_head_of_every_variant_is_there(workplace: Path) -> None:
    shards = sorted((workplace / "attention" / "reference").glob("*/*.parquet"))
    assert len(shards) == 4 * 2
    assert tables.read_vectors(shards[0], tables.ATTENTION, "attention").shape[1] == 2 * 3
    heads = frame(workplace, "attention_heads", tables.ATTENTION_HEADS)
    assert heads.groupby(["model", "pairs"]).size().drop("distance").eq(6).all()
    assert (heads["other_half_n"] < heads["n"]).all()


def test_every_pair_has_a_coupling(workplace: Path) -> None:
    path = workplace / "couplings" / "reference.parquet"
    found = tables.read(path, tables.COUPLINGS).to_pandas()
    assert len(found) == GENES // WINDOW * WINDOW * (WINDOW - 1) // 2
    assert (found["coupling"] > 0).all()
    # what is taken off has the mean of what it is taken off, nearly
    assert found["corrected"].mean() == pytest.approx(0, abs=found["coupling"].mean() / 10)


def test_all_baselines_stand_in_one_table(workplace: Path) -> None:
    table = frame(workplace, "comparison", tables.OPERON_COMPARISON)
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
        "coupling",
    } <= set(table["features"])
    assert (table["lower"] <= table["average_precision"]).mean() > 0.9
    assert (table["average_precision"] <= table["upper"]).mean() > 0.9


def test_the_predictor_is_json_and_predicts(workplace: Path) -> None:
    fitted = predictor.load(workplace / "operons" / "predictor.json")
    assert fitted.stamp["producer"] == "classify_operons"
    predictions = frame(workplace, "reference/predictions", tables.OPERON_PREDICTIONS)
    assert len(predictions) == GENES // WINDOW * (WINDOW - 1)
    assert predictions[["strand_distance", "attention", "combined"]].stack().between(0, 1).all()


def test_it_predicts_on_a_genome_of_ones_own_with_calibration(workplace: Path) -> None:
    predictions = frame(workplace, "mine/predictions", tables.OPERON_PREDICTIONS)
    assert len(predictions) == GENES // WINDOW * (WINDOW - 1)
    about = tables.read_stamp(workplace / "operons/mine/predictions.parquet")["parameters"]
    assert about["fitted_labels"] == "RegulonDB (version 11 or earlier)"
    assert about["labels"] == "table of genes and operons"
    transfer = frame(workplace, "transfer", tables.OPERON_TRANSFER)
    assert set(transfer["genome"]) == {"Mine"}
    assert {"attention", "strand + distance", "distance rule 300 bp"} < set(transfer["features"])
    bins = frame(workplace, "calibration", tables.OPERON_CALIBRATION)
    counts = bins.groupby(["genome", "features"])["count"].sum()
    assert (counts == GENES // WINDOW * (WINDOW - 1)).all()
    assert len(counts) == 2 * 3


def test_figures_and_numbers_are_whole(workplace: Path) -> None:
    figures = sorted((workplace / "operons" / "figures").iterdir())
    assert len(figures) == 2 * 6
    for path in figures:
        assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF")
    numbers = frame(workplace, "numbers", tables.NUMBERS)
    value = numbers.set_index("id")["value"].map(json.loads)
    assert value["operons.heads"] == 6
    drawn = caption_of(workplace / "operons/figures/operon_examples.png")
    assert f"attention of {value['operons.best_head']}, of all heads the best" in drawn
    assert 0 < value["operons.logistic_regression_average_precision"] < 1
