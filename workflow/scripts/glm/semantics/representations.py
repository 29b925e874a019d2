"""Focal genes as vectors: context-free, contextualised, and the controls of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from glm import tables
from glm.data.corpus import Corpus
from glm.errors import GlmError
from glm.inference.names import (
    CONTEXT_FREE,
    CONTEXTUALISED,
    NEIGHBOURS,
    REPRESENTATIONS,
    SHUFFLED,
    UNTRAINED,
)
from glm.inference.reader import GeneReader, check_finite, untrained

NAMES = (*REPRESENTATIONS, NEIGHBOURS)
WINDOWS_PER_BATCH = 64
STRANGERS = 50_000  # subcontigs that the genes of a shuffled context are drawn from


@dataclass(frozen=True)
class Windows:
    """Genes around focal genes, one window after another.

    genes: (genes,) int64 into the corpus. lengths: (windows,). place: (windows,) int64, where in
    `genes` the focal gene of each window is.
    """

    genes: np.ndarray
    lengths: np.ndarray
    place: np.ndarray


def subcontigs_to_read(subcontigs: Path, focal: pd.DataFrame, seed: int) -> np.ndarray:
    """Names of the focal genes' subcontigs and of random others, (n,) int64.

    The others' genes make shuffled contexts. Of a corpus of any size only these are in memory.
    """
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    others = np.random.default_rng(seed).permutation(names)[:STRANGERS]
    return np.union1d(focal["subcontig"].to_numpy(np.int64), others)


def windows_of(corpus: Corpus, focal: pd.DataFrame, each_side: int | None) -> Windows:
    """The windows of focal genes: their subcontig, cut to `each_side` genes before and after.

    focal: columns subcontig and rank. Raises `GlmError` for a subcontig that the corpus lacks.
    """
    order = np.argsort(corpus.subcontig)
    names = focal["subcontig"].to_numpy()
    found = np.searchsorted(corpus.subcontig, names, sorter=order).clip(max=len(order) - 1)
    index = order[found]
    if (wrong := corpus.subcontig[index] != names).any():
        raise GlmError(
            f"focal gene of subcontig {names[wrong.argmax()]}: the corpus has no such subcontig; "
            "find the focal genes again"
        )
    begin, end = corpus.offsets[index], corpus.offsets[index + 1]
    gene = begin + focal["rank"].to_numpy()
    if each_side is not None:
        begin, end = np.maximum(begin, gene - each_side), np.minimum(end, gene + each_side + 1)
    lengths = end - begin
    before = np.cumsum(lengths) - lengths
    genes = np.repeat(begin - before, lengths) + np.arange(lengths.sum())
    return Windows(genes, lengths, gene - begin + before)


def context_free(reader: GeneReader, corpus: Corpus, windows: Windows) -> np.ndarray:
    """The store's rows of the focal genes, (windows, D) float32."""
    gathered = reader.gather(corpus.representative[windows.genes[windows.place]])
    return gathered.float().cpu().numpy()


def contextualised(
    reader: GeneReader, corpus: Corpus, windows: Windows, strangers: np.random.Generator | None
) -> np.ndarray:
    """The last hidden layer at the focal genes, (windows, hidden size) float32.

    strangers: if given, draws the genes that stand in the place of each window's other genes, from
    all of the corpus.
    """
    genes = windows.genes
    if strangers is not None:
        genes = strangers.integers(0, len(corpus.representative), len(genes))
        genes[windows.place] = windows.genes[windows.place]
    return np.concatenate(list(read_windows(reader, corpus, genes, windows)))


def read_windows(
    reader: GeneReader, corpus: Corpus, genes: np.ndarray, windows: Windows
) -> Iterator[np.ndarray]:
    """Embeddings of the focal genes, some windows at a time.

    Raises `GlmError` naming the subcontig if one is not finite.
    """
    ends = np.cumsum(windows.lengths)
    for start in range(0, len(ends), WINDOWS_PER_BATCH):
        lengths = windows.lengths[start : start + WINDOWS_PER_BATCH]
        first, last = ends[start] - windows.lengths[start], ends[start + len(lengths) - 1]
        read = genes[first:last]
        hidden = reader.embed(corpus.representative[read], corpus.forward[read], lengths)
        place = windows.place[start : start + len(lengths)]
        names = corpus.subcontig[np.searchsorted(corpus.offsets, windows.genes[place], "right") - 1]
        focal = hidden[place - first]
        check_finite(focal, np.ones(len(focal), int), names, reader.remedy)
        yield focal


def mean_of_neighbours(reader: GeneReader, corpus: Corpus, windows: Windows) -> np.ndarray:
    """Mean standardised embedding of each window's other genes, (windows, D) float32.

    What of the groups the neighbours' identity alone tells. Genes without representative count
    as the vector of ones that the model reads; a gene without neighbours gets zeros.
    """
    import torch

    rows = []
    ends = np.cumsum(windows.lengths)
    for length, end, place in zip(windows.lengths, ends, windows.place, strict=True):
        others = np.setdiff1d(np.arange(end - length, end), [place])
        number = corpus.representative[windows.genes[others]]
        if not len(others):
            rows.append(np.zeros(reader.store.size, np.float32))
            continue
        gathered = reader.gather(number).to(reader.device)
        present = torch.from_numpy(number >= 0).to(reader.device)
        rows.append(reader.builder.standardise(gathered, present).mean(0).cpu().numpy())
    return np.stack(rows)


def represent(
    reader: GeneReader, corpus: Corpus, windows: Windows, seeds: int, seed: int
) -> dict[str, list[np.ndarray]]:
    """Every representation of the focal genes, each `seeds` times.

    The untrained gLM and the shuffled context are drawn anew each time; the others are the same
    array repeated.
    """
    fixed = {
        CONTEXT_FREE: context_free(reader, corpus, windows),
        CONTEXTUALISED: contextualised(reader, corpus, windows, None),
        NEIGHBOURS: mean_of_neighbours(reader, corpus, windows),
    }
    drawn: dict[str, list[np.ndarray]] = {UNTRAINED: [], SHUFFLED: []}
    for number in range(seed, seed + seeds):
        random = untrained(reader.model, number)
        other = GeneReader(random, reader.builder, reader.store, reader.precision)
        drawn[UNTRAINED].append(contextualised(other, corpus, windows, None))
        strangers = np.random.default_rng(number)
        drawn[SHUFFLED].append(contextualised(reader, corpus, windows, strangers))
    every = {name: [points] * seeds for name, points in fixed.items()} | drawn
    return {name: every[name] for name in NAMES}
