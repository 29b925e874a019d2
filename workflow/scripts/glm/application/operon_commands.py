"""The commands about genes that belong together: `glm operons`, `glm plot`, `glm couplings`."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from glm.application.options import (
    Reading,
    in_a_folder,
    is_there,
    progress,
    reads_genomes,
)
from glm.application.screen import report, screen


@reads_genomes
def operons(
    reading: Reading,
    predictor: Annotated[
        Path | None,
        typer.Option(
            help="Fitted predictor. Default: predictor.json in the model directory, or "
            "operons/predictor.json beside it."
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Probability over which neighbours are joined.")
    ] = 0.5,
) -> None:
    """Operons, by strand, distance and attention; windows overlap by half, or as --stride says."""
    from glm.application.files import call_operons_of_files
    from glm.application.operons import load_predictor

    started = time.monotonic()
    loaded, sources = reading.prepare()
    fitted = load_predictor(loaded.directory, predictor)
    with progress(len(sources), reading.as_json) as done:
        summary = call_operons_of_files(
            loaded, fitted, sources, reading.output, reading.stride, threshold, done
        )
    seconds = round(time.monotonic() - started, 1)
    about = {"fitted_on": fitted.genome, "fitted_labels": fitted.labels, "seconds": seconds}
    report({**asdict(summary), **about}, reading.as_json)


def plot(
    calls: Annotated[
        Path,
        typer.Argument(help="Table of `glm operons`.", show_default=False, callback=is_there),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Figure to write: .png, .pdf or .svg.", callback=in_a_folder
        ),
    ],
    contig: Annotated[
        str | None,
        typer.Option(help="Contig to draw, or a part of its name; not needed where there is one."),
    ] = None,
    genome: Annotated[str | None, typer.Option(help="Genome, where several have it.")] = None,
    first: Annotated[int, typer.Option("--from", min=0, help="Rank of the first gene.")] = 0,
    last: Annotated[int | None, typer.Option("--to", help="Rank of the last gene.")] = None,
) -> None:
    """A contig's genes as arrows, with the probability of one operon between neighbours."""
    from glm.application.plot import plot_operons, read_stretch

    plot_operons(read_stretch(calls, contig, genome, first, last), output)
    screen.print(f"wrote {output}", markup=False)


@reads_genomes
def couplings(
    reading: Reading,
    contig: Annotated[
        str | None, typer.Option(help="Only this contig, or part of its name, is read.")
    ] = None,
    first: Annotated[
        int, typer.Option("--from", min=0, help="With --contig: rank of the first gene.")
    ] = 0,
    last: Annotated[
        int | None, typer.Option("--to", help="With --contig: rank of the last gene.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--map",
            help="With --contig: also draw it here, as .png, .pdf or .svg.",
            callback=in_a_folder,
        ),
    ] = None,
) -> None:
    """How much each two genes say of each other; windows overlap by half, or as --stride says."""
    from glm.application.couplings import Stretch, couple_files

    started = time.monotonic()
    chosen = Stretch.of(contig, first, last, figure)
    loaded, sources = reading.prepare()
    with progress(len(sources), reading.as_json) as done:
        summary = couple_files(loaded, sources, reading.output, reading.stride, chosen, done)
    report({**asdict(summary), "seconds": round(time.monotonic() - started, 1)}, reading.as_json)
