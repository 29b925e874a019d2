"""What a run's summary says of paralogs: pairs found, beside memory and chance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from glm import tables
from glm.files import of_run


def headline(run: Path) -> Iterator[Table]:
    """Pairs that were put together by each method and by chance."""
    path = of_run(run, "paralogs", "results.parquet")
    rows = tables.read(path, tables.PARALOG_RESULTS).to_pandas()
    # recall has no row for either direction: the mean of both
    recall = rows[rows.measure == "recall@50"].groupby("method", sort=False).value.mean()
    either = rows[rows.direction == "either"].set_index(["method", "measure"])
    table = Table(
        "",
        title=f"Paralogs: {int(rows.n.iloc[0]):,} pairs, partner found from one protein alone",
        caption="the look-up gives what stood beside the most similar training protein: only what "
        "a gLM finds beyond that is more than a memory of its training",
        title_justify="left",
        caption_justify="left",
    )
    for name in ("exact", "same cluster", "recall@50"):
        table.add_column(name, justify="right")
    for method in either.index.get_level_values("method").unique():
        hits = (either.loc[(method, measure), "hits"] for measure in ("exact", "same_cluster"))
        at_50 = f"{recall[method]:.3f}" if method in recall.index else ""
        table.add_row(method, *(f"{count:,.1f}".removesuffix(".0") for count in hits), at_50)
    yield table
