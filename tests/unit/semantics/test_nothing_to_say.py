"""Where there is nothing to compare, the rules end well and say why in the place of the figure."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.random_model import write_fits, write_weights
from tests.script import call
from tests.unit.contextualisation.conftest import FEATURES, write_subcontigs

from glm import tables

STAMP = {"producer": "test"}
GENES = 26
ENTRY = {
    "name": "nobody",
    "title": "Nobody",
    "group_by": "set",
    "sets": [{"name": "none", "accessions": ["MGYP9"]}],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of five subcontigs, each protein once, none of them annotated."""
    folder = tmp_path_factory.mktemp("run")
    number = np.arange(GENES, dtype=np.int32)
    np.save(folder / "store.npy", np.zeros((GENES, FEATURES), np.float16))
    parts = np.split(number, [5, 8, 12, 20])
    write_subcontigs(folder, [part.astype(int) for part in parts], number, number % 2 > 0)
    write_fits(folder, np.zeros(FEATURES), np.ones(FEATURES), components=4)
    write_weights(folder / "glm", FEATURES, components=4)
    about = {"representative": number, "protein": number + 1000}
    sequences = pd.DataFrame({**about, "length": 2, "sha256": "", "sequence": "MK"})
    path = folder / "representatives.parquet"
    tables.write(sequences, path, tables.REPRESENTATIVES, STAMP)
    notes = pd.DataFrame(
        {
            **about,
            "hit": None,
            "product": None,
            "evalue": None,
            "identity": None,
            "annotated": False,
        }
    )
    tables.write(notes, folder / "annotations.parquet", tables.ANNOTATIONS, STAMP)
    return folder


def model_options(run: Path) -> dict[str, Path | str]:
    names = ("standardisation", "label_components", "subcontigs")
    tables_of = {name: run / f"{name}.parquet" for name in names}
    return {"model": run / "glm", "store": run / "store.npy", "precision": "bf16", **tables_of}


def test_an_empty_focal_set(run: Path, diamond: str) -> None:
    entry, genes = json.dumps(ENTRY), run / "focal.parquet"
    call(
        "find_focal_genes", entry=entry, representatives=run / "representatives.parquet",
        subcontigs=run / "subcontigs.parquet", output=genes,
    )  # fmt: skip
    assert tables.read_counts(genes) == {"places of none": 0, "places": 0, "places kept": 0}
    made = {"points": run / "points.parquet", "separation": run / "separation.parquet"}
    call("analyse_semantics", entry=entry, focal_genes=genes, **model_options(run), **made)
    assert len(tables.read(made["separation"], tables.SEPARATION)) == 0
    reason = tables.read_stamp(made["separation"])["parameters"]["reason"]
    assert reason == "0 groups with enough genes; two are needed"
    call("plot_semantics", **made, folder=run / "figures")
    assert (run / "figures" / "nobody.png").stat().st_size > 1000


def test_a_share_without_annotated_proteins(run: Path) -> None:
    made = {"points": run / "p.parquet", "transfer": run / "t.parquet"}
    notes = {"annotations": run / "annotations.parquet", "share": 1.0}
    call("measure_annotation_transfer", **model_options(run), **notes, **made)
    reason = tables.read_stamp(made["transfer"])["parameters"]["reason"]
    assert reason.startswith("0 annotated and 26 unannotated proteins")
    call("plot_annotation_transfer", **made, folder=run / "figures")
    assert (run / "figures" / "annotation_transfer.pdf").is_file()


def test_a_corpus_in_which_no_protein_occurs_often(run: Path) -> None:
    made = {name: run / f"{name}.parquet" for name in ("variances", "fits", "words")}
    call(
        "measure_context_variance", **made, numbers=run / "numbers.parquet",
        subcontigs=run / "subcontigs.parquet", annotations=run / "annotations.parquet",
        contextual=("trained", "x", 1),
    )  # fmt: skip
    assert len(tables.read(run / "numbers.parquet", tables.NUMBERS)) == 0
    reason = tables.read_stamp(made["variances"])["parameters"]["reason"]
    assert reason.startswith("no protein occurs 100 times away from the edges")
    call("plot_context_variance", **made, folder=run / "figures")
    assert (run / "figures" / "context_variance.png").is_file()
