from __future__ import annotations

import json
import shutil
from pathlib import Path

import networkx as nx
from tests.unit.report.planted_run import PROTEINS, write_points

from glm import tables
from glm.provenance import stamp
from glm.report import lineage
from glm.report.captions import Caption

Planted = tuple[Path, dict[Path, Caption]]


def test_files_are_listed_with_what_they_count(planted: Planted) -> None:
    found = {artefact.path: artefact for artefact in lineage.read_artefacts(planted[0])}
    assert found["metagenomes/subcontigs.parquet"].counts["genes_without_representative"] == 1
    assert found["semantics/projection.parquet"].rows == 2 * PROTEINS
    assert found["semantics/projection.parquet"].stamp["producer"] == "project_proteins"


def test_shards_are_one_and_models_and_stores_are_found(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for shard in range(3):
        path = run / "metagenomes" / "embeddings" / f"{shard}.parquet"
        with tables.TableWriter(path, tables.REPRESENTATIVES, stamp("embed_proteins")) as writer:
            writer.counts = {"proteins": 2}
    (run / "glm" / "state").mkdir(parents=True)
    (run / "glm" / "model.safetensors").write_bytes(b"weights")
    (run / "glm" / "provenance.json").write_text(json.dumps(stamp("train_glm")))
    (run / "glm" / "state" / "provenance.json").write_text(json.dumps(stamp("train_glm")))
    found = lineage.read_artefacts(run)
    assert [(artefact.path, artefact.files, artefact.bytes > 0) for artefact in found] == [
        ("glm/model.safetensors", 1, True),
        ("metagenomes/embeddings/*.parquet", 3, True),
    ]
    assert found[1].counts == {"proteins": 6}
    assert found[1].link is None


def test_a_line_leads_from_what_was_read_and_none_that_others_imply(planted: Planted) -> None:
    graph = lineage.producer_graph(lineage.read_artefacts(planted[0]), planted[0])
    assert list(graph.edges) == [("build_subcontigs", "project_proteins")]
    triangle = nx.DiGraph([("a", "b"), ("b", "c"), ("a", "c")])
    assert sorted(lineage.reduced(triangle).edges) == [("a", "b"), ("b", "c")]


def test_an_input_that_has_changed_since_is_named(planted: Planted, tmp_path: Path) -> None:
    run = tmp_path / "results" / "planted"
    shutil.copytree(planted[0], run)
    assert lineage.check_inputs(lineage.read_artefacts(run), run) == lineage.Agreement(1, ())
    write_points(run / "metagenomes" / "subcontigs.parquet", run / "report" / "scorecard.md")
    found = lineage.check_inputs(lineage.read_artefacts(run), run)
    assert found.changed == (
        "semantics/projection.parquet was made from another metagenomes/subcontigs.parquet",
    )


def test_versions_that_are_mixed_and_seeds_are_reported() -> None:
    artefacts = [
        lineage.Artefact("a", {"producer": "x", "versions": {"torch": "1"}, "seed": 3}),
        lineage.Artefact("b", {"producer": "x", "versions": {"torch": "2"}, "seed": None}),
    ]
    assert lineage.versions(artefacts) == {"torch": ["1", "2"]}
    assert lineage.seeds(artefacts) == {"x": [3]}
