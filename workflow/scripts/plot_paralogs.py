"""Draw the paralog figures: Figure 4E and F, the counts beside chance, and confidence."""

import json
from pathlib import Path

from glm import figures as drawing
from glm import step, tables
from glm.paralogs import figures as paralog_figures
from glm.paralogs.analysis import TRAINED


def plot_paralogs(
    calls: Path,
    results: Path,
    coordinates: Path,
    numbers: Path,
    *,
    figures: list[Path],
) -> None:
    """Draw; the numbers hold the area under the curve of confidence."""
    of_calls = tables.read(calls, tables.PARALOG_CALLS).to_pandas()
    of_results = tables.read(results, tables.PARALOG_RESULTS).to_pandas()
    points = tables.read(coordinates, tables.PARALOG_PROJECTION).to_pandas()
    layout = tables.read_stamp(coordinates)["parameters"]["projection"]
    rows = tables.read(numbers, tables.NUMBERS).to_pandas().set_index("id")
    area = json.loads(rows.loc["paralogs.confidence_roc_area", "value"])
    trained = of_calls[of_calls["method"] == TRAINED]
    drawn = {
        "paralog_projection": paralog_figures.projection(points, layout, trained["pair"].nunique()),
        "paralog_counts": paralog_figures.counts(of_results),
        "paralog_confidence": paralog_figures.confidence(
            trained, float("nan") if area is None else area
        ),
    }
    for name, (figure, caption) in drawn.items():
        drawing.save(figure, figures[0].parent, name, caption)


if __name__ == "__main__":
    step.run(plot_paralogs)
