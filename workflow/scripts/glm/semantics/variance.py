"""Context variance: how different the contexts of one protein are (Methods, "Variance of
contextualized protein embedding analysis"; Figure 3D).

For each protein that occurs often enough away from the edges of a subcontig: ten random samples of
100 of its occurrences, the mean euclidean distance between two contextualised embeddings of a
sample, and the mean of the ten. All of it is drawn `seeds` times. One pass over the corpus counts,
one over the contextualised embeddings gathers what was drawn; both are linear in occurrences.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from glm import tables
from glm.errors import GlmError
from glm.logs import progress_bar

Array = np.ndarray


@dataclass(frozen=True)
class Draws:
    """Occurrences to be compared.

    representative: (proteins,) int32, ascending. count: (proteins,) int64 occurrences of each, the
    edges left out. drawn: (proteins, samples, size) int64, which of them, from 0 in the order of
    the table; the samples are those of all seeds. seeds: how many share them equally.
    """

    representative: Array
    count: Array
    drawn: Array
    seeds: int

    @property
    def offsets(self) -> Array:
        """Where each protein's occurrences begin when all are put one after another."""
        return np.cumsum(self.count) - self.count


def inner_genes(batch: pa.RecordBatch) -> Array:
    """Representatives of a batch's genes that are neither first nor last of their subcontig."""
    lengths = pc.list_value_length(batch["representative"]).to_numpy()
    genes = pc.list_flatten(batch["representative"]).to_numpy()
    inner = np.ones(len(genes), bool)
    ends = np.cumsum(lengths)
    inner[ends - lengths] = inner[ends - 1] = False
    return genes[inner]


def count_occurrences(subcontigs: Path) -> Array:
    """Occurrences of each representative away from the edges, (representatives,) int64."""
    counts = np.zeros(0, np.int64)
    file = tables.open_file(subcontigs, tables.SUBCONTIGS)
    for batch in file.iter_batches(columns=["representative"]):
        genes = inner_genes(batch)
        found = np.bincount(genes[genes >= 0])
        if len(found) > len(counts):
            counts = np.concatenate([counts, np.zeros(len(found) - len(counts), np.int64)])
        counts[: len(found)] += found
    return counts


def draw(
    counts: Array,
    minimum: int,
    samples: int,
    size: int,
    maximum_proteins: int,
    seed: int,
    seeds: int = 1,
) -> Draws:
    """Which occurrences of which proteins are compared: `samples` for each of the seeds.

    At most `maximum_proteins` of those with `minimum` occurrences, drawn at random (they bound the
    disk that is needed). Raises `GlmError` if no protein occurs often enough, or if the minimum
    does not fill a sample.
    """
    if minimum < size:
        raise GlmError(
            f"context_variance: minimum_occurrences ({minimum}) is under sample_size ({size})"
        )
    frequent = np.flatnonzero(counts >= minimum)
    if not len(frequent):
        raise GlmError(
            f"no protein occurs {minimum} times away from the edges of subcontigs (the most: "
            f"{counts.max(initial=0)}); lower context_variance.minimum_occurrences and sample_size"
        )
    rng = np.random.default_rng(seed)
    if len(frequent) > maximum_proteins:
        logging.info("proteins drawn: %s of %s", f"{maximum_proteins:,}", f"{len(frequent):,}")
        frequent = np.sort(rng.choice(frequent, maximum_proteins, replace=False))
    drawn = np.stack([
        [rng.choice(count, size, replace=False, shuffle=False) for _ in range(seeds * samples)]
        for count in counts[frequent].tolist()
    ])  # fmt: skip
    return Draws(frequent.astype(np.int32), counts[frequent], drawn, seeds)


def wanted_places(draws: Draws) -> Array:
    """The drawn occurrences, each once, numbered over all proteins: sorted int64."""
    return np.unique(draws.drawn + draws.offsets[:, None, None])


