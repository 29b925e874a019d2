"""What a run tells while it trains: rows of metrics.parquet, TensorBoard, a progress line."""

from __future__ import annotations

import logging
import math
import resource
import statistics
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from torch import Tensor

from glm import tables
from glm.errors import GlmError
from glm.model.loss import Loss
from glm.training.distributed import Processes

GAUSSIAN_MAD = 1.4826  # standard deviations of a normal distribution in its median deviation
FEWEST_LOSSES = 20  # before that, nobody knows what a usual loss is
logger = logging.getLogger("glm")


class LossLedger:
    """The losses of the steps since the last look, kept on the device until somebody looks."""

    def __init__(self, processes: Processes) -> None:
        """An empty ledger."""
        self.processes = processes
        self.pending: list[Tensor] = []

    def add(self, losses: list[Loss]) -> None:
        """Note one step, the sum of its micro-batches."""
        parts = [torch.stack(loss).detach() for loss in losses]
        self.pending.append(torch.stack(parts).sum(0))

    def collect(self) -> list[list[float]]:
        """Loss, MSE and cross-entropy of each step since the last look, over all processes.

        This waits for the device.
        """
        if not self.pending:
            return []
        collected: list[list[float]] = self.processes.sum(torch.stack(self.pending)).tolist()
        self.pending.clear()
        return collected


class DivergenceWatch:
    """Stops a run whose loss is no number, or is far above what it has lately been."""

    def __init__(self, deviations: float | None, window: int, recent: list[float]) -> None:
        """A loss more than `deviations` robust standard deviations above the median is a spike.

        The median and its median absolute deviation are those of the last `window` losses, of
        which `recent` are known already. None watches only for losses that are no numbers.
        """
        self.deviations = deviations
        self.recent = deque(recent, maxlen=window)

    def fault(self, loss: float) -> str | None:
        """Why this loss must stop the run, or None; then it counts as usual from now on."""
        if not math.isfinite(loss):
            return f"the loss is {loss}"
        if self.deviations is not None and len(self.recent) >= FEWEST_LOSSES:
            usual = statistics.median(self.recent)
            spread = GAUSSIAN_MAD * statistics.median(abs(past - usual) for past in self.recent)
            if spread and loss > usual + self.deviations * spread:
                return (
                    f"the loss is {loss:.4g}, {(loss - usual) / spread:.0f} robust standard "
                    f"deviations above the {usual:.4g} of the last {len(self.recent)} steps"
                )
        self.recent.append(loss)
        return None


class Metrics:
    """The rows of metrics.parquet, and who else hears of them."""

    def __init__(self, rows: pa.Table | None, tensorboard: Path | None) -> None:
        """Go on from `rows`; write TensorBoard's files to `tensorboard` if it is given."""
        self.rows: list[dict[str, Any]] = rows.to_pylist() if rows is not None else []
        self.writer: Any = None
        if tensorboard is not None:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError as error:
                raise GlmError(
                    "training.tensorboard is true, but tensorboard is not installed: "
                    "`pip install tensorboard`, or set it to false"
                ) from error
            self.writer = SummaryWriter(str(tensorboard))

    def add(self, row: Mapping[str, Any]) -> None:
        """Note a row; columns that it does not have are null."""
        self.rows.append({column.name: row.get(column.name) for column in tables.METRICS.columns})
        if self.writer is not None:
            for name, value in row.items():
                if isinstance(value, float):
                    self.writer.add_scalar(f"{row['split']}/{name}", value, row["step"])

    def table(self) -> pa.Table:
        """All rows so far."""
        return pa.Table.from_pylist(self.rows, schema=tables.METRICS.schema())


def peak_memory(device: torch.device) -> int:
    """Largest memory in use so far, bytes: of the GPU, or of this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
