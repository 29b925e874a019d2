"""Draw how well enzyme classes are told, and the classes that context changes most (Figure 3C)."""

import argparse
from pathlib import Path

from glm import command, figures, tables
from glm.enzymes import figures as drawing


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--results", type=Path, required=True)
    made.add_argument("--classes", type=Path, required=True)
    made.add_argument("--minimum-test", type=int, default=3, help="of a class that is shown")
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    about = tables.read_stamp(arguments.results)["parameters"]
    if about["reason"]:
        for name in ("enzyme_results", "enzyme_classes"):
            nothing = figures.nothing("Enzyme classes", about["reason"])
            figures.save(nothing[0], arguments.folder, name, nothing[1])
        return
    results = tables.read(arguments.results, tables.ENZYME_RESULTS).to_pandas()
    classes = tables.read(arguments.classes, tables.ENZYME_CLASSES).to_pandas()
    drawn = {
        "enzyme_results": drawing.results(results, about),
        "enzyme_classes": drawing.classes(classes, arguments.minimum_test),
    }
    for name, (figure, caption) in drawn.items():
        figures.save(figure, arguments.folder, name, caption)


if __name__ == "__main__":
    command.run(parser(), main)
