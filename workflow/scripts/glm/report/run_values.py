"""This run's numbers, by the ids of the paper's: each read from one or two files of the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from glm import tables
from glm.data import constants
from glm.report.paper import RELEASE, paper_values
from glm.report.run_files import NotRunError, RunFiles, count_parameters, short_name

CORPUS, PROTEIN_MODEL = "corpus", "protein model"
LEARNED = (CORPUS, PROTEIN_MODEL)


@dataclass(frozen=True)
class Measured:
    """A number of this run.

    lower, upper: ends of its 95 % interval; n: what it was computed on, and unit: what n counts;
    needs: what must be the paper's for the two to be comparable (nothing for a setting);
    tolerance: largest difference that still counts as the same, and how it came about.
    """

    value: Any
    lower: float | None = None
    upper: float | None = None
    n: int | None = None
    unit: str | None = None
    needs: tuple[str, ...] = ()
    tolerance: float | None = None
    note: str = ""


def release(run: RunFiles) -> Measured:
    """The release, by the paper's name of it where it is the paper's."""
    is_papers = RELEASE in run.release
    return Measured(paper_values()["corpus.release"].value if is_papers else run.release)


def corpus_counts(run: RunFiles, what: str) -> Measured:
    """Subcontigs, genes in a subcontig, or genes without representative."""
    path = run.path("metagenomes", "subcontigs.parquet")
    row = duckdb.execute(
        "SELECT count(*), min(length), max(length), sum(length), sum(missing) FROM (SELECT "
        "len(representative) AS length, len(list_filter(representative, lambda r: r < 0)) "
        "AS missing FROM read_parquet(?))",
        [str(path)],
    ).fetchone()
    assert row is not None
    subcontigs, shortest, longest, genes, missing = row
    if what == "subcontigs":
        return count(subcontigs, "subcontigs")
    if what == "genes":
        return Measured([shortest, longest], n=subcontigs, unit="subcontigs", needs=(CORPUS,))
    share = int(missing) / int(genes)
    return Measured(share, n=int(genes), unit="genes", needs=(CORPUS,), tolerance=5e-4)


def count(value: int, unit: str) -> Measured:
    """A count of the corpus; 1 % more or less is the same."""
    return Measured(value, n=value, unit=unit, needs=(CORPUS,), tolerance=0.01 * value)


def representatives(run: RunFiles) -> Measured:
    """Representative proteins."""
    path = run.path("metagenomes", "representatives.parquet")
    return count(pq.read_metadata(path).num_rows, "representatives")


def truncated(run: RunFiles) -> Measured:
    """Proteins that were cut before embedding, as the shards counted them."""
    shards = sorted(run.path("metagenomes", "embeddings").glob("*.parquet"))
    counts = [tables.read_counts(shard) for shard in shards]
    if not counts or any("truncated" not in found for found in counts):
        raise NotRunError("missing the counts of truncated proteins in the embedding shards")
    proteins = sum(found.get("proteins", 0) for found in counts)
    total = sum(found["truncated"] for found in counts)
    return Measured(total, n=proteins, unit="proteins", needs=(CORPUS,), tolerance=0.01 * total)


def protein_model(run: RunFiles) -> Measured:
    """Which protein model ran, and what it is not."""
    obstacle = run.protein_model_obstacle()
    note = "; ".join(filter(None, [obstacle, str(run.protein_model.get("note", ""))]))
    return Measured(short_name(run.protein_model["name"]), note=note)


def label_components(run: RunFiles) -> Measured:
    """Components of a label."""
    return Measured(pq.read_metadata(run.path("embedding", "label_components.parquet")).num_rows)


def decontamination_identity(run: RunFiles) -> Measured:
    """The identity over which a gene is like the reference genome."""
    return Measured(run.parameter(run.path("decontamination", "flags.parquet"), "identity"))


def removed(run: RunFiles) -> Measured:
    """Share of subcontigs that were removed."""
    flags = tables.read(run.path("decontamination", "flags.parquet"), tables.FLAGS, ["removed"])
    gone = sum(chunk.true_count for chunk in flags["removed"].chunks)
    return Measured(
        gone / len(flags),
        n=len(flags),
        unit="subcontigs",
        needs=(CORPUS,),
        tolerance=1.5e-3,
        note=f"{gone:,} of {len(flags):,} subcontigs",
    )


def architecture(run: RunFiles, model: str, key: str) -> Measured:
    """A number of a model's config.json."""
    return Measured(run.model_config(model)[key])


def parameters(run: RunFiles, model: str) -> Measured:
    """Parameters, counted in the saved weights."""
    counted = count_parameters(run.path(model, "model.safetensors"))
    note = (
        "weights that the forward pass uses; the paper's count has three encoders of which one "
        "is used, 278,867,988 of its weights are active"
        if model == "glm"
        else ""
    )
    return Measured(counted, n=counted, unit="parameters", note=note)


