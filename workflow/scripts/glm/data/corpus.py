"""A corpus as numbers: where each gene's embedding lies, and on which strand it is.

A subcontig is 30 int32 and 30 bools, not 30 vectors: 7.3 million of them take 0.9 GB instead of
607. The vectors stay in the embedding store, one for each representative, and are gathered by
index: on the accelerator where the store fits there, else from a memory map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from glm import tables
from glm.errors import GlmError


@dataclass(frozen=True)
class Corpus:
    """Subcontigs, one after another.

    subcontig: (n,) int64, their names. offsets: (n + 1,) int64: subcontig i has the genes
    offsets[i] to offsets[i + 1]. representative: (genes,) int32, rows of the embedding store, -1
    for a gene without one. forward: (genes,) bool.
    """

    subcontig: np.ndarray
    offsets: np.ndarray
    representative: np.ndarray
    forward: np.ndarray

    def __len__(self) -> int:
        """Subcontigs."""
        return len(self.subcontig)

    @property
    def longest(self) -> int:
        """Genes of the longest subcontig."""
        return int(np.diff(self.offsets).max())

    def lengths(self, chosen: np.ndarray) -> np.ndarray:
        """Genes of some subcontigs, by their indices: (m,) int64."""
        lengths: np.ndarray = self.offsets[chosen + 1] - self.offsets[chosen]
        return lengths

    def genes_of(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the genes of some subcontigs lie.

        chosen: (m,) indices of subcontigs. Returns (genes,) int64 into `representative` and
        `forward`, subcontig by subcontig, and (m,) int64, the genes of each.
        """
        lengths = self.lengths(chosen)
        before = np.cumsum(lengths) - lengths
        genes = np.repeat(self.offsets[chosen] - before, lengths) + np.arange(lengths.sum())
        return genes, lengths


def read_corpus(
    subcontigs: Path,
    rows: int,
    splits: Path | None = None,
    split: str | None = None,
    named: np.ndarray | None = None,
) -> Corpus:
    """Read subcontigs.parquet: all of them, one split of splits.parquet, or the `named` ones.

    rows: of the embedding store. named: (n,) int64; of none the corpus is empty. Raises `GlmError`
    if nothing is left of what was asked for, or if a gene points outside the store.
    """
    asked_for_none = named is not None and not len(named)
    if splits is not None:
        assigned = tables.read(splits, tables.SPLITS, ["subcontig", "split"])
        named = assigned.filter(pc.equal(assigned["split"], split))["subcontig"].to_numpy()
    columns = ["subcontig", "representative", "forward"]
    table = tables.read_where(subcontigs, tables.SUBCONTIGS, "subcontig", named, columns)
    lengths = pc.list_value_length(table["representative"]).to_numpy()
    if not lengths.sum() and not asked_for_none:
        of_split = f" of split {split!r}" if split else ""
        raise GlmError(f"{subcontigs}: no subcontig{of_split} to train or validate on")
    corpus = Corpus(
        subcontig=table["subcontig"].to_numpy(),
        offsets=np.concatenate([[0], lengths.cumsum(dtype=np.int64)]),
        representative=pc.list_flatten(table["representative"]).to_numpy().astype(np.int32),
        forward=pc.list_flatten(table["forward"]).to_numpy().astype(bool),
    )
    if len(empty := np.flatnonzero(np.diff(corpus.offsets) == 0)):
        raise GlmError(f"{subcontigs}: subcontig {corpus.subcontig[empty[0]]} has no genes")
    furthest = int(corpus.representative.max(initial=-1))
    if furthest >= rows:
        gene = int(corpus.representative.argmax())
        name = corpus.subcontig[np.searchsorted(corpus.offsets, gene, side="right") - 1]
        raise GlmError(
            f"{subcontigs}: subcontig {name} has representative {furthest}, but the embedding "
            f"store has {rows} rows; build the store again from the same representatives"
        )
    return corpus


def assemblies_of(subcontigs: Path, named: np.ndarray) -> np.ndarray:
    """The assembly of each of the named subcontigs, (n,), as a number: (n,) int64."""
    columns = ["subcontig", "assembly"]
    rows = tables.read_where(subcontigs, tables.SUBCONTIGS, "subcontig", np.unique(named), columns)
    assembly = rows.to_pandas().set_index("subcontig")["assembly"]
    return pd.factorize(assembly[named])[0]
