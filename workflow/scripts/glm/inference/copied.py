"""A batch that a model has read, on its way from the GPU to the host."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from glm.inference.contexts import Windows


class Copied(NamedTuple):
    """A batch on its way to the host: rows, and whether each was finite and still is as stored.

    arrived: of the copy; None where nothing had to be copied.
    """

    windows: Windows
    rows: Tensor
    finite: Tensor
    still_finite: Tensor
    arrived: torch.cuda.Event | None

    @classmethod
    def of(cls, windows: Windows, read: Tensor, kind: torch.dtype) -> Copied:
        """Order, cast and check (genes, hidden size) where they are, and begin to copy them."""
        order = torch.from_numpy(windows.order).to(read.device)
        rows = torch.empty_like(read, dtype=kind).index_copy_(0, order, read.to(kind))
        finite = read.isfinite().all(1)
        finite = torch.empty_like(finite).index_copy_(0, order, finite)
        made = rows, finite, rows.isfinite().all(1)
        if not read.is_cuda:
            return cls(windows, *made, None)
        on_host, flags, still = (
            torch.empty_like(one, device="cpu", pin_memory=True).copy_(one, non_blocking=True)
            for one in made
        )
        arrived = torch.cuda.Event()
        arrived.record()
        return cls(windows, on_host, flags, still, arrived)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows and both flags, when they are there."""
        if self.arrived is not None:
            self.arrived.synchronize()
        return self.rows.numpy(), self.finite.numpy(), self.still_finite.numpy()
