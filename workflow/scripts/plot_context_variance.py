"""Draw the context variance (Figure 3D), its fit and the words of its tails."""

import argparse
from pathlib import Path

from glm import command, figures, tables
from glm.semantics import variance_figure


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    for name in ("variances", "fits", "words"):
        made.add_argument(f"--{name}", type=Path, required=True)
    made.add_argument("--bins", type=int, default=100)
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    about = tables.read_stamp(arguments.variances)["parameters"]
    if about["reason"]:
        figure, caption = figures.nothing("Context variance", about["reason"])
    else:
        figure, caption = variance_figure.draw(
            tables.read(arguments.variances, tables.CONTEXT_VARIANCE).to_pandas(),
            tables.read(arguments.fits, tables.VARIANCE_FIT).to_pandas(),
            tables.read(arguments.words, tables.VARIANCE_WORDS).to_pandas(),
            about,
            arguments.bins,
        )
    figures.save(figure, arguments.folder, "context_variance", caption)


if __name__ == "__main__":
    command.run(parser(), main)
