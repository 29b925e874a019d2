"""This run's numbers, by the ids of the paper's: each read from one or two files of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from glm import tables
from glm.data import constants
from glm.report.paper import RELEASE, paper_values
from glm.report.run_files import NotRunError, RunFiles, count_parameters, short_name
from glm.scorecard_entries import CORPUS, LEARNED, Number


def release(run: RunFiles) -> Number:
    """The release, by the paper's name of it where it is the paper's."""
    is_papers = RELEASE in run.release
    return Number(paper_values()["corpus.release"].value if is_papers else run.release)


def corpus_counts(run: RunFiles, what: str) -> Number:
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
        return Number([shortest, longest], n=subcontigs, unit="subcontigs", needs=(CORPUS,))
    share = int(missing) / int(genes)
    return Number(share, n=int(genes), unit="genes", needs=(CORPUS,), tolerance=5e-4)


def count(value: int, unit: str) -> Number:
    """A count of the corpus; 1 % more or less is the same."""
    return Number(value, n=value, unit=unit, needs=(CORPUS,), tolerance=0.01 * value)


def representatives(run: RunFiles) -> Number:
    """Representative proteins."""
    path = run.path("metagenomes", "representatives.parquet")
    return count(pq.read_metadata(path).num_rows, "representatives")


def truncated(run: RunFiles) -> Number:
    """Proteins that were cut before embedding, as the shards counted them."""
    shards = sorted(run.path("metagenomes", "embeddings").glob("*.parquet"))
    counts = [tables.read_counts(shard) for shard in shards]
    if not counts or any("truncated" not in found for found in counts):
        raise NotRunError("missing the counts of truncated proteins in the embedding shards")
    proteins = sum(found.get("proteins", 0) for found in counts)
    total = sum(found["truncated"] for found in counts)
    return Number(total, n=proteins, unit="proteins", needs=(CORPUS,), tolerance=0.01 * total)


def protein_model(run: RunFiles) -> Number:
    """Which protein model ran, and what it is not."""
    obstacle = run.protein_model_obstacle()
    note = "; ".join(filter(None, [obstacle, str(run.protein_model.get("note", ""))]))
    return Number(short_name(run.protein_model["name"]), note=note)


def input_clip(run: RunFiles) -> Number:
    """Where standardised inputs are cut, as the gLM's config.json has it; older ones: as ours."""
    limit = run.model_config("glm").get("input_clip", constants.CLIP)
    return Number("none" if limit is None else [-limit, limit])


def label_components(run: RunFiles) -> Number:
    """Components of a label."""
    return Number(pq.read_metadata(run.path("embedding", "label_components.parquet")).num_rows)


def decontamination_identity(run: RunFiles) -> Number:
    """The identity over which a gene is like the reference genome."""
    return Number(run.parameter(run.path("decontamination", "flags.parquet"), "identity"))


def removed(run: RunFiles) -> Number:
    """Share of subcontigs that were removed."""
    flags = tables.read(run.path("decontamination", "flags.parquet"), tables.FLAGS, ["removed"])
    gone = sum(chunk.true_count for chunk in flags["removed"].chunks)
    return Number(
        gone / len(flags),
        n=len(flags),
        unit="subcontigs",
        needs=(CORPUS,),
        tolerance=1.5e-3,
        note=f"{gone:,} of {len(flags):,} subcontigs",
    )


def architecture(run: RunFiles, model: str, key: str) -> Number:
    """A number of a model's config.json."""
    return Number(run.model_config(model)[key])


def parameters(run: RunFiles, model: str) -> Number:
    """Parameters, counted in the saved weights."""
    counted = count_parameters(run.path(model, "model.safetensors"))
    note = (
        "weights that the forward pass uses; the paper's count has three encoders of which one "
        "is used, 278,867,988 of its weights are active"
        if model == "glm"
        else ""
    )
    return Number(counted, n=counted, unit="parameters", note=note)


def training(run: RunFiles, model: str, key: str) -> Number:
    """A setting of the training, as the metrics' stamp has it."""
    return Number(run.parameter(run.path(model, "metrics.parquet"), "training", key))


def accuracy(
    run: RunFiles, model: str, genes_of: str, measure: str, needs: tuple[str, ...] = LEARNED
) -> Number:
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
    return Number(**fields, unit="masked genes", needs=needs, tolerance=5e-4, note=note)


def one_row(path: Path, declared: tables.Table, wanted: dict[str, str]) -> dict[str, Any]:
    """The row of a small table with these values; raises `NotRunError` if there is none."""
    for row in tables.read(path, declared).to_pylist():
        if all(row[column] == value for column, value in wanted.items()):
            found: dict[str, Any] = row
            return found
    raise NotRunError(f"{path.name} has no row {', '.join(wanted.values())}")


def accuracies() -> Iterator[tuple[str, Callable[[RunFiles], Number]]]:
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


READERS: dict[str, Callable[[RunFiles], Number]] = {
    "corpus.release": release,
    "corpus.subcontigs": partial(corpus_counts, what="subcontigs"),
    "corpus.genes_per_subcontig": partial(corpus_counts, what="genes"),
    "corpus.representative_proteins": representatives,
    "corpus.genes_without_representative": partial(corpus_counts, what="missing"),
    "corpus.truncated_proteins": truncated,
    "embedding.model": protein_model,
    "embedding.clip": input_clip,
    # not settings: the code knows no other
    "embedding.orientation": lambda run: Number([constants.FORWARD, constants.REVERSE]),
    "glm.positions": lambda run: Number("relative_key_query"),
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
