"""What a run's summary says of operons: average precisions beside what needs no gLM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from glm import tables
from glm.files import of_run

ROWS = (
    "none",
    "strand + distance",
    "distance rule 300 bp",
    "embedding pairs + strand",
    "attention",
    "attention, untrained",
    "attention, reordered by place",
    "attention + distance + strand",
)


def headline(run: Path) -> Iterator[Table]:
    """Average precision of what tells operons, and which head correlates."""
    path = of_run(run, "operons", "comparison.parquet")
    # its import of scikit-learn takes a second, and every run ends with this module
    from glm.operons.classification import circular, judged, verdict

    rows = tables.read(path, tables.OPERON_COMPARISON).to_pandas()
    labels = tables.read_stamp(path)["parameters"]["labels"]
    of_heads = path.with_name("attention_heads.parquet")
    heads = tables.read(of_heads, tables.ATTENTION_HEADS).to_pandas()
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
    for name in ROWS:
        if (name, "stretches") in by_key.index:
            found = (by_key.loc[(name, kind)] for kind in ("stretches", "random"))
            widths = ((row.average_precision, (row.upper - row.lower) / 2) for row in found)
            table.add_row(name, *(f"{value:.3f} ± {half:.3f}" for value, half in widths))
    yield table
