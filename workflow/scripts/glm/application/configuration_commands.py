"""The command `glm init`: a configuration for training on one's own genomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from glm.application.options import in_a_folder
from glm.application.screen import screen
from glm.errors import GlmError


def init(
    genomes: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, patterns in quotes, or a sheet (TSV or CSV: name, path, biome).",
            show_default=False,
        ),
    ],
    run: Annotated[str, typer.Option(help="Name of the run: results/RUN.")] = "mine",
    hours: Annotated[
        float, typer.Option(min=0.01, help="Hours that embedding and training may take.")
    ] = 8.0,
    protein_model: Annotated[
        str | None,
        typer.Option(
            help="Protein model: a name on the hub, or a folder. Default: by the hours.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write. Default: the screen.", callback=in_a_folder
        ),
    ] = None,
) -> None:
    """Write a configuration for training on your genomes, and say what it takes."""
    if output is not None and output.exists():
        raise GlmError(f"{output}: is there already, and may have been edited: name another")
    from glm.application.configuring import make_configuration
    from glm.files import writing

    text, lines = make_configuration(genomes, re.sub(r"[^\w-]", "_", run), hours, protein_model)
    if output is None:
        print(text, end="")
    else:
        with writing(output) as beside:
            beside.write_text(text)
    for line in lines:
        style = "yellow" if line.startswith("warning") else None
        screen.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