def training(run: RunFiles, model: str, key: str) -> Measured:
    """A setting of the training, as the metrics' stamp has it."""
    return Measured(run.parameter(run.path(model, "metrics.parquet"), "training", key))


def accuracy(
    run: RunFiles, model: str, genes_of: str, measure: str, needs: tuple[str, ...] = LEARNED
) -> Measured:
    """A row of the accuracy tables, with its margin over copied neighbours for a model."""
    table = measure.removesuffix("_closest")
    path = run.path("evaluation", f"{table}.parquet")
    wanted = {"model": model, "genes_of": genes_of, "measure": measure}
    row = one_row(path, tables.ACCURACY, wanted)
    note = ""
    margins = run.root / "evaluation" / f"{table}_margins.parquet"
    if margins.exists() and not model.startswith("baseline."):
        copied = one_row(margins, tables.MARGINS, {**wanted, "other": "baseline.copy_neighbour"})
        note = (
            f"{100 * copied['difference']:+.1f} points against baseline.copy_neighbour, "
            f"{copied['standard_errors']:.1f} standard errors"
        )
    fields = {name: row[name] for name in ("value", "lower", "upper", "n")}
    return Measured(**fields, unit="masked genes", needs=needs, tolerance=5e-4, note=note)


def one_row(path: Path, declared: tables.Table, wanted: dict[str, str]) -> dict[str, Any]:
    """The row of a small table with these values; raises `NotRunError` if there is none."""
    for row in tables.read(path, declared).to_pylist():
        if all(row[column] == value for column, value in wanted.items()):
            found: dict[str, Any] = row
            return found
    raise NotRunError(f"{path.name} has no row {', '.join(wanted.values())}")


def accuracies() -> Iterator[tuple[str, Callable[[RunFiles], Measured]]]:
    """Ids and readers of all accuracies: two models and three baselines.

    The id without suffix is K-12 and the most likely prediction, what a user of the model gets;
    `_closest` is the reading of the paper's number.
    """
    for model in ("glm", "bilstm"):
        for genes_of, kind in (
            ("reference", "pseudo_accuracy"),
            ("reference", "absolute_accuracy"),
            ("heldout", "pseudo_accuracy"),
        ):
            for reading in ("", "_closest") if model == "glm" else ("",):
                read = partial(accuracy, model=model, genes_of=genes_of, measure=f"{kind}{reading}")
                yield f"{model}.{genes_of}_{kind}{reading}", read
    for baseline in ("chance", "copy_neighbour", "nearest_context"):
        for suffix, genes_of, kind in (
            ("", "reference", "pseudo_accuracy"),
            ("_heldout", "heldout", "pseudo_accuracy"),
            ("_absolute", "reference", "absolute_accuracy"),
        ):
            for reading in ("",) if baseline == "chance" else ("", "_closest"):
                name = f"baseline.{baseline}"
                read = partial(accuracy, model=name, genes_of=genes_of, measure=f"{kind}{reading}")
                yield f"{name}{suffix}{reading}", read


READERS: dict[str, Callable[[RunFiles], Measured]] = {
    "corpus.release": release,
    "corpus.subcontigs": partial(corpus_counts, what="subcontigs"),
    "corpus.genes_per_subcontig": partial(corpus_counts, what="genes"),
    "corpus.representative_proteins": representatives,
    "corpus.genes_without_representative": partial(corpus_counts, what="missing"),
    "corpus.truncated_proteins": truncated,
    "embedding.model": protein_model,
    # not settings: the code knows no other
    "embedding.clip": lambda run: Measured([-constants.CLIP, constants.CLIP]),
    "embedding.orientation": lambda run: Measured([constants.FORWARD, constants.REVERSE]),
    "glm.positions": lambda run: Measured("relative_key_query"),
    "labels.components": label_components,
    "decontamination.identity": decontamination_identity,
    "decontamination.removed": removed,
    **{
        f"glm.{key}": partial(architecture, model="glm", key=key)
        for key in ("layers", "hidden_size", "heads", "predictions")
    },
    **{
        f"glm.{key}": partial(training, model="glm", key=key)
        for key in ("alpha", "mask_rate", "batch_size", "learning_rate", "warmup_steps", "steps")
    },
    "glm.parameters": partial(parameters, model="glm"),
    **{
        f"bilstm.{key}": partial(architecture, model="bilstm", key=key)
        for key in ("layers", "hidden_size", "predictions")
    },
    "bilstm.parameters": partial(parameters, model="bilstm"),
    "bilstm.batch_size": partial(training, model="bilstm", key="batch_size"),
    **dict(accuracies()),
}


def measured_numbers(path: Path) -> dict[str, Measured]:
    """The numbers that an analysis wrote for the scorecard, by id (`tables.NUMBERS`)."""
    return {
        row.pop("id"): Measured(
            **{**row, "value": json.loads(row["value"]), "needs": tuple(row["needs"] or ())}
        )
        for row in tables.read(path, tables.NUMBERS).to_pylist()
    }
