"""Genes as vectors: context-free, in context, and the controls of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from glm.inference.contexts import in_batches
from glm.inference.names import Representation, Variant
from glm.inference.neighbours import FocalWindows, mean_of_neighbours, windows_around
from glm.inference.reader import GeneReader

Read = Callable[[np.ndarray, GeneReader, Variant, int], np.ndarray]


def represent(
    name: Representation,
    reader: GeneReader,
    genes: np.ndarray,
    read: Read,
    seeds: Sequence[int],
    around: FocalWindows | None = None,
) -> Iterator[np.ndarray]:
    """A representation of some genes, (n, features): of a control by each seed, of others once.

    One is in memory at a time. genes: (n,) int64 into the corpus; one without representative is the
    vector of ones, as the gLM reads it. read: what makes (n, features) of them, a variant's reader,
    the variant and a seed. around: the windows that neighbours are of, by default whole subcontigs.
    """
    if name == "context_free":
        rows = reader.genes.gather(genes).float().cpu().numpy()
        rows[~reader.genes.present[genes]] = 1
        yield rows
    elif name == "neighbours":
        around = around or windows_around(reader.genes.corpus, genes)
        yield mean_of_neighbours(reader.genes, around)
    else:
        for seed in seeds[:1] if name == "trained" else seeds:
            yield read(genes, reader.variant(name, seed), name, seed)


def in_subcontigs(
    genes: np.ndarray,
    reader: GeneReader,
    variant: Variant,
    seed: int,
    per_batch: int,
    kind: type[np.floating] = np.float32,
) -> np.ndarray:
    """A `Read` for which all subcontigs are read, at most `per_batch` at a time."""
    readings = in_batches(reader.genes.corpus, per_batch, variant, seed)
    return reader.embed_some(genes, readings, kind)
