"""Build the scorecard: every number of the paper beside this run's, with a computed status."""

import logging
from pathlib import Path

from glm import files, step, tables
from glm.report.page import scorecard_page
from glm.report.scorecard import build, protein_model_line, to_markdown


def build_scorecard(
    inputs: list[Path],
    numbers: list[Path],
    results: str,
    gpus: int,
    run_seed: int,
    *,
    scorecard: Path,
    markdown: Path,
    page: Path,
) -> None:
    """Read the run's files, compare, and write the three forms.

    inputs: what the stamp names. numbers: what analyses give to the scorecard. results: the folder
    of the run. gpus: that the gLM was trained on.
    """
    found = build(Path(results), numbers, gpus, run_seed)
    run = Path(results).name
    tables.write(found, scorecard, tables.SCORECARD, step.stamp())
    with files.writing(markdown) as beside:
        beside.write_text(to_markdown(found, run), encoding="utf-8")
    with files.writing(page) as beside:
        beside.write_text(scorecard_page(found, run), encoding="utf-8")
    logging.info(protein_model_line(found))
    for status, count in found.status.value_counts().items():
        logging.info("%s: %d", status, count)


if __name__ == "__main__":
    step.run(build_scorecard)
