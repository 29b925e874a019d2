from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.report.planted_run import CAPTION

from glm.errors import GlmError
from glm.report.captions import caption_file, panels_of, paper_order, read_caption
from glm.report.paper import paper_figures


def written(folder: Path, text: str) -> Path:
    path = folder / "figure.rst"
    path.write_text(text)
    return path


def test_facts_and_text_are_reported_apart(tmp_path: Path) -> None:
    caption = read_caption(written(tmp_path, CAPTION))
    assert caption.panels == ("Figure 3A", "Figure 3B")
    assert caption.section == "Figure 3"
    assert caption.points is not None
    assert caption.points.axes == ("x", "y")
    assert caption.points.colour == ("family", "score")
    assert caption.html.strip().endswith("<p>Proteins of two families, <em>planted</em>.</p>")
    assert "toggle" not in caption.html


@pytest.mark.parametrize(
    ("line", "other", "complaint"),
    [
        (".. alt: Points in two colours.\n", "", "no line '.. alt"),
        (".. paper: Figure 3A-B", ".. paper: Table 3", "neither a figure"),
        (".. colour: family score", ".. color: family", "'.. color:' is unknown"),
        (".. hover: protein family\n", "", "columns to hover over"),
    ],
)
def test_a_wrong_caption_is_named(tmp_path: Path, line: str, other: str, complaint: str) -> None:
    with pytest.raises(GlmError, match=complaint) as found:
        read_caption(written(tmp_path, CAPTION.replace(line, other)))
    assert "figure.rst" in str(found.value)


def test_a_figure_without_a_caption_is_named(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="no such caption"):
        read_caption(tmp_path / "none.rst")


def test_a_figure_that_a_user_names_has_the_caption_of_its_analysis(tmp_path: Path) -> None:
    (tmp_path / "semantics.rst").write_text(CAPTION.replace("Proteins &", "Groups of {figure} &"))
    (tmp_path / "known.rst").write_text(CAPTION)
    place = Path("semantics/mine/mine.png")
    found = caption_file(tmp_path, place)
    assert found.name == "semantics.rst"
    caption = read_caption(found, "mine")
    assert (caption.name, caption.title) == ("mine", "Groups of mine & their <families>")
    assert caption_file(tmp_path, Path("semantics/known/known.png")).name == "known.rst"
    assert caption_file(tmp_path, Path("alone.png")).name == "alone.rst"


def test_the_order_is_the_papers() -> None:
    mixed = ["Extended Data 5", None, "Figure 10", "Figure 4E-F", "Figure 2B", "Figure 4A"]
    assert sorted(mixed, key=paper_order) == [
        "Figure 2B", "Figure 4A", "Figure 4E-F", "Figure 10", "Extended Data 5", None,
    ]  # fmt: skip


def test_the_captions_of_the_repository_are_whole(root: Path) -> None:
    known = set(paper_figures())
    captions = sorted((root / "workflow" / "report").glob("*.rst"))
    assert captions
    claimed: list[str] = []
    for path in captions:
        caption = read_caption(path)
        claimed += caption.panels
        assert set(caption.panels) <= known, path.name
        assert caption.html.count("<p>"), path.name
        assert "problematic" not in caption.html, path.name
    assert len(claimed) == len(set(claimed)), "two figures stand for one panel"
    for panel in known:
        assert panels_of(panel) == (panel,)
