"""Subcontigs of unequal length, packed one after another, and their padded grid.

Everything that treats genes one by one (nearly all of the arithmetic) runs on packed genes,
(genes, features); only attention needs the grid of (subcontigs, longest).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Layout(NamedTuple):
    """Where each packed gene stands in the padded grid.

    subcontigs, longest: the grid's size.
    slots: (genes,) int64, subcontig * longest + rank of each gene; None when all subcontigs are
        equally long: the grid is then the packed genes themselves, and every shape is static.
    real: (subcontigs, longest) bool, false at padding; None likewise.
    starts: (subcontigs + 1,) int32, where each begins among the packed genes, and their number.
    """

    subcontigs: int
    longest: int
    slots: Tensor | None
    real: Tensor | None
    starts: Tensor

    @classmethod
    def of(cls, lengths: Tensor, device: torch.device | str | None = None) -> Layout:
        """The layout of subcontigs of these lengths, (subcontigs,), in genes, each at least 1.

        The shapes depend on the longest, so keep `lengths` on the CPU: lengths on an accelerator
        make the host wait for it. The index tables are sent to `device` without waiting.
        """
        device = torch.device(device) if device is not None else lengths.device
        host = lengths.detach().to("cpu", torch.int64)
        if host.ndim != 1 or not len(host) or int(host.min()) < 1:
            raise ValueError(f"lengths must be (subcontigs,) and at least 1, not {host.tolist()}")
        longest = int(host.max())
        starts = _send(F.pad(host.cumsum(0), (1, 0)).to(torch.int32), device)
        if int(host.min()) == longest:
            return cls(len(host), longest, None, None, starts)
        real = torch.arange(longest) < host[:, None]
        slots = real.flatten().nonzero().squeeze(1)
        return cls(len(host), longest, _send(slots, device), _send(real, device), starts)

    def pad(self, packed: Tensor) -> Tensor:
        """(genes, ...) to (subcontigs, longest, ...), zero at padding."""
        shape = (self.subcontigs, self.longest, *packed.shape[1:])
        if self.slots is None:
            return packed.view(shape)
        grid = packed.new_zeros((self.subcontigs * self.longest, *packed.shape[1:]))
        return grid.index_copy(0, self.slots, packed).view(shape)

    def pack(self, grid: Tensor) -> Tensor:
        """(subcontigs, longest, ...) to (genes, ...), padding dropped."""
        flat = grid.flatten(0, 1)
        return flat if self.slots is None else flat.index_select(0, self.slots)

    def slots_of(self, genes: Tensor) -> Tensor:
        """Places in the flattened grid of some packed genes, (m,) int64."""
        return genes if self.slots is None else self.slots.index_select(0, genes)


def _send(table: Tensor, device: torch.device) -> Tensor:
    """Copy to the device; from pinned memory, the only kind that CUDA copies without waiting."""
    if device.type == "cuda":
        table = table.pin_memory()
    return table.to(device, non_blocking=True)
