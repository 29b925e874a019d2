"""The training corpus as numbers: where each gene's embedding lies, and on which strand it is.

A subcontig is 30 int32 and 30 bools, not 30 vectors: 7.3 million of them take 0.9 GB instead of
607. The vectors stay in the embedding store, one for each representative, and are gathered by
index: on the accelerator where the store fits there, else from a memory map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from glm import tables
from glm.errors import GlmError
from glm.model.features import FeatureBuilder

SHARE_OF_DEVICE = 0.4  # of its free memory; the rest is for the model, its moments, activations
Placement = Literal["auto", "device", "memory_map"]


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

    def genes_of(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the genes of some subcontigs lie.

        chosen: (m,) indices of subcontigs. Returns (genes,) int64 into `representative` and
        `forward`, subcontig by subcontig, and (m,) int64, the genes of each.
        """
        lengths = self.offsets[chosen + 1] - self.offsets[chosen]
        before = np.cumsum(lengths) - lengths
        genes = np.repeat(self.offsets[chosen] - before, lengths) + np.arange(lengths.sum())
        return genes, lengths


def read_corpus(
    subcontigs: Path,
    rows: int,
    splits: Path | None = None,
    split: str | None = None,
    kept: np.ndarray | None = None,
) -> Corpus:
    """Read subcontigs.parquet: all of them, one split of splits.parquet, or those named in `kept`.

    rows: rows of the embedding store. kept: (n,) int64. Raises `GlmError` if nothing is left, or if
    a gene points outside the store.
    """
    if splits is not None:
        assigned = tables.read(splits, tables.SPLITS, ["subcontig", "split"])
        kept = assigned.filter(pc.equal(assigned["split"], split))["subcontig"].to_numpy()
    names, lengths, representative, forward = [], [], [], []
    columns = ["subcontig", "representative", "forward"]
    for batch in tables.open_file(subcontigs, tables.SUBCONTIGS).iter_batches(columns=columns):
        if kept is not None:
            batch = batch.filter(pa.array(np.isin(batch["subcontig"].to_numpy(), kept)))
        names.append(batch["subcontig"].to_numpy())
        lengths.append(pc.list_value_length(batch["representative"]).to_numpy())
        representative.append(pc.list_flatten(batch["representative"]).to_numpy())
        forward.append(pc.list_flatten(batch["forward"]).to_numpy(zero_copy_only=False))
    if not names or not sum(map(len, names)):
        of_split = f" of split {split!r}" if split else ""
        raise GlmError(f"{subcontigs}: no subcontig{of_split} to train or validate on")
    corpus = Corpus(
        subcontig=np.concatenate(names),
        offsets=np.concatenate([[0], np.concatenate(lengths).cumsum(dtype=np.int64)]),
        representative=np.concatenate(representative).astype(np.int32),
        forward=np.concatenate(forward).astype(bool),
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


class EmbeddingStore:
    """Raw float16 embeddings of all representatives, (representatives, D), gathered by row."""

    def __init__(
        self, path: Path, device: torch.device | str = "cpu", placement: Placement = "auto"
    ) -> None:
        """Map the store into memory; copy it to an accelerator if it fits ("auto") or must.

        Raises `GlmError` if the file is no matrix of float16.
        """
        self.device = torch.device(device)
        try:
            # copy on write: torch warns about arrays that cannot be written
            mapped = np.load(path, mmap_mode="c", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise GlmError(
                f"{path}: not an embedding store ({error}); remove it and build it again"
            ) from error
        if mapped.dtype != np.float16 or mapped.ndim != 2:
            raise GlmError(
                f"{path}: an embedding store is a matrix of float16, not {mapped.ndim} dimensions "
                f"of {mapped.dtype}; remove it and build it again"
            )
        self.embeddings = torch.from_numpy(mapped)
        self.resident = self.device.type == "cuda" and (
            placement == "device" or (placement == "auto" and self._fits())
        )
        if self.resident:
            self.embeddings = self.embeddings.to(self.device)

    @classmethod
    def held(cls, embeddings: np.ndarray) -> EmbeddingStore:
        """A store of embeddings that are in memory already, (n, D) float16."""
        store = cls.__new__(cls)
        store.device, store.resident = torch.device("cpu"), False
        store.embeddings = torch.from_numpy(embeddings)
        return store

    def _fits(self) -> bool:
        free, _ = torch.cuda.mem_get_info(self.device)
        return self.embeddings.nbytes <= SHARE_OF_DEVICE * free

    def __len__(self) -> int:
        """Representatives."""
        return len(self.embeddings)

    @property
    def size(self) -> int:
        """Features of an embedding, D."""
        return self.embeddings.shape[1]

    def gather(self, representative: Tensor, out: Tensor | None = None) -> Tensor:
        """Embeddings of some genes, (genes,) int32 to (genes, D) float16, where the store lies.

        Genes without representative (-1) get any row: the caller knows which they are. out: where
        to put them; without it they go to new memory, pinned (and by that recycled) if they are
        read from a memory map for an accelerator.
        """
        if out is None and self.device.type == "cuda" and not self.resident:
            shape = (len(representative), self.size)
            out = torch.empty(shape, dtype=torch.float16, pin_memory=True)
        rows = representative.clamp(min=0)
        if out is None:
            return self.embeddings.index_select(0, rows)
        return torch.index_select(self.embeddings, 0, rows, out=out)


def read_feature_builder(standardisation: Path, label_components: Path) -> FeatureBuilder:
    """The fitted numbers of the two tables, as the module that makes features and labels.

    Raises `GlmError` if the tables were not fitted on embeddings of the same size.
    """
    fitted = tables.read(standardisation, tables.STANDARDISATION).sort_by("feature")
    components = tables.read(label_components, tables.LABEL_COMPONENTS).sort_by("component")
    directions = np.stack(components["direction"].to_numpy())
    if directions.shape[1] != len(fitted):
        raise GlmError(
            f"{label_components}: directions over {directions.shape[1]} features, but "
            f"{standardisation} has {len(fitted)}; fit both again on the same embeddings"
        )
    return FeatureBuilder(
        mean=torch.from_numpy(fitted["mean"].to_numpy().copy()),
        standard_deviation=torch.from_numpy(fitted["standard_deviation"].to_numpy().copy()),
        directions=torch.from_numpy(directions),
        centre=torch.from_numpy(components["centre"].to_numpy().copy()),
        variance=torch.from_numpy(components["variance"].to_numpy().copy()),
    )
