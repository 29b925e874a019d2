from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from tests.plant import STAMP, plant

from glm import tables
from glm.errors import NotRunError
from glm.report.paper import PaperValue, paper_values, settings
from glm.report.scorecard import (
    DIFFERS,
    NOT_COMPARABLE,
    NOT_RUN,
    OTHER_SETTING,
    REPRODUCED,
    SAME_SETTING,
    STAGES,
    UNDECIDED,
    build,
    row,
    status_of,
)
from glm.report.scorecard_text import protein_model_line, text_of, to_markdown
from glm.scorecard_entries import CORPUS, PROTEIN_MODEL, Number, read_numbers

INTERVAL = {"lower": 0.70, "upper": 0.74}


@pytest.mark.parametrize(
    ("paper", "measured", "status", "reason"),
    [
        (0.719, Number(0.72, **INTERVAL), REPRODUCED, "interval"),
        (0.719, Number(0.60, lower=0.58, upper=0.62), DIFFERS, "by -0.119 (-16.6 %)"),
        (0.719, Number(0.7, lower=0.3, upper=0.9, chance=0.2), UNDECIDED, "is from 0.2"),
        (0.03, Number(0.02, lower=-0.02, upper=0.06), UNDECIDED, "wider than 0.03 is from 0"),
        (0.02, Number(0.0249, lower=-0.3, upper=0.019), UNDECIDED, "wider than 0.02 is from 0"),
        (0.79, Number(None, chance=0.25), UNDECIDED, "nothing could be measured"),
        (0.198, Number(0.1982), REPRODUCED, "as the paper rounds it"),
        (0.198, Number(0.245), DIFFERS, "by +0.047"),
        (0.052, Number(0.0515, tolerance=0.0015), REPRODUCED, "within 0.0015"),
        (0.052, Number(0.06, tolerance=0.0015), DIFFERS, "by +0.008"),
        (19, Number(19, setting=True), SAME_SETTING, ""),
        (19, Number(3, setting=True), OTHER_SETTING, "by -16"),
        (1e-4, Number(0.0001, setting=True), SAME_SETTING, ""),
        (1e-4, Number(0.00012, setting=True), OTHER_SETTING, "by +2e-05"),
        ([15, 30], Number([15, 29], setting=True), OTHER_SETTING, "[15, 29] instead of [15, 30]"),
        ("L2-H7", Number("L1-H1"), DIFFERS, '"L1-H1" instead of "L2-H7"'),
        (None, Number(0.2), NOT_COMPARABLE, "no such number"),
    ],
)
def test_the_status_is_computed(paper: object, measured: Number, status: str, reason: str) -> None:
    found, why = status_of(paper, measured, {})
    assert found == status
    assert reason in why


def test_what_is_not_the_papers_makes_a_number_incomparable_and_a_setting_not() -> None:
    obstacles = {CORPUS: "the demo's corpus", PROTEIN_MODEL: "a small model"}
    learned = Number(0.72, **INTERVAL, needs=(CORPUS, PROTEIN_MODEL))
    assert status_of(0.719, learned, obstacles) == (
        NOT_COMPARABLE,
        "the demo's corpus; a small model",
    )
    of_corpus = Number(5, needs=(CORPUS,))
    assert status_of(5, of_corpus, {PROTEIN_MODEL: "a small model"})[0] == REPRODUCED
    assert status_of(19, Number(19, setting=True), obstacles)[0] == SAME_SETTING


def test_a_result_by_other_labels_reproduces_nothing() -> None:
    silver = Number(0.77, lower=0.76, upper=0.78, obstacle="labels are the silver standard")
    assert status_of(0.77, silver, {}) == (NOT_COMPARABLE, "labels are the silver standard")


def test_what_could_not_be_measured_is_shown_as_nothing() -> None:
    made = row(PaperValue("a.b", 1, "Figure 1"), Number(None, note="too few"), {})
    assert (made["status"], made["note"]) == (UNDECIDED, "nothing could be measured; too few")
    assert text_of(made["value"]) == ""


def test_what_is_missing_is_said() -> None:
    made = row(PaperValue("a.b", 1, "Figure 1"), NotRunError("missing demo/a.parquet"), {})
    assert (made["status"], made["value"]) == (NOT_RUN, None)
    assert "missing demo/a.parquet" in made["note"]
    assert "no analysis" in row(PaperValue("a.b", 1, "Figure 1"), None, {})["note"]


def test_an_empty_run_has_every_number_of_the_paper_and_nothing_reproduced(
    tmp_path: Path,
) -> None:
    scorecard = build(tmp_path / "demo")
    assert set(paper_values()) <= set(scorecard.id)
    assert not scorecard.id.duplicated().any()
    reported = scorecard[scorecard.status != NOT_RUN]
    constants = {"embedding.orientation", "glm.positions"}
    assert set(reported.id) == constants
    path = tmp_path / "scorecard.parquet"
    tables.write(scorecard, path, tables.SCORECARD, STAMP)
    assert tables.read(path, tables.SCORECARD).num_rows == len(scorecard)


