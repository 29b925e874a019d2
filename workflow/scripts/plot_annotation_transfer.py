"""Draw annotated and unannotated proteins and the annotation transfer potential (Figure 3A, B)."""

import argparse
from pathlib import Path

from glm import command, figures, tables
from glm.semantics import transfer_figure


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--points", type=Path, required=True)
    made.add_argument("--transfer", type=Path, required=True)
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    about = tables.read_stamp(arguments.transfer)["parameters"]
    if about["reason"]:
        figure, caption = figures.nothing("Unannotated proteins", about["reason"])
    else:
        figure, caption = transfer_figure.draw(
            tables.read(arguments.points, tables.TRANSFER_POINTS).to_pandas(),
            tables.read(arguments.transfer, tables.TRANSFER).to_pandas(),
            about,
        )
    figures.save(figure, arguments.folder, "annotation_transfer", caption)


if __name__ == "__main__":
    command.run(parser(), main)
