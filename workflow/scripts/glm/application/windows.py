"""Contigs of any length as windows that a gLM can read, and their results put together again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from glm.errors import GlmError


class Window(NamedTuple):
    """Genes [begin, end) that are read together."""

    begin: int
    end: int

    @property
    def genes(self) -> int:
        """How many they are."""
        return self.end - self.begin

    def weights(self) -> np.ndarray:
        """How much each gene's result counts, (genes,): 1 at the edges, more towards the middle."""
        place = np.arange(self.genes, dtype=np.float32)
        return 1 + np.minimum(place, place[::-1])


def check_stride(stride: int, size: int) -> None:
    """Raise `GlmError` for a stride that leaves genes out of windows of `size`."""
    if not 1 <= stride <= size:
        raise GlmError(f"a stride of {stride}: it is between 1 and the window's {size} genes")


def cut(begin: int, end: int, size: int, stride: int) -> list[Window]:
    """Windows of at most `size` over the genes [begin, end) of one contig.

    With a stride of `size` they do not overlap and the last is what is left (the paper's). With
    a smaller one, each starts `stride` genes after the one before, and the last is a full one at
    the contig's end. Raises `GlmError` for a stride that leaves genes out.
    """
    check_stride(stride, size)
    if stride == size or end - begin <= size:
        return [Window(first, min(first + size, end)) for first in range(begin, end, size)]
    starts = [*range(begin, end - size, stride), end - size]
    return [Window(first, first + size) for first in starts]


def batches(
    windows: Sequence[Window], genes: int, copies_each: bool = False
) -> Iterator[list[Window]]:
    """Windows in groups of at most so many genes (at least one window).

    copies_each: a window of L genes counts as L windows, as where each gene is masked in turn.
    """
    group: list[Window] = []
    filled = 0
    for window in windows:
        cost = window.genes**2 if copies_each else window.genes
        if group and filled + cost > genes:
            yield group
            group, filled = [], 0
        group.append(window)
        filled += cost
    if group:
        yield group


def packed(windows: Sequence[Window]) -> tuple[np.ndarray, np.ndarray]:
    """Genes of some windows one after another, (genes,) int64, and how many each has."""
    genes = np.concatenate([np.arange(window.begin, window.end) for window in windows])
    return genes, np.array([window.genes for window in windows])


class Average:
    """Results of overlapping windows, averaged gene by gene; those of one window stay as they are.

    The middle of a window counts most: a gene at its edge has seen one side of its context only.
    """

    def __init__(self, genes: int, features: int) -> None:
        """For (genes, features) float32."""
        self.mean = np.zeros((genes, features), np.float32)
        self.weight = np.zeros(genes, np.float32)

    def add(self, window: Window, values: np.ndarray) -> None:
        """Take in a window's results, (genes of the window, features)."""
        inside = slice(window.begin, window.end)
        weights = window.weights()
        self.weight[inside] += weights
        share = (weights / self.weight[inside])[:, None]  # 1 where no window was before
        self.mean[inside] = (1 - share) * self.mean[inside] + share * values

    def add_each(self, windows: Sequence[Window], values: np.ndarray) -> None:
        """Take in the results of several windows, one after another."""
        first = 0
        for window in windows:
            self.add(window, values[first : first + window.genes])
            first += window.genes
