"""The commands that bring the published gLM: `glm fetch published`, `glm import-checkpoint`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from glm.application.publication import ESM2, LICENCE
from glm.application.screen import report, screen
from glm.errors import GlmError

fetch = typer.Typer(help="Fetch what others have published.", no_args_is_help=True)


@fetch.command()
def published(
    directory: Annotated[Path, typer.Argument(help="Model directory to write.")],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="The licence of the weights is accepted.")
    ] = False,
    protein_model: Annotated[
        str,
        typer.Option(
            help="ESM-2 650M: a name on the hub (or the mirror of it that HF_ENDPOINT names), a "
            "folder as the hub lays it out, or fair-esm's esm2_t33_650M_UR50D.pt (a path, or the "
            "name alone to fetch it)."
        ),
    ] = ESM2,
    mirror: Annotated[
        str | None,
        typer.Option(help="Server to ask instead of Zenodo and GitHub, under the same paths."),
    ] = None,
) -> None:
    """The published gLM, ready to use: its weights, tables, operon predictor and ESM-2 650M."""
    agree(accept_licence)
    from glm.application.fetching import fetch_published

    logging.getLogger("glm").setLevel(logging.INFO)  # the downloads' progress
    if not fetch_published(directory, protein_model, mirror):
        screen.print(f"{directory}: is there already, nothing was fetched", markup=False)
    show_next(directory)


def agree(accepted: bool) -> None:
    """Show the licence, and ask whether it is accepted unless an option says so."""
    screen.print(LICENCE, markup=False, highlight=False)
    if accepted:
        return
    if not sys.stdin.isatty():
        raise GlmError("nobody is there to accept the licence: read it, and add --accept-licence")
    if not typer.confirm("Do you accept it?", err=True):
        raise GlmError("the licence was not accepted; nothing was fetched")


def show_next(directory: Path, protein_model: Path | None = None) -> None:
    """Say what to type next."""
    beside = f" --protein-model {protein_model}" if protein_model else ""
    screen.print(
        f"next: glm embed GENOME --model {directory}{beside} --output genes.parquet", markup=False
    )


def import_checkpoint(
    checkpoint: Annotated[
        str,
        typer.Argument(
            help="The published glm.bin: a path or an address; or a folder that has it, norm.pkl, "
            "pca.pkl, operon_predictor.pkl and protein_model/.",
            show_default=False,
        ),
    ],
    directory: Annotated[Path, typer.Argument(help="Model directory to write.")],
    standardisation: Annotated[
        Path | None, typer.Option(help="norm.pkl, or a table of means and deviations of its input.")
    ] = None,
    label_components: Annotated[
        Path | None, typer.Option(help="pca.pkl, or a table of the components of its predictions.")
    ] = None,
    operon_predictor: Annotated[Path | None, typer.Option(help="operon_predictor.pkl.")] = None,
    protein_model: Annotated[
        Path | None, typer.Option(help="Folder of the ESM-2 650M that it reads.")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="Refuse any other file.")] = None,
    any_size: Annotated[
        bool,
        typer.Option("--any-size", help="Take a model of another size than the published one."),
    ] = False,
) -> None:
    """The published weights that lie here, as a model directory with safetensors."""
    from glm.application.importing import import_checkpoint as convert
    from glm.model.card import describe

    pieces = (standardisation, label_components, operon_predictor, protein_model)
    used = convert(checkpoint, directory, *pieces, sha256, any_size)
    missing = describe(directory)["missing"]
    report({"output": str(directory), "missing": ", ".join(missing) or "nothing"}, False)
    if not missing:
        show_next(directory, used.protein_model)
