"""Too few enzymes or taxa: the rules end well and say why in the place of the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from tests.captions import caption_of
from tests.script import call
from tests.unit.inference.conftest import FEATURES, LENGTHS, run_folder

from glm import tables
from glm.inference.replicates import to_table

__all__ = ["run_folder"]  # a fixture

STAMP = {"producer": "test"}


def test_one_enzyme_class(run_folder: Path, tmp_path: Path) -> None:
    number = np.arange(10, dtype=np.int32)
    enzymes = pd.DataFrame(
        {
            "representative": number,
            "protein": number,
            "hit": "hit",
            "ec": ["1.1.1.1"] * 8 + ["2.2.2.2", "1.1.1.-"],
            "identity": 1.0,
            "coverage": 1.0,
            "evalue": 0.0,
        }
    )
    tables.write(enzymes, tmp_path / "enzymes.parquet", tables.ENZYMES, STAMP)
    names = 10 * np.arange(len(LENGTHS)) + 7
    splits = pd.DataFrame({"subcontig": names, "share": 0.0, "split": "train"})
    tables.write(splits, tmp_path / "splits.parquet", tables.SPLITS, STAMP)
    sequences = pd.DataFrame(
        {"representative": number, "protein": number, "length": 2, "sha256": "", "sequence": "MK"}
    )
    representatives = tmp_path / "representatives.parquet"
    tables.write(sequences, representatives, tables.REPRESENTATIVES, STAMP)
    corpus = {"subcontigs": run_folder / "subcontigs.parquet"}
    examples, features = tmp_path / "examples.parquet", tmp_path / "features.parquet"
    call("select_enzymes", enzymes=tmp_path / "enzymes.parquet", splits=tmp_path / "splits.parquet",
         representatives=representatives, sampled=100, minimum_proteins=3, homologue_identity=0.5,
         protocol="paper", threads=1, seed=1, examples=examples, **corpus)  # fmt: skip
    about = tables.read_stamp(examples)["parameters"]
    assert about["reason"].startswith("1 enzyme classes have 3 proteins or more")
    assert about["partial_numbers"] == 1
    fitted = {name: run_folder / f"{name}.parquet"
              for name in ("standardisation", "label_components")}  # fmt: skip
    call("embed_enzymes", examples=examples, model=run_folder / "glm" / "model.safetensors",
         store=run_folder / "store.npy", precision="fp32", subcontigs_per_batch=256, seeds=3,
         gpus=0, threads=1, seed=1, features=features, **corpus, **fitted)  # fmt: skip
    made = {name: tmp_path / f"{name}.parquet" for name in ("results", "classes")}
    figures = [
        tmp_path / "figures" / f"{name}.png" for name in ("enzyme_results", "enzyme_classes")
    ]
    call("classify_enzymes", examples=examples, features=features, reference="none", perceptron={},
         representatives=representatives, seeds=3, bootstrap_rounds=10, minimum_test=3, gpus=0,
         threads=1, seed=1, numbers=tmp_path / "numbers.parquet", figures=figures,
         **made)  # fmt: skip
    assert len(tables.read(made["results"], tables.ENZYME_RESULTS)) == 0
    assert len(tables.read(tmp_path / "numbers.parquet", tables.NUMBERS)) == 0
    for name in ("enzyme_results", "enzyme_classes"):
        said = caption_of(tmp_path / "figures" / f"{name}.png")
        assert said.startswith("Nothing could be measured: 1 enzyme classes have 3 proteins")


def test_one_taxon(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    contigs = pd.DataFrame(
        {
            "subcontig": np.arange(30),
            "accession": [f"GCF_{number // 3}" for number in range(30)],
            "domain": "Bacteria",
            "taxonomic_class": "Bacilli",
            "genus": [f"genus {number // 6}" for number in range(30)],
        }
    )
    tables.write(contigs, tmp_path / "contigs.parquet", tables.TAXONOMY_CONTIGS, STAMP)
    rows = rng.normal(size=(30, FEATURES)).astype(np.float32)
    names = ("context_free", "trained", "untrained", "shuffled")
    features = to_table({name: [rows] for name in names}, subcontig=np.arange(30))
    tables.write(features, tmp_path / "features.parquet", tables.TAXONOMY_FEATURES, STAMP)
    names = ("results", "curves", "confusion", "coordinates", "numbers")
    made = {name: tmp_path / f"{name}.parquet" for name in names}
    call("classify_taxonomy", contigs=tmp_path / "contigs.parquet", group="genus", folds=5, seeds=3,
         features=tmp_path / "features.parquet", label="taxonomic_class", seed=1,
         bootstrap_rounds=10, projection="umap", figures=[tmp_path / "figures" / "x.png"],
         **made)  # fmt: skip
    assert len(tables.read(made["results"], tables.TAXONOMY_RESULTS)) == 0
    assert len(tables.read(made["coordinates"], tables.TAXONOMY_PROJECTION)) == 60
    said = caption_of(tmp_path / "figures" / "taxonomy_confusion.png")
    assert said.startswith(
        "Nothing could be measured: under two labels have a contig for each fold"
    )
