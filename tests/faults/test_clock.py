"""A clock that jumps: results dated ahead of their inputs, behind them, or anyhow."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from tests.faults.ledger import Ledger
from tests.faults.pipeline import Pipeline

DAY = 86400.0
SEED = 7
jumbled = random.Random(SEED)
# seconds by which a file's date is moved
JUMPS: dict[str, Callable[[Path], float]] = {
    "all results": lambda path: DAY,
    "the corpus": lambda path: DAY if "metagenomes" in path.parts else 0.0,
    "years back": lambda path: -3000 * DAY,
    "jumbled": lambda path: jumbled.uniform(-7, 7) * DAY,
}


def test_dates_that_make_no_sense(undisturbed: Pipeline, tmp_path: Path, ledger: Ledger) -> None:
    """What decides is the content: Snakemake keeps checksums of files of up to 1 MB."""
    pipeline = undisturbed.copy(tmp_path / "copy")
    files = sorted(path for path in pipeline.results.rglob("*") if path.is_file())
    for moved in JUMPS.values():
        for path in files:
            date = path.stat().st_mtime + moved(path)
            os.utime(path, (date, date))
        status, text = pipeline.run("--dry-run")
        assert status == 0, text[-4000:]
        assert "Nothing to be done" in text, text[-4000:]
    ledger.record(
        "clock: results dated a day ahead, their inputs only a day ahead, years back, and jumbled",
        len(JUMPS),
        "contents decide, not dates (files over 1 MB may be made again)",
        "nothing ran again",
    )
