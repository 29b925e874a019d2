"""Figures of a stretch of a contig: its operons as arrows, its couplings as a map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from pygenomeviz import GenomeViz

from glm import tables
from glm.application.output import label
from glm.errors import GlmError
from glm.figures import (
    BLUE,
    DIVERGING,
    DOTS_PER_INCH,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    WIDTH,
    page,
    panels,
)
from glm.files import writing

OPERON_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
FORMATS = {".png", ".pdf", ".svg"}
MOST_LABELS = 60


def read_stretch(
    path: Path,
    contig: str | None = None,
    genome: str | None = None,
    first: int = 0,
    last: int | None = None,
) -> pd.DataFrame:
    """Genes of a contig from an `operon_calls` table, from rank `first` to `last`, inclusive.

    contig: its name, or a part that no other has; None where there is one. Raises `GlmError` if the
    contig is not there, is one of several, is in several genomes, or has no such genes.
    """
    found = tables.open_file(path, tables.OPERON_CALLS).read()
    contig = name_of(path, found["contig"].unique().to_pylist(), contig)
    found = found.filter(pc.equal(found["contig"], contig)).to_pandas()
    if genome is not None:
        found = found[found["genome"] == genome]
    names = found["genome"].unique()
    if not len(names):
        raise GlmError(f"{path}: contig {contig} is not of genome {genome!r}")
    if len(names) > 1:
        raise GlmError(f"{path}: contig {contig} is in {', '.join(names)}: name one by --genome")
    found = found.sort_values("rank")
    kept = found[
        (found["rank"] >= first)
        & (found["rank"] <= (found["rank"].max() if last is None else last))
    ]
    if kept.empty:
        raise GlmError(f"{path}: contig {contig} has genes 0 to {found['rank'].max()}, no others")
    return kept.reset_index(drop=True)


def name_of(where: Path | str, contigs: Sequence[str], given: str | None) -> str:
    """The contig that is meant; raises `GlmError` if none is, or if several are."""
    if given in contigs:
        return str(given)
    meant = [contig for contig in contigs if given is None or given in contig]
    if len(meant) == 1:
        return meant[0]
    listed = f"{', '.join(contigs[:3])}{', …' if len(contigs) > 3 else ''}"
    if given is None:
        raise GlmError(f"{where}: has {len(contigs)} contigs ({listed}): name one by --contig")
    many = f"{len(meant)} contigs with" if meant else "no contig"
    raise GlmError(f"{where}: {many} {given!r}; it has {listed}")


def plot_operons(genes: pd.DataFrame, output: Path) -> None:
    """Draw genes (as `read_stretch` gives them) to a PNG, PDF or SVG file.

    Raises `GlmError` for another format.
    """
    check_format(output)
    start, end = int(genes["start"].min()) - 1, int(genes["end"].max())
    map_of = GenomeViz(fig_width=14, fig_track_height=0.8, track_align_type="left")
    map_of.set_scale_xticks(unit="Kb", labelsize=9)
    track = map_of.add_feature_track("", segments=(start, end))
    track.add_subtrack(name="probability", ratio=1.6)
    named = len(genes) <= MOST_LABELS
    for gene in genes.to_dict("records"):
        alone = pd.isna(gene["operon"])
        colour = GREY if alone else OPERON_COLOURS[int(gene["operon"]) % len(OPERON_COLOURS)]
        track.add_feature(
            int(gene["start"]) - 1, int(gene["end"]), 1 if gene["forward"] else -1,
            plotstyle="bigarrow", fc=colour, ec="black", lw=0.5,
            label=label(pd.Series(gene)) if named else "",
            text_kws={"size": 7, "rotation": 45, "vpos": "top"},
        )  # fmt: skip
    figure = map_of.plotfig()
    segment = track.segments[0]
    axes = track.subtracks[0].ax
    between = (genes["end"] + genes["start"].shift(-1)).iloc[:-1] / 2
    places = [segment.transform_coord(int(place)) for place in between]
    pairs = genes.iloc[:-1]
    has_distance = pairs["with_next_by_distance"].notna().any()
    axes.bar(
        places, pairs["with_next"], width=0.006 * (end - start), color=BLUE,
        label="strand, distance and attention" if has_distance else "strand and attention",
    )  # fmt: skip
    if has_distance:
        axes.scatter(
            places, pairs["with_next_by_distance"], s=12, color=VERMILION, zorder=3, clip_on=False,
            label="strand and distance alone",
        )  # fmt: skip
    axes.set_ylim(0, 1.05)
    axes.axhline(0.5, color=GREY, lw=0.8, ls="--")
    axes.set_yticks([0, 0.5, 1])
    axes.tick_params(axis="y", labelsize=8, left=True, labelleft=True)
    axes.set_ylabel("probability\nof one operon", fontsize=8)
    axes.legend(fontsize=8, loc="lower left", bbox_to_anchor=(0, -0.75), ncols=2, frameon=False)
    first = genes.iloc[0]
    figure.suptitle(
        f"{first['genome']}, contig {first['contig']}, genes {first['rank']} to "
        f"{genes['rank'].iloc[-1]} (n = {len(genes)}); one colour an operon, grey alone",
        fontsize=10, y=1.35,
    )  # fmt: skip
    save(figure, output)


def plot_couplings(genes: pd.DataFrame, pairs: pd.DataFrame, title: str, output: Path) -> None:
    """Draw the corrected couplings of the genes of one stretch to a PNG, PDF or SVG file.

    genes: as `couple_genome` gives them (rank, name, forward); pairs: rows of `gene_couplings`.
    Pairs that were read in no window are left white; of more than
    60 genes, some are named. Raises `GlmError` for another format.
    """
    check_format(output)
    size, begin = len(genes), int(genes["rank"].iloc[0])
    values = np.full((size, size), np.nan)
    first, second = (pairs[side].to_numpy() - begin for side in ("first_rank", "second_rank"))
    values[first, second] = values[second, first] = pairs["corrected"]
    names = genes["name"] + genes["forward"].map({True: " →", False: " ←"})
    every = -(-size // MOST_LABELS)
    shown = [name if place % every == 0 else "" for place, name in enumerate(names)]
    known = np.abs(values[np.isfinite(values)])
    limit = max(float(np.quantile(known, 0.99)) if len(known) else 0.0, 1e-9)
    figure, axes_of = page("A", WIDTH)
    axes = axes_of["A"]
    grid = pd.DataFrame(values, shown, shown)
    image = panels.heat_map(axes, grid, (-limit, limit), DIVERGING)
    axes.tick_params(axis="x", rotation=90)
    axes.tick_params(length=0, labelsize=6 if size > MOST_LABELS // 2 else 7.5)
    axes.set_title(title)
    figure.colorbar(image, ax=axes, label="coupling, corrected (nats)", shrink=0.6)
    save(figure, output)


def check_format(output: Path) -> None:
    """Raise `GlmError` for a figure that is no PNG, PDF or SVG."""
    if output.suffix.lower() not in FORMATS:
        raise GlmError(f"{output}: a figure is {', '.join(sorted(FORMATS))}")


def save(figure: Figure, output: Path) -> None:
    """Write a figure, as its name says which kind, and close it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with writing(output) as beside:
        figure.savefig(
            beside, dpi=DOTS_PER_INCH, format=output.suffix[1:].lower(), bbox_inches="tight"
        )
    plt.close(figure)
