"""What several commands of `glm` take, and how they begin: options, the model, a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from glm.application.screen import screen
from glm.errors import GlmError
from glm.hub import is_published_name


def are_there(given: list[Path]) -> list[Path]:
    """The paths themselves; raises `GlmError` where there is none of them, before anything slow is
    imported. One that is missing among others is left out and reported."""
    if given and not any(path.exists() for path in given):
        raise GlmError(f"{', '.join(map(str, given))}: no such file or folder")
    return given


def is_there(given: Path) -> Path:
    """As `are_there`, of one."""
    return are_there([given])[0]


Inputs = Annotated[
    list[Path],
    typer.Argument(
        help="Genomes: FASTA (genes are called), GenBank, GFF + FASTA of the same name, or protein "
        "FASTA + table (contig<TAB>+protein_1;-protein_2;…) of the same name; plain, .gz, .bgz, "
        ".xz or .bz2; or a folder, in which each genome is found once (GenBank, then GFF, then "
        "FASTA).",
        show_default=False,
        callback=are_there,
    ),
]


def is_model(given: Path) -> Path:
    """A folder, or a name on the hub; else `GlmError`, before anything slow is imported."""
    if not given.is_dir() and not is_published_name(given):
        raise GlmError(
            f"{given}: no such folder; name a model directory, or a published model (OWNER/MODEL)"
        )
    return given


def in_a_folder(given: Path | None) -> Path | None:
    """The path itself; raises `GlmError` where its folder is not there, which may be a slip."""
    if given is not None and not given.absolute().parent.is_dir():
        raise GlmError(f"{given.parent}: no such folder; make it (mkdir -p), or correct the path")
    return given


def is_parquet(given: Path | None) -> Path | None:
    """As `in_a_folder`; raises `GlmError` too for a table that is named as another format."""
    if given is not None and given.suffix.lower() not in ("", ".parquet"):
        raise GlmError(
            f"{given}: tables are written as Parquet; name it {given.with_suffix('.parquet').name} "
            "(pandas.read_parquet and duckdb read it)"
        )
    return in_a_folder(given)


Model = Annotated[
    Path,
    typer.Option(
        "--model",
        "-m",
        help="Model directory, or OWNER/MODEL (OWNER/MODEL@REVISION) on the Hugging Face hub.",
        show_default=False,
        callback=is_model,
    ),
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="Table to write (Parquet).", callback=is_parquet)
]
Stride = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Genes from one window to the next. Fewer than a window's: windows overlap and are "
        "averaged, their edges counting less. Default: of embed a window's, no overlap (the "
        "paper's); of operons and couplings half a window's.",
    ),
]
ProteinModel = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the protein model. Default: protein_model in the model directory or "
        "beside it, else the cache, else fetched from where it was published."
    ),
]
Metagenome = Annotated[
    bool,
    typer.Option(
        "--metagenome",
        help="Contigs are of many organisms: call genes with pyrodigal's metagenomic models. "
        "Without it, a FASTA of 100 kb or more is taken for one genome.",
    ),
]
GeneticCode = Annotated[int, typer.Option(help="NCBI's number of the genetic code: 4, 11 or 25.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Processor cores to use. Default: all.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")]


def prepare(
    inputs: list[Path],
    model: Path,
    protein_model: Path | None,
    metagenome: bool,
    genetic_code: int,
    threads: int | None,
    device: str,
    stride: int | None,
) -> tuple[Any, Any]:
    """The model, and the genomes that are to be read, once the stride is one of its windows'."""
    from glm.application.inputs import find_sources
    from glm.application.loading import load_model
    from glm.application.windows import check_stride
    from glm.corpus.gene_calling import Calling

    sources = find_sources(inputs, Calling(genetic_code, metagenome))
    loaded = load_model(model, protein_model, device, threads)
    check_stride(stride or loaded.window, loaded.window)
    return loaded, sources


@contextmanager
def progress(total: int, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar over genomes on the screen; yields what to call with the name of each one done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=screen, disable=quiet, transient=True
    ) as bar:
        task = bar.add_task("genomes", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)
