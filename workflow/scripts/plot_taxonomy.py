"""Draw Figure 5: contigs in the plane, precision and recall of telling taxa, and confusion."""

import argparse
from pathlib import Path

from glm import command, figures, tables
from glm.taxonomy import figures as drawing


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    for name in ("contigs", "results", "curves", "confusion", "coordinates"):
        made.add_argument(f"--{name}", type=Path, required=True)
    made.add_argument("--label", required=True)
    made.add_argument("--group", required=True)
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw; what could not be measured is said in the figure's place."""
    contigs = tables.read(arguments.contigs, tables.TAXONOMY_CONTIGS).to_pandas()
    results = tables.read(arguments.results, tables.TAXONOMY_RESULTS).to_pandas()
    curves = tables.read(arguments.curves, tables.TAXONOMY_CURVES).to_pandas()
    confusion = tables.read(arguments.confusion, tables.TAXONOMY_CONFUSION).to_pandas()
    coordinates = tables.read(arguments.coordinates, tables.TAXONOMY_PROJECTION).to_pandas()
    label, group = arguments.label, arguments.group
    layout = tables.read_stamp(arguments.coordinates)["parameters"]["projection"]
    drawn = {
        "taxonomy_projection": drawing.projection(coordinates, contigs, label, results, layout),
        "taxonomy_precision_recall": figures.nothing("Precision and recall", drawing.TOO_FEW),
        "taxonomy_confusion": figures.nothing("Confusion", drawing.TOO_FEW),
        "taxonomy_viruses": drawing.viruses(results),
    }
    if (results["task"] == drawing.label_name(label)).any():
        drawn["taxonomy_precision_recall"] = drawing.precision_recall(curves, results, label, group)
        drawn["taxonomy_confusion"] = drawing.confusion(confusion, label)
    for name, (figure, caption) in drawn.items():
        figures.save(figure, arguments.folder, name, caption)


if __name__ == "__main__":
    command.run(parser(), main)
