"""A task of somebody else's benchmark: its data from a local copy, and its own probe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm.errors import GlmError

Array = np.ndarray
Data = Mapping[str, list[Any]]


class Judgement(NamedTuple):
    """How one representation does: the metric of (rounds, n) weights, or of None for each once.

    groups: (n,) what is drawn together for an interval.
    """

    statistic: Callable[[Array | None], Array]
    groups: Array


@dataclass(frozen=True)
class Task:
    """The columns of a task's data by split, its probe, and whether their order is context.

    data_set: on the Hugging Face hub; a local copy is in a folder of the name after its slash.
    """

    data_set: str
    metric: str
    unit: str
    columns: Mapping[str, tuple[str, ...]]
    judge: Callable[[Mapping[str, Data], Callable[[Sequence[str]], Array]], Judgement]
    in_order: bool = False

    @property
    def name(self) -> str:
        """The data set's own name."""
        return self.data_set.partition("/")[2]

    @property
    def fetch(self) -> str:
        """The command that makes a local copy in the working folder."""
        return f"hf download {self.data_set} --repo-type dataset --local-dir {self.name}"

    def read(self, files: Sequence[Path]) -> dict[str, Data]:
        """The columns of each split; raises `GlmError` naming what a file, or the copy, lacks."""
        return {split: self.read_split(files, split) for split in self.columns}

    def sequences(self, data: Mapping[str, Data]) -> list[str]:
        """All proteins of the task, as they are asked for."""
        return [
            sequence
            for split, columns in self.columns.items()
            for column in columns
            if column.startswith("Seq")
            for sequence in data[split][column]
        ]

    def read_split(self, files: Sequence[Path], split: str) -> Data:
        """The columns of one split, of all its files."""
        found = sorted(path for path in files if path.name.startswith(f"{split}-"))
        if not found:
            raise GlmError(
                f"{self.name}: no data/{split}-*.parquet in the local copy; fetch it again, by "
                f"{self.fetch}"
            )
        columns: dict[str, list[Any]] = {name: [] for name in self.columns[split]}
        for path in found:
            table = read_table(path)
            for name, values in columns.items():
                if name not in table.column_names:
                    raise GlmError(
                        f"{path}: no column {name!r}; {self.name} has "
                        f"{', '.join(self.columns[split])}, and this file "
                        f"{', '.join(table.column_names)}"
                    )
                values += table[name].to_pylist()
        return columns


def read_table(path: Path) -> pa.Table:
    """A file of a data set; raises `GlmError` if it is no Parquet file."""
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise GlmError(f"{path}: no Parquet file ({error}); fetch it again") from error
