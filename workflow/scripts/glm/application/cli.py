"""The command line `glm`: a trained gLM on one's own genomes.

What takes seconds to import (torch) is imported by the commands that need it, so that `glm --help`
answers at once.
"""

from __future__ import annotations

import logging
import sys
import time
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.table import Column, Table

from glm import __version__
from glm.application.configuration_commands import init
from glm.application.model_commands import export, info
from glm.application.operon_commands import couplings, operons, plot
from glm.application.options import (
    AsJson,
    Reading,
    is_parquet,
    is_there,
    progress,
    reads_genomes,
)
from glm.application.published_commands import fetch, import_checkpoint
from glm.application.screen import report, screen
from glm.errors import GlmError

EXIT_CODES = (
    "Exit status: 0 all done; 1 nothing done, the message says why; 2 wrong options; "
    "3 some inputs could not be used, the others are done."
)
app = typer.Typer(
    name="glm",
    help="A trained genomic language model on your own genomes: embeddings of genes in their "
    f"context, operons, neighbours.\n\n{EXIT_CODES}",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> NoReturn:
    """Run the command line; a `GlmError` is one line and exit status 1."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=screen, show_time=False, show_path=False, markup=False)],
        force=True,
    )
    logging.getLogger("glm.application").setLevel(logging.INFO)  # what it found in folders
    for noisy in ("httpx", "matplotlib", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        app()
    except GlmError as error:
        screen.print(f"error: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    sys.exit(0)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f"glm {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command()
@reads_genomes
def embed(
    reading: Reading,
    contigs: Annotated[
        Path | None,
        typer.Option(
            help="Also write the mean embeddings of each contig here.", callback=is_parquet
        ),
    ] = None,
    context_only: Annotated[
        bool, typer.Option("--context-only", help="Also embed each gene masked: its context alone.")
    ] = False,
    candidates: Annotated[
        bool,
        typer.Option(
            "--candidates",
            help="Also the genes of the genome that the model predicts in each gene's place, with "
            "the predictions' likelihoods.",
        ),
    ] = False,
) -> None:
    """Embeddings of every gene, alone (protein model) and in its context (gLM)."""
    from glm.application.files import embed_files

    started = time.monotonic()
    loaded, sources = reading.prepare()
    with progress(len(sources), reading.as_json) as done:
        summary = embed_files(
            loaded, sources, reading.output, contigs, reading.stride, context_only, candidates, done
        )
    report({**asdict(summary), "seconds": round(time.monotonic() - started, 1)}, reading.as_json)


for command in (operons, plot, couplings, init, info, export):
    app.command()(command)


class By(StrEnum):
    """Which embedding genes are compared by."""

    CONTEXTUAL = "contextual"
    CONTEXT_ONLY = "context-only"
    PROTEIN = "protein"


class Metric(StrEnum):
    """How far apart two embeddings are."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


@app.command()
def similar(
    queries: Annotated[
        Path,
        typer.Argument(
            help="Table of `glm embed` with the queries.", show_default=False, callback=is_there
        ),
    ],
    reference: Annotated[
        Path,
        typer.Option(
            "--reference", "-r", help="Table of `glm embed` to look in.", callback=is_there
        ),
    ],
    genes: Annotated[
        list[str] | None,
        typer.Option(
            "--gene",
            "-g",
            help="Only this query, by its name, its locus tag or as CONTIG:RANK; may be repeated.",
        ),
    ] = None,
    neighbours: Annotated[int, typer.Option("-k", min=1, help="Neighbours of each query.")] = 10,
    by: Annotated[By, typer.Option(help="Which embedding.")] = By.CONTEXTUAL,
    metric: Annotated[Metric, typer.Option(help="Which distance.")] = Metric.COSINE,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Table to write (Parquet).", callback=is_parquet),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The nearest genes by their context (exact search; both tables of one model)."""
    from glm import tables
    from glm.application.similar import similar_genes
    from glm.provenance import stamp

    column = f"{by.value.replace('-', '_')}_embedding"
    found = similar_genes(queries, reference, neighbours, column, metric.value, genes or ())
    if output is not None:
        parameters = {"by": by.value, "metric": metric.value, "neighbours": neighbours}
        made = stamp("glm similar", [queries, reference], parameters)
        tables.write(found, output, tables.SIMILAR_GENES, made)
    if as_json:
        print(found[tables.SIMILAR_GENES.names].to_json(orient="records", indent=1))
    elif output is None:
        for side in ("query_", ""):
            found[f"{side}at"] = found[f"{side}contig"] + ":" + found[f"{side}rank"].astype(str)
        shown = ["query_gene", "query_at", "place", "genome", "gene", "at", "product", "distance"]
        table = Table(*(Column(name, overflow="fold") for name in shown))
        for row in found[shown].fillna("").itertuples(index=False):
            table.add_row(*(f"{v:.4f}" if isinstance(v, float) else str(v) for v in row))
        Console().print(table)
    else:
        report({"output": str(output), "queries": found["query"].nunique()}, False)


app.add_typer(fetch, name="fetch")
app.command("import-checkpoint")(import_checkpoint)


if __name__ == "__main__":
    main()
