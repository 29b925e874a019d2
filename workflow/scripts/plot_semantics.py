"""Draw one entry of the semantics analysis (Figure 2), or say why there is nothing to draw."""

import argparse
from pathlib import Path

from glm import command, figures, tables
from glm.semantics import figures as drawing

COMPARED = {"set": "protein set", "biome": "biome", "assembly": "the assembly's group"}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--points", type=Path, required=True)
    made.add_argument("--separation", type=Path, required=True)
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    about = tables.read_stamp(arguments.separation)["parameters"]
    entry = about["entry"]
    left_out = drawing.in_words(about["left_out"], about["genomes_left_out"])
    if about["reason"]:
        reason = "; ".join(filter(None, [about["reason"], left_out]))
        figure, caption = figures.nothing(entry["title"], reason)
    else:
        figure, caption = drawing.entry(
            tables.read(arguments.points, tables.SEMANTIC_POINTS).to_pandas(),
            tables.read(arguments.separation, tables.SEPARATION).to_pandas(),
            entry["title"],
            about["projection"],
            COMPARED[entry["group_by"]],
            left_out,
        )
    figures.save(figure, arguments.folder, entry["name"], caption)


if __name__ == "__main__":
    command.run(parser(), main)