def plant_ids(path: Path, *ids: str) -> Path:
    return plant(path, tables.NUMBERS, id=ids, value="0.5", needs=[[]] * len(ids), tolerance=None)


def test_numbers_stand_in_sections_the_baselines_after_the_models(tmp_path: Path) -> None:
    given = "baseline.chance", "operons.more", "glm.heldout_pseudo_accuracy"
    ids = build(tmp_path / "demo", [plant_ids(tmp_path / "n.parquet", *given)]).id.tolist()
    assert set(given) < set(ids)
    sections = [name.split(".")[0] for name in ids]
    changes = sum(one != other for one, other in pairwise(sections))
    assert changes == len(set(sections)) - 1
    assert sections.index("baseline") == sections.index("annotation") - 1


def test_the_closest_reading_stands_beside_the_papers_number(tmp_path: Path) -> None:
    path = plant_ids(tmp_path / "n.parquet", "glm.reference_pseudo_accuracy_closest")
    scorecard = build(tmp_path / "demo", [path]).set_index("id")
    for name in ("glm.reference_pseudo_accuracy", "glm.reference_pseudo_accuracy_closest"):
        assert json.loads(scorecard.paper_value[name]) == 0.719


def test_what_a_stage_knows_is_a_number_of_the_paper() -> None:
    assert {name for stage in STAGES for name in stage.NUMBERS} <= set(paper_values())


def test_settings_are_those_of_the_configuration(root: Path) -> None:
    config = yaml.safe_load((root / "config/config.yaml").read_text())
    found = settings(config)
    assert all(number.setting for number in found.values())
    others = {name for name, number in found.items() if number.value != paper_values()[name].value}
    assert others == {"bilstm.steps"}, "the paper's configuration, but for the table's misprint"
    assert found["glm.gpus"].value == 4


def write_numbers(path: Path) -> Path:
    """What an analysis gives: a number of the paper, and one beside it."""
    return plant(
        path,
        tables.NUMBERS,
        id=["operons.best_head_pearson_r", "operons.strand_only"],
        value=["0.4", "0.5"],
        lower=[0.35, None],
        upper=[0.45, None],
        n=4000,
        unit="gene pairs",
        needs=[[], ["corpus"]],
        tolerance=None,
    )


def test_an_analysis_gives_its_numbers(tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "numbers.parquet")
    assert read_numbers(path)["operons.best_head_pearson_r"].value == 0.4
    scorecard = build(tmp_path / "demo", [path]).set_index("id")
    assert scorecard.status["operons.best_head_pearson_r"] == REPRODUCED
    assert scorecard.status["operons.strand_only"] == NOT_COMPARABLE
    assert scorecard.status["operons.operons"] == NOT_RUN


def test_an_analysis_that_the_paper_lacks_and_that_did_not_run_has_one_row(
    tmp_path: Path,
) -> None:
    lacks = {"benchmarks.*": "needs the benchmark's data", "taxonomy.*": "needs genomes"}
    found = build(tmp_path, lacks=lacks).set_index("id")
    assert tuple(found.loc["benchmarks", ["status", "note"]]) == (
        NOT_RUN,
        "needs the benchmark's data",
    )
    assert "taxonomy" not in found.index


def test_the_page_has_a_line_for_every_number(tmp_path: Path, root: Path) -> None:
    config = yaml.safe_load((root / "config/config.yaml").read_text())
    scorecard = build(
        tmp_path / "demo", [write_numbers(tmp_path / "numbers.parquet")], config, seed=9
    )
    page = to_markdown(scorecard, "demo")
    assert page.startswith("# Scorecard of run demo\n\nProtein model: unknown (missing demo/")
    assert page.count("\n| ") == len(scorecard) + 1
    correlation = "| 0.44 | 0.4 | 0.35 to 0.45 | 4,000 gene pairs | 9 |"
    assert f"| operons.best_head_pearson_r | Figure 4 {correlation}" in page
    setting = "| Methods, gLM architecture and training | 4 | 4 |  |  |  | same setting |"
    assert f"| glm.gpus {setting}" in page


def test_the_protein_model_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "demo" / "protein_model"
    folder.mkdir(parents=True)
    identity = {"name": "demo-esm", "weights": "trained", "is_demo": True, "note": "1.3 M"}
    (folder / "identity.json").write_text(json.dumps(identity))
    line = protein_model_line(build(tmp_path / "demo"))
    assert line == "Protein model: demo-esm, no substitute for esm2_t33_650M_UR50D (1.3 M)."
