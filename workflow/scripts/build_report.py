"""Build the page of a run, and its scorecard: every number of the paper beside this run's, with a
computed status; figures in the paper's order, costs, provenance."""

import logging
from pathlib import Path
from typing import Any

from glm import files, step, tables
from glm.report.captions import caption_file, read_caption
from glm.report.page import build_page
from glm.report.page import scorecard_page as page_of_scorecard
from glm.report.scorecard import build
from glm.report.scorecard_text import protein_model_line, to_markdown


def build_report(
    inputs: list[Path],
    numbers: list[Path],
    figures: list[Path],
    results: Path,
    captions: str,
    configuration: dict[str, Any],
    gpus: dict[str, int],
    lacks: dict[str, str],
    run_seed: int,
    *,
    page: Path,
    scorecard: Path,
    markdown: Path,
    scorecard_page: Path,
) -> None:
    """Compare, and write the scorecard in three forms, then the page that shows it.

    inputs: what the stamp names. numbers: what analyses give to the scorecard. figures: as PNG.
    results: the run's folder. captions: their folder. gpus: of a job, by rule.
    lacks: why the configuration has no number, by a pattern of ids.
    """
    found = build(results, numbers, configuration, run_seed, lacks)
    tables.write(found, scorecard, tables.SCORECARD, step.stamp())
    logging.info(protein_model_line(found))
    for status, count in found.status.value_counts().items():
        logging.info("%s: %d", status, count)
    captioned = {}
    for path in figures:
        caption = caption_file(Path(captions), path.relative_to(results))
        captioned[path] = read_caption(caption, path.stem)
    for path, text in (
        (markdown, to_markdown(found, results.name)),
        (scorecard_page, page_of_scorecard(found, results.name)),
        (page, build_page(results, captioned, configuration, gpus, run_seed)),
    ):
        with files.writing(path) as beside:
            beside.write_text(text, encoding="utf-8")
    logging.info("open %s", page)


if __name__ == "__main__":
    step.run(build_report)