def gather(shards: Iterable[Path], draws: Draws, rows: Array, wanted: Array) -> int:
    """Copy the wanted embeddings out of the shards into `rows`, (wanted, features).

    Occurrences are numbered in the order in which the shards have them. Returns how many were
    found.
    """
    number_of = np.full(int(draws.representative.max()) + 2, -1, np.int64)
    number_of[draws.representative] = np.arange(len(draws.representative))
    seen = np.zeros(len(draws.representative), np.int64)
    offsets = draws.offsets
    found = 0
    for protein, embeddings in inner_rows(shards):
        known = np.minimum(protein.astype(np.int64), len(number_of) - 1)
        number = number_of[known]  # the last entry is of none, and -1 finds it too
        here = np.flatnonzero(number >= 0)
        number = number[here]
        order = np.argsort(number, kind="stable")
        sorted_number = number[order]
        first = np.searchsorted(sorted_number, sorted_number)
        occurrence = np.empty(len(number), np.int64)
        occurrence[order] = np.arange(len(number)) - first + seen[sorted_number]
        seen += np.bincount(number, minlength=len(seen))
        place = offsets[number] + occurrence
        at = np.searchsorted(wanted, place).clip(max=len(wanted) - 1)
        hit = wanted[at] == place
        rows[at[hit]] = embeddings[here[hit]]
        found += int(hit.sum())
    return found


def inner_rows(shards: Iterable[Path]) -> Iterator[tuple[Array, Array]]:
    """Representatives and embeddings of the genes away from edges, a row group at a time.

    A row group holds whole subcontigs (`contextualise_subcontigs` writes a batch as one).
    """
    for path in shards:
        file = tables.open_file(path, tables.CONTEXTUAL)
        _, numbers = tables.vector_kind(file, "embedding")
        with progress_bar(file.metadata.num_rows, "genes") as bar:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, ["rank", "representative", "embedding"])
                table = table.combine_chunks()
                rank = table["rank"].to_numpy()
                inner = (rank > 0) & np.append(rank[1:] > 0, False)
                matrix = tables.vector_rows(table["embedding"].chunk(0), numbers)
                yield table["representative"].to_numpy()[inner], matrix[inner]
                bar.update(len(table))


def mean_pairwise_distance(points: Array) -> Array:
    """Mean euclidean distance between two different points of each sample.

    points: (samples, size, features). Returns (samples,) float64.
    """
    centred = points.astype(np.float64) - points.mean(1, keepdims=True, dtype=np.float64)
    products = centred @ centred.transpose(0, 2, 1)
    square = np.einsum("sii->si", products)
    squared = square[:, :, None] + square[:, None, :] - 2 * products
    # cancellation leaves a trace of itself between equal points, of which a root makes much
    squared[squared < 1e-9 * np.maximum(square.max((1,), keepdims=True), 1e-30)[:, :, None]] = 0
    size = points.shape[1]
    return np.sqrt(squared).sum((1, 2)) / (size * (size - 1))


def variances(shards: Sequence[Path], draws: Draws, folder: Path) -> Array:
    """The context variance of each protein of the draws by each seed, (proteins, seeds) float64.

    The drawn embeddings lie in a file of `folder` meanwhile, as precise as in the shards. Raises
    `GlmError` if the shards do not hold the corpus that was counted.
    """
    wanted = wanted_places(draws)
    file = tables.open_file(shards[0], tables.CONTEXTUAL)
    features, numbers = tables.vector_kind(file, "embedding")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=".drawn.", dir=folder) as handle:
        shape = (len(wanted), features)
        rows = np.memmap(handle.name, numbers, mode="w+", shape=shape)
        found = gather(shards, draws, rows, wanted)
        if found != len(wanted):
            raise GlmError(
                f"{shards[0].parent}: {found:,} of {len(wanted):,} drawn occurrences are there; "
                "the embeddings are of another corpus: contextualise it again"
            )
        measured = np.empty((len(draws.representative), draws.seeds))
        offsets = draws.offsets
        for number, drawn in enumerate(draws.drawn):
            at = np.searchsorted(wanted, offsets[number] + drawn)
            distances = mean_pairwise_distance(rows[at])
            measured[number] = distances.reshape(draws.seeds, -1).mean(1)
        return measured


def annotate(draws: Draws, annotations: Path) -> pd.DataFrame:
    """Protein, occurrences, annotated and product of each protein of the draws, in their order."""
    columns = ["representative", "protein", "annotated", "product"]
    found = tables.read_where(
        annotations, tables.ANNOTATIONS, "representative", draws.representative, columns
    )
    known = found.to_pandas().set_index("representative")
    if missing := len(draws.representative) - len(known):
        raise GlmError(f"{annotations}: {missing:,} proteins are missing; annotate them again")
    about = known.loc[draws.representative].reset_index()
    return about.assign(occurrences=draws.count)
