"""Draw the paralog figures: Figure 4E and F, the counts beside chance, and confidence."""

import argparse
import json
from pathlib import Path

from glm import command, figures, tables
from glm.paralogs import figures as drawing


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    for name in ("calls", "results", "coordinates", "numbers"):
        made.add_argument(f"--{name}", type=Path, required=True)
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    calls = tables.read(arguments.calls, tables.PARALOG_CALLS).to_pandas()
    results = tables.read(arguments.results, tables.PARALOG_RESULTS).to_pandas()
    coordinates = tables.read(arguments.coordinates, tables.PARALOG_PROJECTION).to_pandas()
    numbers = tables.read(arguments.numbers, tables.NUMBERS).to_pandas().set_index("id")
    area = json.loads(numbers.loc["paralogs.confidence_roc_area", "value"])
    layout = tables.read_stamp(arguments.coordinates)["parameters"]["projection"]
    trained = calls[calls["method"] == "trained gLM"]
    drawn = {
        "paralog_projection": drawing.projection(coordinates, layout, trained["pair"].nunique()),
        "paralog_counts": drawing.counts(results),
        "paralog_confidence": drawing.confidence(trained, float("nan") if area is None else area),
    }
    for name, (figure, caption) in drawn.items():
        figures.save(figure, arguments.folder, name, caption)


if __name__ == "__main__":
    command.run(parser(), main)
