"""What the summary says of each analysis: its number with the baselines beside it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.table import Table

from glm import tables

OPERON_ROWS = (
    "none",
    "strand + distance",
    "distance rule 300 bp",
    "embedding pairs + strand",
    "attention",
    "attention, untrained",
    "attention, reordered by place",
    "attention + distance + strand",
)


def operon_table(folder: Path) -> Table | None:
    """Average precision of what tells operons, and which head correlates; None if not run."""
    path = folder / "comparison.parquet"
    if not path.exists():
        return None
    # its import of scikit-learn takes a second, and every training imports this module
    from glm.operons.classification import circular, judged, verdict

    rows = tables.read(path, tables.OPERON_COMPARISON).to_pandas()
    labels = tables.read_stamp(path)["parameters"]["labels"]
    heads = tables.read(folder / "attention_heads.parquet", tables.ATTENTION_HEADS).to_pandas()
    every = heads[heads.pairs == "all pairs"].set_index("model")
    trained = every.loc[["trained"]]
    best = trained.iloc[trained.r.abs().argmax()]
    table = Table(
        "",
        title=f"Operons: neighbours of one operon, by {labels}",
        caption=f"{verdict(rows, judged(labels), labels)}.{circular(labels)} Over all pairs of a "
        f"subcontig, {best['name']} has r = {best.r:.2f}, 1 / distance in genes "
        f"{every.loc['distance', 'r']:.2f}.",
        title_justify="left",
        caption_justify="left",
    )
    for name in ("average precision\nfolds by stretch", "average precision\nfolds at random"):
        table.add_column(name, justify="right")
    by_key = rows.set_index(["features", "folds"])
    for name in OPERON_ROWS:
        if (name, "stretches") in by_key.index:
            cells = [by_key.loc[(name, kind)] for kind in ("stretches", "random")]
            table.add_row(name, *(number(row, row.average_precision) for row in cells))
    return table


def number(row: pd.Series, value: float) -> str:
    """A number with half the width of its interval."""
    return f"{value:.3f} ± {(row.upper - row.lower) / 2:.3f}"


def paralog_table(folder: Path) -> Table | None:
    """Pairs that were put together by each method and by chance; None if not run."""
    path = folder / "results.parquet"
    if not path.exists():
        return None
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
    return table
