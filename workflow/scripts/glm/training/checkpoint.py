"""States of a training run that outlive a kill.

A run's states lie in a folder named by a hash of all that shapes its weights (settings, seed,
inputs), so a changed configuration never finds the old ones. A state is a folder of its own,
written beside and renamed, whose checksums are written last: safetensors for tensors, JSON for
counters, and the metrics so far. Random numbers need no state: they are functions of (seed,
step). Whatever is torn, or belongs to another run, is passed over for the one before.
"""

from __future__ import annotations

import errno
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from glm import tables
from glm.errors import GlmError
from glm.files import remove, sha256, writing
from glm.model.base import current_name

TENSORS, COUNTERS, METRICS, CHECKSUMS = (
    "tensors.safetensors",
    "counters.json",
    "metrics.parquet",
    "checksums.json",
)
NAMED = 10  # subcontigs of a bad batch that the message itself names
logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Checkpoint:
    """One state: the optimiser steps done, and where it lies."""

    step: int
    folder: Path

    def tensors(self) -> dict[str, Tensor]:
        """All tensors, on the host."""
        return load_file(self.folder / TENSORS)

    def counters(self) -> dict[str, Any]:
        """What was saved beside the tensors."""
        counters: dict[str, Any] = json.loads((self.folder / COUNTERS).read_text())
        return counters

    def metrics(self) -> pa.Table:
        """The rows of metrics.parquet up to here."""
        return tables.read(self.folder / METRICS, tables.METRICS)


class Checkpoints:
    """The states of one run."""

    def __init__(self, folder: Path, key: str, kept: int) -> None:
        """States lie in `folder`/`key`; the last `kept` stay."""
        self.folder = folder / key[:16]
        self.key = key
        self.kept = kept

    def at(self, step: int) -> Checkpoint:
        """The state after `step` steps, whether it is there or not."""
        return Checkpoint(step, self.folder / f"step-{step:09d}")

    def prepare(self, configuration: Mapping[str, Any]) -> None:
        """Make the folder, say in it what its states belong to, and clear what a kill left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for partial in self.folder.glob(".*.partial"):
            remove(partial)
        with writing(self.folder / "configuration.json") as beside:
            beside.write_text(json.dumps(configuration, indent=2, default=str) + "\n")

    def save(
        self,
        step: int,
        tensors: Mapping[str, Tensor],
        counters: Mapping[str, Any],
        metrics: pa.Table,
        stamp: Mapping[str, Any],
    ) -> None:
        """Write the state after `step` steps and drop the oldest."""
        with writing(self.at(step).folder) as beside:
            beside.mkdir()
            save_tensors(tensors, beside / TENSORS)
            (beside / COUNTERS).write_text(json.dumps(counters))
            tables.write(metrics, beside / METRICS, tables.METRICS, stamp)
            sums = {name: sha256(beside / name) for name in (TENSORS, COUNTERS, METRICS)}
            (beside / CHECKSUMS).write_text(json.dumps({"key": self.key, "sha256": sums}))
        for old in self.found()[: -self.kept]:
            remove(old.folder)

    def diverged(self, step: int, fault: str, subcontigs: list[int], last_good: int) -> GlmError:
        """The error of a run that went wrong in `step`: its batch is listed in a file."""
        path = self.folder / f"diverged-step-{step}.json"
        with writing(path) as beside:
            batch = {"step": step, "fault": fault, "subcontigs": subcontigs}
            beside.write_text(json.dumps(batch) + "\n")
        shown = ", ".join(map(str, subcontigs[:NAMED]))
        more = f", … ({len(subcontigs)} in all)" if len(subcontigs) > NAMED else ""
        good = f"the state after step {last_good} is kept" if last_good else "no state was saved"
        return GlmError(
            f"step {step}: {fault}. Its batch: subcontigs {shown}{more}, see {path}; {good}. Lower "
            "learning_rate, lengthen warmup_steps or set gradient_clip: the same configuration "
            "would come here again"
        )

    def found(self) -> list[Checkpoint]:
        """All states, oldest first, sound or not."""
        folders = sorted(self.folder.glob("step-*"))
        return [Checkpoint(int(f.name.removeprefix("step-")), f) for f in folders]

    def latest(self) -> Checkpoint | None:
        """The newest sound state of this run; what is passed over is named in a warning."""
        for checkpoint in reversed(self.found()):
            fault = self.fault(checkpoint)
            if fault is None:
                return checkpoint
            logger.warning("%s is passed over: %s", checkpoint.folder, fault)
        return None

    def fault(self, checkpoint: Checkpoint) -> str | None:
        """What is wrong with a state, or None."""
        try:
            written = json.loads((checkpoint.folder / CHECKSUMS).read_text())
            if written["key"] != self.key:
                return "it belongs to another configuration"
            for name, expected in written["sha256"].items():
                if sha256(checkpoint.folder / name) != expected:
                    return f"{name} is torn (its checksum differs)"
            if checkpoint.counters()["step"] != checkpoint.step:
                return f"it holds another step, {checkpoint.counters()['step']}"
        except (OSError, ValueError, KeyError) as error:
            return f"it is not whole ({error})"
        return None


def save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write a safetensors file; a full disk is the OSError that it is everywhere else."""
    try:
        save_file({name: value.contiguous() for name, value in tensors.items()}, path)
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        raise OSError(int(number[1]) if number else errno.EIO, str(error)) from error


def pack(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Weights and moments as named tensors."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in state.items()}
    return tensors


def unpack(
    tensors: Mapping[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Put weights and moments back where `pack` found them."""
    weights: dict[str, Tensor] = {}
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        owner, rest = name.split(".", 1)
        if owner == "model":
            weights[current_name(rest)] = value
        else:
            index, key = rest.split(".", 1)
            moments.setdefault(int(index), {})[key] = value
    model.load_state_dict(weights)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
