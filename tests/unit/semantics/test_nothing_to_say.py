"""Where there is nothing to compare, the rules end well and say why in the place of the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.plant import plant
from tests.random_model import random_model, write_fits
from tests.script import call
from tests.unit.inference.conftest import FEATURES, write_subcontigs

from glm import tables

GENES = 26


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five subcontigs, each protein once, none of them annotated."""
    folder = tmp_path_factory.mktemp("run")
    number = np.arange(GENES, dtype=np.int32)
    np.save(folder / "store.npy", np.zeros((GENES, FEATURES), np.float16))
    parts = np.split(number, [5, 8, 12, 20])
    write_subcontigs(folder, [part.astype(int) for part in parts], number, number % 2 > 0)
    write_fits(folder, np.zeros(FEATURES), np.ones(FEATURES), np.eye(4, FEATURES))
    random_model(FEATURES, components=4).save_pretrained(folder / "glm")
    plant(
        folder / "annotations.parquet",
        tables.ANNOTATIONS,
        representative=number,
        protein=number + 1000,
        hit=None,
        product=None,
    )
    return folder


def model_options(run: Path) -> dict[str, object]:
    names = ("standardisation", "label_components", "subcontigs")
    tables_of = {name: run / f"{name}.parquet" for name in names}
    weights = {"model": run / "glm" / "model.safetensors", "store": run / "store.npy"}
    return {**weights, **tables_of, "precision": "bf16", "layer": "last", "gpus": 0, "threads": 1}


FEW = {"seeds": 3, "bootstrap_rounds": 10}


def test_a_share_without_annotated_proteins(run: Path) -> None:
    names = ("points", "transfer", "same_product", "numbers")
    made = {name: run / f"{name}.parquet" for name in names}
    call(
        "measure_annotation_transfer", **model_options(run), **made, **FEW, share=1.0, seed=1,
        annotations=run / "annotations.parquet", target_precision=0.5, maximum_drawn=100,
        projection="pca", figures=[run / "figures" / "annotation_transfer.png"],
    )  # fmt: skip
    reason = tables.read_stamp(made["transfer"])["parameters"]["reason"]
    assert reason.startswith("0 annotated and 26 unannotated proteins")
    assert (run / "figures" / "annotation_transfer.pdf").is_file()
    assert len(tables.read(made["same_product"], tables.SAME_PRODUCT)) == 0


def test_a_corpus_in_which_no_protein_occurs_often(run: Path) -> None:
    names = ("variances", "fits", "words", "numbers")
    made = {name: run / f"{name}.parquet" for name in names}
    call(
        "measure_context_variance", **made, **FEW, subcontigs=run / "subcontigs.parquet",
        annotations=run / "annotations.parquet", trained=[run / "x.parquet"], seed=1,
        minimum_occurrences=100, sample_size=100, samples=10, maximum_proteins=100,
        tail_share=0.05, minimum_word=5, figures=[run / "figures" / "context_variance.png"],
    )  # fmt: skip
    assert len(tables.read(run / "numbers.parquet", tables.NUMBERS)) == 0
    reason = tables.read_stamp(made["variances"])["parameters"]["reason"]
    assert reason.startswith("no protein occurs 100 times away from the edges")
    assert (run / "figures" / "context_variance.png").is_file()
