"""The page of a run: the scorecard, every figure in the paper's order, and where it comes from."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import pandas as pd
import yaml
from PIL import Image

from glm import tables
from glm.figures import INCOMPLETE, NOTHING
from glm.report import lineage
from glm.report.captions import Caption, paper_order
from glm.report.costs import read_stages
from glm.report.graph import draw_graph
from glm.report.interactive import Plot, library, scale_gradient, scatter, settings
from glm.report.paper import paper_figures
from glm.report.scorecard_text import interval_text, protein_model_line, text_of
from glm.report.summary import clock
from glm.report.verdicts import verdicts
from glm.training.outcome import next_commands, verdict

TEMPLATES = Path(__file__).with_name("templates")
COUNTS = ("corpus", "decontamination")  # sections of the scorecard that say what was counted
OWN = ("genomes", "refseq")  # sources of a corpus that is not the paper's
WIDEST = 1600  # pixels of a figure in the page; its link is to the whole one
POINTS = 5000  # of one interactive plot
ALL_POINTS = 40_000  # of all of them: the page stays under 15 MB
LARGEST = 15_000_000  # bytes


@dataclass(frozen=True)
class ShownFigure:
    """A figure of the page: its caption, place, picture, what was said of this run, its twin."""

    caption: Caption
    link: str
    picture: str
    width: int
    height: int
    said: str
    plot: Plot | None


def build_page(
    run: Path,
    figures: Mapping[Path, Caption],
    config: Mapping[str, Any],
    gpus: Mapping[str, int],
    seed: int,
) -> str:
    """The page of the run under `run` (results/<run>), as HTML that needs no other file.

    figures: PNG files and their captions. gpus: of a job, by rule. Links lead to files of the
    run, relative to results/<run>/report.
    """
    artefacts = lineage.read_artefacts(run)
    scorecard = tables.read(run / "report" / "scorecard.parquet", tables.SCORECARD).to_pandas()
    shown = show_figures(run, figures, seed)
    stages = read_stages(run / "benchmarks", gpus)
    graph = draw_graph(
        lineage.producer_graph(artefacts, run),
        title="What was made from what",
        description="Rules of this run from top to bottom; a line leads from a rule to one that "
        "read what it wrote, as the stamps of the files say. The table of files has the same.",
    )
    page = environment().get_template("report.html.j2").render(
        run=run.name,
        style=stylesheet(),
        script=(TEMPLATES / "report.js").read_text(encoding="utf-8"),
        library=library() if any(figure.plot for figure in shown) else "",
        gradient=scale_gradient(),
        **scorecard_context(scorecard),
        of_paper=config.get("release", {}).get("source") not in OWN,
        trained=verdict(run),
        next=next_commands(run),
        figures=shown,
        missing=missing_panels(shown),
        graph=graph,
        stages=stages,
        artefacts=artefacts,
        agreement=lineage.check_inputs(artefacts, run),
        versions=lineage.versions(artefacts),
        seeds=lineage.seeds(artefacts),
        seed=seed,
        config=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
    )  # fmt: skip
    size = len(page.encode())
    logging.info("page: %.1f MB, %d figures", size / 1e6, len(shown))
    if size > LARGEST:
        logging.warning("the page has more than %d MB: fewer figures, or points", LARGEST // 10**6)
    return page


def environment() -> jinja2.Environment:
    """Templates, escaping everything that is not marked as HTML."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {"clock": clock, "settings": settings, "megabytes": megabytes, "slug": slug}
    made.filters["breakable"] = breakable
    return made


def scorecard_page(scorecard: pd.DataFrame, run: str) -> str:
    """The scorecard alone, as HTML."""
    return (
        environment()
        .get_template("scorecard.html.j2")
        .render(run=run, style=stylesheet(), **scorecard_context(scorecard))
    )


def scorecard_context(scorecard: pd.DataFrame) -> dict[str, Any]:
    """What the templates show of the scorecard: results, and settings and counts, by section."""
    parts: dict[str, dict[str, list[dict[str, str]]]] = {"results": {}, "settings_and_counts": {}}
    for row in scorecard.to_dict("records"):
        section = row["id"].split(".")[0]
        part = "settings_and_counts" if row["setting"] or section in COUNTS else "results"
        parts[part].setdefault(section, []).append(row_text(row))
    return {
        **parts,
        "statuses": scorecard.status.value_counts().to_dict(),
        "model": protein_model_line(scorecard),
        "verdicts": verdicts(scorecard),
    }


def row_text(row: Mapping[Any, Any]) -> dict[str, str]:
    """A row of `SCORECARD` as a person reads it."""
    return {
        "id": row["id"],
        "figure": row["figure"],
        "paper": text_of(row["paper_value"]),
        "value": text_of(row["value"]),
        "interval": interval_text(row["lower"], row["upper"]),
        "n": "" if pd.isna(row["n"]) else f"{int(row['n']):,} {row['unit'] or ''}".strip(),
        "seed": "" if pd.isna(row["seed"]) else str(int(row["seed"])),
        "status": row["status"],
        "note": row["note"] or "",
    }


def stylesheet() -> str:
    """The style of the pages."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def show_figures(run: Path, figures: Mapping[Path, Caption], seed: int) -> list[ShownFigure]:
    """All figures in the paper's order, those that it lacks last."""
    twins = sum(caption.points is not None for caption in figures.values())
    limit = min(POINTS, ALL_POINTS // max(1, twins))
    ordered = sorted(figures.items(), key=lambda item: (*paper_order(item[1].paper), item[0]))
    return [show_figure(run, path, caption, limit, seed) for path, caption in ordered]


def show_figure(run: Path, path: Path, caption: Caption, limit: int, seed: int) -> ShownFigure:
    """One figure, its picture made small enough for the page."""
    with Image.open(path) as image:
        said = str(image.info.get("Description", ""))
        picture = image.convert("RGB")
        if picture.width > WIDEST:
            picture.thumbnail((WIDEST, picture.height), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", lossless=True, method=4)
    return ShownFigure(
        caption=caption,
        link=str(path.relative_to(run)),
        picture="data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode(),
        width=picture.width,
        height=picture.height,
        said=said,
        plot=scatter(caption, run, limit, seed) if caption.points else None,
    )


def missing_panels(shown: Sequence[ShownFigure]) -> list[tuple[str, str]]:
    """Panels of the paper that this run has no figure of, and what they show."""
    drawn = (figure for figure in shown if not figure.said.startswith((NOTHING, INCOMPLETE)))
    there = {panel for figure in drawn for panel in figure.caption.panels}
    return [(panel, what) for panel, what in paper_figures().items() if panel not in there]


def megabytes(size: int) -> str:
    """Bytes as kB or MB."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"


def slug(name: str) -> str:
    """A name as an anchor."""
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())


def breakable(name: str) -> markupsafe.Markup:
    """A dotted name that a line may end in, behind its dots and underscores."""
    escaped = str(markupsafe.escape(name))
    return markupsafe.Markup(re.sub(r"(?<=[A-Za-z])([._/])", r"\1<wbr>", escaped))
