"""What several commands of `glm` take, and how they begin: options, the model, a progress bar."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

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


ProteinModel = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the protein model. Default: protein_model in the model directory or "
        "beside it, else the cache, else fetched from where it was published."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")]


class Reading(NamedTuple):
    """What a command takes that reads genomes with a gLM."""

    inputs: Annotated[
        list[Path],
        typer.Argument(
            help="Genomes: FASTA (genes are called), GenBank, GFF + FASTA of the same name, or "
            "protein FASTA + table (contig<TAB>+protein_1;-protein_2;…) of the same name; plain, "
            ".gz, .bgz, .xz or .bz2; or a folder, in which each genome is found once (GenBank, "
            "then GFF, then FASTA).",
            show_default=False,
            callback=are_there,
        ),
    ]
    model: Annotated[
        Path,
        typer.Option(
            "--model",
            "-m",
            help="Model directory, or OWNER/MODEL (OWNER/MODEL@REVISION) on the Hugging Face hub.",
            show_default=False,
            callback=is_model,
        ),
    ]
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Table to write (Parquet).", callback=is_parquet)
    ]
    stride: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Genes from one window to the next. Fewer than a window's: windows overlap and "
            "are averaged, their edges counting less. Default: of embed a window's, no overlap "
            "(the paper's); of operons and couplings half a window's.",
        ),
    ] = None
    protein_model: ProteinModel = None
    metagenome: Annotated[
        bool,
        typer.Option(
            "--metagenome",
            help="Contigs are of many organisms: call genes with pyrodigal's metagenomic models. "
            "Without it, a FASTA of 100 kb or more is taken for one genome.",
        ),
    ] = False
    genetic_code: Annotated[
        int, typer.Option(help="NCBI's number of the genetic code: 4, 11 or 25.")
    ] = 11
    threads: Annotated[
        int | None, typer.Option(min=1, help="Processor cores to use. Default: all.")
    ] = None
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto"
    as_json: AsJson = False

    def prepare(self) -> tuple[Any, Any]:
        """The model, and the genomes that are to be read; the stride is one of its windows'."""
        from glm.application.inputs import find_sources
        from glm.application.loading import load_model
        from glm.application.windows import check_stride
        from glm.corpus.gene_calling import Calling

        sources = find_sources(self.inputs, Calling(self.genetic_code, self.metagenome))
        loaded = load_model(self.model, self.protein_model, self.device, self.threads)
        check_stride(self.stride or loaded.window, loaded.window)
        return loaded, sources


def reads_genomes(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes a `Reading` first, as typer reads it: its own options among the fields,
    after those that are required."""
    shared, hints = inspect.signature(Reading).parameters, get_type_hints(Reading, None, None, True)
    of_reading = [each.replace(annotation=hints[name]) for name, each in shared.items()]
    _, *own = inspect.signature(command, eval_str=True).parameters.values()

    @wraps(command)
    def run(**given: Any) -> None:
        command(Reading(**{name: given.pop(name) for name in shared}), **given)

    required = sum(each.default is each.empty for each in of_reading)
    every = (*of_reading[:required], *own, *of_reading[required:])
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
    )
    return run


@contextmanager
def progress(total: int, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A bar over genomes on the screen; yields what to call with the name of each one done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=screen, disable=quiet, transient=True
    ) as bar:
        task = bar.add_task("genomes", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)
