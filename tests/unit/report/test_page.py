from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.plant import STAMP, plant
from tests.unit.report.planted_run import CAPTION, PROTEINS, SPACES, write_accuracy, write_benchmark

from glm import tables
from glm.errors import GlmError
from glm.figures import nothing, save_all
from glm.provenance import stamp
from glm.report import costs
from glm.report.captions import Caption, read_caption
from glm.report.interactive import (
    OTHER,
    PALETTE,
    colour_by,
    library,
    read_points,
    scatter,
    text,
    thin,
)
from glm.report.page import LARGEST, build_page, missing_panels, scorecard_page, show_figure
from glm.report.scorecard import build
from glm.semantics.figures import absent

Planted = tuple[Path, dict[Path, Caption]]


@pytest.fixture(scope="module")
def page(planted: Planted) -> str:
    run, figures = planted
    return build_page(run, figures, {"run": "planted"}, {"train_glm": 4}, seed=11)


def test_the_page_is_one_file_that_asks_nobody(page: str) -> None:
    own = page.replace(library(), "")
    assert len(own) < len(page)
    for loading in ('src="http', 'href="http', "@import", "url(http", '<link rel="stylesheet'):
        assert loading not in own
    assert len(page.encode()) < LARGEST / 3


def test_what_the_run_has_is_on_it(page: str) -> None:
    assert "Proteins &amp; their &lt;families&gt;" in page
    assert "This run: n = 60 proteins" in page
    assert 'href="../semantics/projection.parquet"' in page
    assert "GPU-hours: 4.00" in page  # an hour of four
    assert "genes without representative: 1" in page
    assert "glm.<wbr>reference_<wbr>pseudo_<wbr>accuracy<" in page  # a name may end a line


def test_panels_that_no_figure_stands_for_are_named(page: str) -> None:
    missing = page[page.index("Panels of the paper without") :]
    assert "Figure 3C" in missing
    assert "Figure 3A</th>" not in missing


def test_a_figure_that_says_why_there_is_none_stands_for_no_panel(
    planted: Planted, tmp_path: Path
) -> None:
    ((path, caption),) = planted[1].items()
    caption = replace(caption, points=None)
    figure, said = nothing("Proteins", "there are none")
    points = pd.DataFrame({"set": ["LPS"]})
    without = absent([{"name": "LPS"}, {"name": "PKS"}], points)
    assert without == "Incomplete: no gene of PKS. "
    assert absent([{"name": "LPS"}], points) == ""
    for words in (said, f"{without}Genes in the plane."):
        save_all({path.stem: (figure, words)}, tmp_path)
        shown = [show_figure(tmp_path, tmp_path / path.name, caption, 1, 1)]
        assert {"Figure 3A", "Figure 3B"} <= dict(missing_panels(shown)).keys()


def test_a_run_on_ones_own_genomes_begins_with_its_model_and_has_no_checklist(
    planted: Planted, tmp_path: Path
) -> None:
    run = tmp_path / "mine"
    write_accuracy(run, own=0.4, other=0.3, n=1000)
    tables.write(build(run), run / "report" / "scorecard.parquet", tables.SCORECARD, STAMP)
    config = {"run": "mine", "release": {"source": "genomes"}}
    page = build_page(run, {}, config, {}, seed=1)
    assert "The trained gLM" in page
    assert "finds 40.0 % (38.0 to 42.0), looking the context up 30.0 %" in page
    assert f"glm embed GENOME --model {run}/glm" in page
    for of_the_paper in ("What the paper has", "Scorecard of the results", "Panels of the paper"):
        assert of_the_paper not in page
        assert of_the_paper in build_page(run, {}, {"run": "mine"}, {}, seed=1)


def test_an_empty_run_has_a_page_too(tmp_path: Path) -> None:
    run = tmp_path / "empty"
    scorecard = build(run)
    made = stamp("build_report")
    tables.write(scorecard, run / "report" / "scorecard.parquet", tables.SCORECARD, made)
    page = build_page(run, {}, {}, {}, seed=1)
    assert "This run has drawn no figures" in page
    assert "Bokeh" not in page[: page.index("</head>")]


def test_the_scorecard_alone_has_every_number(tmp_path: Path) -> None:
    scorecard = build(tmp_path / "empty", seed=3)
    page = scorecard_page(scorecard, "empty")
    assert page.count("<tr data-status=") == len(scorecard)


def test_views_hover_and_colours_of_a_projection(planted: Planted) -> None:
    run, figures = planted
    (caption,) = figures.values()
    plot = scatter(caption, run, limit=1000, seed=1)
    assert (plot.views, plot.shown, plot.of) == (SPACES, 2 * PROTEINS, 2 * PROTEINS)
    family, score = plot.colourings
    assert list(family.names) == ["ligase", "transposase"]
    assert score.ends == (0.0, 1.0)


