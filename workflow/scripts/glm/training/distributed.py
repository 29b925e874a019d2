"""The processes that train together: one for each GPU, or one alone."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor

from glm.device import select_device

PATIENCE = timedelta(hours=1)  # rank 0 may be reading a large table while the others wait
SECONDS_TO_LET_GO = 0.2


@dataclass(frozen=True)
class Processes:
    """Which of `world` processes this one is, and its device."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the one that writes files and log lines."""
        return self.rank == 0

    def sum(self, values: Tensor) -> Tensor:
        """The sum of a tensor over all processes, in place."""
        if self.world > 1:
            dist.all_reduce(values)
        return values

    def any(self, flag: bool) -> bool:
        """Whether it holds in any process. Goes through the hosts: no GPU is waited for."""
        if self.world == 1:
            return flag
        value = torch.tensor(int(flag))
        dist.all_reduce(value, op=dist.ReduceOp.MAX)
        return bool(value)

    def agree(self, value: int) -> int:
        """The first process's integer, in all of them."""
        if self.world == 1:
            return value
        shared = torch.tensor(value)
        dist.broadcast(shared, src=0)
        return int(shared)

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.world > 1:
            self.any(False)


@contextmanager
def processes(gpus: int) -> Iterator[Processes]:
    """Join the processes that torchrun (RANK, WORLD_SIZE, LOCAL_RANK) started; or be the only one.

    Each takes one GPU, unless `gpus` is 0. GPUs speak NCCL and hosts gloo; without GPUs everything
    is gloo and the same code. Raises `GlmError` where a GPU is lacking.
    """
    rank = int(os.environ.get("RANK", 0))
    world = int(os.environ.get("WORLD_SIZE", 1))
    device = select_device(gpus, int(os.environ.get("LOCAL_RANK", 0)))
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if rank:
        logging.getLogger().setLevel(logging.WARNING)
    if world > 1:
        backend = "cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo"
        dist.init_process_group(backend, timeout=PATIENCE)
    try:
        yield Processes(rank, world, device)
    finally:
        if world > 1:
            # gloo's threads may still be letting go of tensors, for which they need Python's
            # lock; the group's destructor would hold it and wait for them for ever
            time.sleep(SECONDS_TO_LET_GO)
            dist.destroy_process_group()
