"""What each rule of a run took: time, memory and GPU-hours, from Snakemake's benchmark files."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from glm.errors import NotRunError
from glm.training.summary import metrics_of

HOUR = 3600


@dataclass
class Stage:
    """What one rule took: jobs, wall time and processor time in seconds, largest memory in MB.

    gpus: what each of its jobs had. finished: when the last one ended, seconds since 1970.
    """

    rule: str
    jobs: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    memory: float = 0.0
    finished: float = 0.0
    gpus: int = 0

    @property
    def gpu_hours(self) -> float:
        """Wall time of all jobs x GPUs of each."""
        return self.seconds * self.gpus / HOUR


def read_stages(benchmarks: Path, gpus: Mapping[str, int] | None = None) -> list[Stage]:
    """The rules that ran, in the order in which they ended.

    A benchmark file is named by its rule, or lies in a folder of that name (one for each job).
    gpus: GPUs of a job, by rule. A training was perhaps resumed, and a benchmark file knows its
    last start only: the time of all starts is what the metrics of its model say, if that is more.
    """
    stages: dict[str, Stage] = {}
    for path in sorted(benchmarks.rglob("*.tsv")):
        rule = path.relative_to(benchmarks).with_suffix("").parts[0]
        stage = stages.setdefault(rule, Stage(rule, gpus=(gpus or {}).get(rule, 0)))
        row = pd.to_numeric(pd.read_csv(path, sep="\t").iloc[-1], errors="coerce").fillna(0.0)
        stage.jobs += 1
        stage.seconds += float(row["s"])
        stage.processor_seconds += float(row.get("cpu_time", 0.0))
        stage.memory = max(stage.memory, float(row["max_rss"]))
        stage.finished = max(stage.finished, path.stat().st_mtime)
    for model in ("glm", "bilstm"):
        if trained := stages.get(f"train_{model}"):
            with suppress(NotRunError):
                seconds = float(metrics_of(benchmarks.parent, model).seconds.max())
                trained.seconds = max(trained.seconds, seconds)
    return sorted(stages.values(), key=lambda stage: stage.finished)
