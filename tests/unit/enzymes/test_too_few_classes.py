"""Too few enzymes or taxa: the rules end well and say why in the place of the figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.captions import caption_of
from tests.plant import plant, plant_representatives, plant_splits
from tests.script import call
from tests.unit.inference.conftest import FEATURES, LENGTHS, run_folder

from glm import tables
from glm.inference.replicates import to_table

__all__ = ["run_folder"]  # a fixture


def test_one_enzyme_class(run_folder: Path, tmp_path: Path) -> None:
    number = range(10)
    ec = ["1.1.1.1"] * 8 + ["2.2.2.2", "1.1.1.-"]
    named = {"representative": number, "protein": number, "ec": ec}
    enzymes = plant(tmp_path / "enzymes.parquet", tables.ENZYMES, **named)
    names = 10 * np.arange(len(LENGTHS)) + 7
    splits = ["train"] * len(LENGTHS)
    splits_path = plant_splits(tmp_path / "splits.parquet", splits, subcontig=names)
    path = tmp_path / "representatives.parquet"
    representatives = plant_representatives(path, ["MK"] * 10)
    corpus = {"subcontigs": run_folder / "subcontigs.parquet"}
    examples, features = tmp_path / "examples.parquet", tmp_path / "features.parquet"
    call("select_enzymes", enzymes=enzymes, splits=splits_path,
         representatives=representatives, sampled=100, minimum_proteins=3, homologue_identity=0.5,
         protocol="paper", threads=1, seed=1, examples=examples, **corpus)  # fmt: skip
    about = tables.read_stamp(examples)["parameters"]
    assert about["reason"].startswith("1 enzyme classes have 3 proteins or more")
    assert about["partial_numbers"] == 1
    fitted = {name: run_folder / f"{name}.parquet"
              for name in ("standardisation", "label_components")}  # fmt: skip
    call("embed_enzymes", examples=examples, model=run_folder / "glm" / "model.safetensors",
         store=run_folder / "store.npy", precision="fp32", layer="last", subcontigs_per_batch=256,
         seeds=3, gpus=0, threads=1, seed=1, features=features, **corpus, **fitted)  # fmt: skip
    made = {name: tmp_path / f"{name}.parquet" for name in ("results", "classes")}
    drawn = ("enzyme_network", "enzyme_results", "enzyme_classes")
    figures = [tmp_path / "figures" / f"{name}.png" for name in drawn]
    call("classify_enzymes", examples=examples, features=features, reference="none", perceptron={},
         representatives=representatives, seeds=3, bootstrap_rounds=10, minimum_test=3, gpus=0,
         threads=1, seed=1, numbers=tmp_path / "numbers.parquet", figures=figures,
         **made)  # fmt: skip
    assert len(tables.read(made["results"], tables.ENZYME_RESULTS)) == 0
    assert len(tables.read(tmp_path / "numbers.parquet", tables.NUMBERS)) == 0
    for path in figures:
        said = caption_of(path)
        assert said.startswith("Nothing could be measured: 1 enzyme classes have 3 proteins")


def test_one_taxon(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    contigs = plant(
        tmp_path / "contigs.parquet",
        tables.TAXONOMY_CONTIGS,
        subcontig=range(30),
        accession=[f"GCF_{number // 3}" for number in range(30)],
        domain="Bacteria",
        taxonomic_class="Bacilli",
        genus=[f"genus {number // 6}" for number in range(30)],
    )
    rows = rng.normal(size=(30, FEATURES)).astype(np.float32)
    names = ("context_free", "trained", "untrained", "shuffled")
    features = to_table({name: [rows] for name in names}, subcontig=np.arange(30))
    tables.write(features, tmp_path / "features.parquet", tables.TAXONOMY_FEATURES, {})
    names = ("results", "curves", "confusion", "coordinates", "numbers")
    made = {name: tmp_path / f"{name}.parquet" for name in names}
    call("classify_taxonomy", contigs=contigs, group="genus", folds=5, seeds=3,
         features=tmp_path / "features.parquet", label="taxonomic_class", seed=1,
         bootstrap_rounds=10, projection="pca", figures=[tmp_path / "figures" / "x.png"],
         **made)  # fmt: skip
    assert len(tables.read(made["results"], tables.TAXONOMY_RESULTS)) == 0
    assert len(tables.read(made["coordinates"], tables.TAXONOMY_PROJECTION)) == 60
    said = caption_of(tmp_path / "figures" / "taxonomy_confusion.png")
    assert said.startswith(
        "Nothing could be measured: under two labels have a contig for each fold"
    )
