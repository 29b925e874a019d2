"""This run's numbers, by the ids of the paper's: each read from one or two files of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import getitem
from typing import Any

import duckdb
import pyarrow.parquet as pq

from glm import tables
from glm.data import constants
from glm.report.paper import paper_values
from glm.report.run_files import NotRunError, RunFiles, count_parameters, short_name
from glm.scorecard_entries import CORPUS, REFERENCE, Number

COUNTED = {1: "one", 2: "two", 3: "three", 4: "four"}


def settings(config: Mapping[str, Any]) -> dict[str, Number]:
    """Settings of a run by the ids of the paper's, as its configuration has them."""
    if not config:
        return {}

    def value(key: str) -> Any:
        return reduce(getitem, key.split("."), config)

    found = {
        name: [value(key) for key in paper.key] if isinstance(paper.key, list) else value(paper.key)
        for name, paper in paper_values().items()
        if paper.key
    }
    training, sizes = config["training"], config["enzymes"]["perceptron"]["hidden_sizes"]
    gpus = config["gpus"]
    found["glm.gpus"] = gpus if gpus == "auto" else gpus * training["nodes"]
    entries = config["semantics"]["entries"]
    if sides := [entry["genes_each_side"] for entry in entries if "genes_each_side" in entry]:
        found["semantics.genes_each_side"] = max(sides)
    numbers = {name: Number(value, setting=True) for name, value in found.items()}
    numbers["enzyme_classes.network"] = Number(
        f"{COUNTED.get(len(sizes), len(sizes))}-layer perceptron", setting=True,
        note=f"hidden sizes {', '.join(map(str, sizes))}; the paper prints none",
    )  # fmt: skip
    return numbers


def release(run: RunFiles) -> Number:
    """The release, by the paper's name of it where it is the paper's."""
    name = paper_values()["corpus.release"].value if run.of_papers_release else run.release
    return Number(name, setting=True)


def corpus_counts(run: RunFiles, what: str) -> Number:
    """Subcontigs, or the share of genes without representative."""
    path = run.path("metagenomes", "subcontigs.parquet")
    row = duckdb.execute(
        "SELECT count(*), sum(length), sum(missing) FROM (SELECT len(representative) AS length, "
        "len(list_filter(representative, lambda r: r < 0)) AS missing FROM read_parquet(?))",
        [str(path)],
    ).fetchone()
    assert row is not None
    subcontigs, genes, missing = row
    if what == "subcontigs":
        return count(subcontigs, "subcontigs")
    return Number(int(missing) / int(genes), n=int(genes), unit="genes", needs=(CORPUS,))


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
    weights = run.protein_model.get("weights", "trained")
    about = "" if weights == "trained" else f"{weights} weights"
    note = "; ".join(filter(None, [about, str(run.protein_model.get("note", ""))]))
    return Number(short_name(run.protein_model["name"]), setting=True, note=note)


def input_clip(run: RunFiles) -> Number:
    """Where standardised inputs are cut, as the gLM's config.json has it; older ones: as ours."""
    limit = run.model_config("glm").get("input_clip", constants.CLIP)
    return Number("none" if limit is None else [-limit, limit], setting=True)


def label_components(run: RunFiles) -> Number:
    """Components of a label."""
    table = run.path("embedding", "label_components.parquet")
    return Number(pq.read_metadata(table).num_rows, setting=True)


def removed(run: RunFiles) -> Number:
    """Share of subcontigs that were removed."""
    flags = tables.read(run.path("decontamination", "flags.parquet"), tables.FLAGS, ["removed"])
    gone = sum(chunk.true_count for chunk in flags["removed"].chunks)
    return Number(
        gone / len(flags),
        n=len(flags),
        unit="subcontigs",
        needs=(CORPUS, REFERENCE),
        tolerance=1.5e-3,
        note=f"{gone:,} of {len(flags):,} subcontigs",
    )


def architecture(run: RunFiles, model: str, key: str) -> Number:
    """A number of a model's config.json."""
    return Number(run.model_config(model)[key], setting=True)


def input_size(run: RunFiles, model: str) -> Number:
    """Features of a gene as a model reads it: its embedding and its orientation."""
    return Number(run.model_config(model)["embedding_size"] + 1, setting=True)


def parameters(run: RunFiles, model: str) -> Number:
    """Parameters, counted in the saved weights."""
    counted = count_parameters(run.path(model, "model.safetensors"))
    note = (
        "weights that the forward pass uses; the paper's count has three encoders of which one "
        "is used, 278,867,988 of its weights are active"
        if model == "glm"
        else ""
    )
    return Number(counted, n=counted, unit="parameters", setting=True, note=note)


def epochs(run: RunFiles) -> Number:
    """How often the gLM's training saw a subcontig."""
    metrics = run.path("glm", "metrics.parquet")
    steps, batch = (run.parameter(metrics, "training", key) for key in ("steps", "batch_size"))
    splits = tables.read(run.path("decontamination", "splits.parquet"), tables.SPLITS, ["split"])
    kept = sum(1 for split in splits["split"].to_pylist() if split == "train")
    return Number(
        round(steps * batch / kept), n=kept, unit="subcontigs to train on", needs=(CORPUS,)
    )


READERS: dict[str, Callable[[RunFiles], Number]] = {
    "corpus.release": release,
    "corpus.subcontigs": partial(corpus_counts, what="subcontigs"),
    "corpus.representative_proteins": representatives,
    "corpus.genes_without_representative": partial(corpus_counts, what="missing"),
    "corpus.truncated_proteins": truncated,
    "embedding.model": protein_model,
    "embedding.clip": input_clip,
    # the code knows no other
    "embedding.orientation": lambda run: Number(
        [constants.FORWARD, constants.REVERSE], setting=True
    ),
    "glm.positions": lambda run: Number("relative_key_query", setting=True),
    "labels.components": label_components,
    "decontamination.removed": removed,
    **{
        f"glm.{key}": partial(architecture, model="glm", key=key)
        for key in ("layers", "hidden_size", "heads", "predictions")
    },
    "glm.input_size": partial(input_size, model="glm"),
    "glm.epochs": epochs,
    "glm.parameters": partial(parameters, model="glm"),
    **{
        f"bilstm.{key}": partial(architecture, model="bilstm", key=key)
        for key in ("layers", "hidden_size", "predictions")
    },
    "bilstm.input_size": partial(input_size, model="bilstm"),
    "bilstm.parameters": partial(parameters, model="bilstm"),
}
