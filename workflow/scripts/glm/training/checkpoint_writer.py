"""Checkpoints that training need not wait for: copied at once, written and hashed by a thread."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from glm.training.checkpoint import Checkpoints


class CheckpointWriter:
    """Writes the states of a run one after another; the last sound one is always on disk.

    ahead: write by a thread, which pays where training is on a GPU: at the published size a state
    is 3.35 GB, seconds of writing and hashing. Else `save` returns when the state is written.
    """

    def __init__(self, checkpoints: Checkpoints, ahead: bool) -> None:
        """Nothing is under way yet, and the thread starts with the first state."""
        self.checkpoints, self.ahead = checkpoints, ahead
        self.threads = ThreadPoolExecutor(1, "checkpoint")
        self.writing: Future[None] | None = None
        self.host: dict[str, Tensor] = {}

    def save(self, step: int, tensors: Mapping[str, Tensor], *more: Any) -> None:
        """As `Checkpoints.save`, which takes `more`, after the state before has been written.

        Raises what went wrong in that one, for training on without checkpoints helps nobody.
        """
        if not self.ahead:
            self.checkpoints.save(step, tensors, *more)
            return
        self.wait()
        self.writing = self.threads.submit(self.checkpoints.save, step, self.copy(tensors), *more)

    def copy(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors on the host, in memory that is used again for the next state.

        It is pinned where they lie on a GPU, from where the copies then run at the bus's rate.
        """
        for name, tensor in tensors.items():
            if name not in self.host:
                self.host[name] = torch.empty_like(tensor, device="cpu", pin_memory=tensor.is_cuda)
            self.host[name].copy_(tensor, non_blocking=True)
        if any(tensor.is_cuda for tensor in tensors.values()):
            torch.cuda.synchronize()
        return {name: self.host[name] for name in tensors}

    def wait(self) -> None:
        """Return when nothing is being written; raise what went wrong."""
        under_way, self.writing = self.writing, None
        if under_way is not None:
            under_way.result()