def test_a_column_that_is_not_there_is_named(planted: Planted, tmp_path: Path) -> None:
    path = tmp_path / "planted_projection.rst"
    path.write_text(CAPTION.replace("hover: protein", "hover: organism"))
    with pytest.raises(GlmError, match="no column 'organism'"):
        scatter(read_caption(path), planted[0], limit=10, seed=1)


def test_what_another_table_knows_of_a_point_is_joined(planted: Planted, tmp_path: Path) -> None:
    run, _ = planted
    organisms = pd.DataFrame({"protein": ["protein03"], "organism": ["E. coli"]})
    organisms.to_parquet(run / "semantics" / "organisms.parquet")
    path = tmp_path / "planted_projection.rst"
    path.write_text(
        CAPTION.replace(".. points: semantics/projection.parquet", ".. points: "
                        "semantics/projection.parquet semantics/organisms.parquet")
        .replace("hover: protein", "hover: organism protein")
    )  # fmt: skip
    points = read_caption(path).points
    assert points is not None
    table = read_points(run, points)
    assert len(table) == 2 * PROTEINS
    assert set(table.protein[table.organism.notna()]) == {"protein03"}


def test_contigs_of_the_taxonomy_are_searched_and_coloured(root: Path, tmp_path: Path) -> None:
    """The shipped caption, on tables of the shapes that it names."""
    folder = tmp_path / "taxonomy"
    plant(
        folder / "contigs.parquet",
        tables.TAXONOMY_CONTIGS,
        subcontig=[1, 2],
        accession=["GCF_1", "GCF_2"],
        domain=["Bacteria", "Viruses"],
        taxonomic_class=["Bacilli", None],
        genus=["Staphylococcus", "Lambdavirus"],
    )
    names = ("context-free", "contextualised")
    plant(
        folder / "projection.parquet",
        tables.TAXONOMY_PROJECTION,
        features=[name for name in names for _ in range(2)],
        subcontig=[1, 2, 1, 2],
    )
    caption = read_caption(root / "workflow/report/taxonomy_projection.rst")
    plot = scatter(caption, tmp_path, limit=100, seed=1)
    assert plot.views == names
    assert [each.column for each in plot.colourings] == ["taxonomic_class", "genus", "domain"]
    assert set(plot.colourings[2].names) == {"Bacteria", "Viruses"}
    assert "GCF_2" in plot.div


def test_a_projection_of_nothing_is_an_empty_plot(root: Path, tmp_path: Path) -> None:
    """An empty focal set has a table without rows, and the report is built all the same."""
    caption = read_caption(root / "workflow/report/semantics.rst", "nobody")
    assert caption.points is not None
    declared = tables.SEMANTIC_POINTS
    rows = declared.frame()
    tables.write(rows, tmp_path / caption.points.table, declared, {})
    plot = scatter(caption, tmp_path, limit=100, seed=1)
    assert (plot.shown, plot.of) == (0, 0)


def test_thinning_keeps_shares_and_is_the_same_each_time() -> None:
    table = pd.DataFrame({"space": ["a"] * 900 + ["b"] * 100, "n": range(1000)})
    thinned = thin(table, "space", 100, seed=1)
    assert thinned.space.value_counts().to_dict() == {"a": 90, "b": 10}
    assert thinned.equals(thin(table, "space", 100, seed=1))
    assert not thinned.equals(thin(table, "space", 100, seed=2))
    assert thin(table, None, 5000, seed=1) is table


def test_the_most_frequent_get_a_colour_and_the_rest_are_grey() -> None:
    values = pd.Series([f"f{n}" for n in range(9)] * 2 + ["f0", None], name="family")
    colours, colouring = colour_by(values)
    assert colours[0] == PALETTE[0]
    assert colours[-1] == OTHER
    assert list(colouring.names)[-2:] == ["3 others", "none"]
    many, scale = colour_by(pd.Series(range(100), name="rank"))
    assert scale.ends == (0.0, 99.0)
    assert len(set(many)) > 50


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (0.12345, "0.123"), ([1, 2], "1, 2")])
def test_a_value_over_a_point_is_short(value: object, shown: str) -> None:
    assert text(value) == shown


def test_a_training_is_charged_for_all_its_starts(planted: Planted, tmp_path: Path) -> None:
    run, _ = planted
    stages = {
        stage.rule: stage for stage in costs.read_stages(run / "benchmarks", {"train_glm": 4})
    }
    assert stages["train_glm"].gpu_hours == 4
    assert stages["embed_proteins"].processor_seconds == 70
    write_benchmark(tmp_path, "train_glm", "60", "900")
    path = tmp_path / "glm" / "metrics.parquet"
    plant(path, tables.METRICS, split=["train"], seconds=7200.0)
    (stage,) = costs.read_stages(tmp_path / "benchmarks", {"train_glm": 2})
    assert stage.gpu_hours == 4


def test_the_configuration_can_be_read_from_the_page(page: str) -> None:
    assert "run: planted" in page
