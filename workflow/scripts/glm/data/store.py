"""The embedding store: raw protein embeddings on disk or on an accelerator, gathered by row."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from glm.errors import GlmError

SHARE_OF_DEVICE = 0.4  # of its free memory, where nobody says what else will lie there
Placement = Literal["auto", "device", "memory_map"]


class EmbeddingStore:
    """Raw float16 embeddings of all representatives, (representatives, D), gathered by row."""

    def __init__(
        self,
        path: Path,
        device: torch.device | str = "cpu",
        placement: Placement = "auto",
        reserved: float | None = None,
    ) -> None:
        """Map the store into memory; copy it to an accelerator if it fits ("auto") or must.

        reserved: bytes of the accelerator that others will need. Raises `GlmError` if the file is
        no matrix of float16.
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
            placement == "device" or (placement == "auto" and self._fits(reserved))
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

    def _fits(self, reserved: float | None) -> bool:
        free, _ = torch.cuda.mem_get_info(self.device)
        room = SHARE_OF_DEVICE * free if reserved is None else free - reserved
        return self.embeddings.nbytes <= room

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
