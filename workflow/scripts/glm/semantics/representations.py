"""Focal genes as vectors: context-free, contextualised, and the controls of both."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from glm import tables
from glm.data.corpus import Corpus
from glm.errors import GlmError
from glm.inference.names import NEIGHBOURS, REPRESENTATIONS, Representation, Variant
from glm.inference.neighbours import WINDOWS_PER_BATCH, FocalWindows, windows_around
from glm.inference.reader import GeneReader
from glm.inference.representations import represent

NAMES: dict[str, Representation] = {**REPRESENTATIONS, NEIGHBOURS: "neighbours"}
STRANGERS = 50_000  # subcontigs that the genes of a shuffled context are drawn from


def subcontigs_to_read(subcontigs: Path, focal: pd.DataFrame, seed: int) -> np.ndarray:
    """Names of the focal genes' subcontigs and of random others, (n,) int64.

    The others' genes make shuffled contexts. Of a corpus of any size only these are in memory.
    """
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    others = np.random.default_rng(seed).permutation(names)[:STRANGERS]
    return np.union1d(focal["subcontig"].to_numpy(np.int64), others)


def windows_of(corpus: Corpus, focal: pd.DataFrame, each_side: int | None) -> FocalWindows:
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
    return windows_around(corpus, corpus.offsets[index] + focal["rank"].to_numpy(), each_side)


def contextualised(
    genes: np.ndarray, reader: GeneReader, variant: Variant, seed: int, around: FocalWindows
) -> np.ndarray:
    """The last hidden layer at the focal genes, (windows, hidden size) float32.

    Where contexts are shuffled, genes from all of the corpus stand in the place of each window's
    other genes.
    """
    windows, place = around
    if variant == "shuffled":
        random = np.random.default_rng(seed)
        strangers = random.integers(0, len(reader.genes.present), len(windows.genes))
        strangers[place] = genes
        windows = replace(windows, genes=strangers)
    found, first = [], 0
    for _, embeddings in reader.embed(windows.in_parts(WINDOWS_PER_BATCH)):
        inside = (place >= first) & (place < first + len(embeddings))
        found.append(embeddings[place[inside] - first])
        first += len(embeddings)
    return np.concatenate(found)


def represent_all(
    reader: GeneReader, around: FocalWindows, seeds: int, seed: int
) -> dict[str, list[np.ndarray]]:
    """Every representation of the focal genes, each `seeds` times.

    The controls are made anew each time; the others are the same array repeated.
    """
    read, of_seeds = partial(contextualised, around=around), range(seed, seed + seeds)
    found = {
        name: list(represent(key, reader, around.focal, read, of_seeds, around))
        for name, key in NAMES.items()
    }
    return {name: of_name * (seeds // len(of_name)) for name, of_name in found.items()}
