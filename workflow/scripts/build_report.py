"""Build the page of a run: scorecard, figures in the paper's order, costs, provenance."""

import logging
from pathlib import Path
from typing import Any

from glm import files, step
from glm.report.captions import caption_file, read_caption
from glm.report.page import build_page


def build_report(
    figures: list[Path],
    captions: str,
    results: str,
    configuration: dict[str, Any],
    gpus: dict[str, int],
    run_seed: int,
    *,
    page: Path,
) -> None:
    """Read captions and results, and write the page.

    figures: as PNG. captions: their folder. results: the run's folder. gpus: of a job, by rule.
    """
    captioned = {}
    for path in figures:
        caption = caption_file(Path(captions), path.relative_to(results))
        captioned[path] = read_caption(caption, path.stem)
    made = build_page(Path(results), captioned, configuration, gpus, run_seed)
    with files.writing(page) as beside:
        beside.write_text(made, encoding="utf-8")
    logging.info("open %s", page)


if __name__ == "__main__":
    step.run(build_report)
