"""Build the page of a run: scorecard, figures in the paper's order, costs, provenance."""

import argparse
import json
import logging
from pathlib import Path

from glm import command, files
from glm.report.captions import caption_file, read_caption
from glm.report.page import build_page


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--results", type=Path, required=True, help="folder of the run")
    made.add_argument("--figures", type=Path, nargs="*", default=[], help="PNG files")
    made.add_argument("--captions", type=Path, required=True, help="folder of their captions")
    made.add_argument("--config", type=json.loads, default={}, help="configuration, as JSON")
    made.add_argument("--gpus", type=json.loads, default={}, help="GPUs of a job by rule, as JSON")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read captions and results, and write the page."""
    figures = {}
    for path in arguments.figures:
        caption = caption_file(arguments.captions, path.relative_to(arguments.results))
        figures[path] = read_caption(caption, path.stem)
    page = build_page(arguments.results, figures, arguments.config, arguments.gpus, arguments.seed)
    with files.writing(arguments.output) as beside:
        beside.write_text(page, encoding="utf-8")
    logging.info("open %s", arguments.output)


if __name__ == "__main__":
    command.run(parser(), main)
