"""Build the scorecard: every number of the paper beside this run's, with a computed status."""

import argparse
import logging
from pathlib import Path

from glm import command, files, tables
from glm.provenance import stamp
from glm.report.page import scorecard_page
from glm.report.scorecard import build, protein_model_line, to_markdown


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--results", type=Path, required=True, help="folder of the run")
    made.add_argument(
        "--numbers", type=Path, nargs="*", default=[], help="what analyses give to the scorecard"
    )
    made.add_argument("--gpus", type=int, help="that the gLM was trained on")
    made.add_argument("--inputs", type=Path, nargs="*", default=[], help="files for the stamp")
    made.add_argument("--scorecard", type=Path, required=True)
    made.add_argument("--markdown", type=Path, required=True)
    made.add_argument("--page", type=Path, required=True, help="the same as HTML")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the run's files, compare, and write the three forms."""
    scorecard = build(arguments.results, arguments.numbers, arguments.gpus, arguments.seed)
    made = stamp(
        "build_scorecard",
        inputs=[*arguments.inputs, *arguments.numbers],
        parameters={"gpus": arguments.gpus, "seed": arguments.seed},
    )
    tables.write(scorecard, arguments.scorecard, tables.SCORECARD, made)
    with files.writing(arguments.markdown) as beside:
        beside.write_text(to_markdown(scorecard, arguments.results.name), encoding="utf-8")
    with files.writing(arguments.page) as beside:
        beside.write_text(scorecard_page(scorecard, arguments.results.name), encoding="utf-8")
    logging.info(protein_model_line(scorecard))
    for status, count in scorecard.status.value_counts().items():
        logging.info("%s: %d", status, count)


if __name__ == "__main__":
    command.run(parser(), main)
