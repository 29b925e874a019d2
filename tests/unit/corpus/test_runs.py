"""Merging sorted runs: every row once, contigs whole, and few rows held, however runs differ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from glm.corpus import runs
from glm.errors import GlmError

BATCH = 100
CASES = {
    "alike": [(0, 10**6, 10_000)] * 8,
    "late shards have late contigs": [(0, 10**5, 10_000)] * 4 + [(9 * 10**5, 10**6, 10_000)] * 4,
    "some are short": [(0, 10**6, 10_000)] * 4 + [(0, 10**6, 5_000)] * 4 + [(0, 10**6, 2)],
    "one": [(0, 10**6, 5_000)],
    "few contigs": [(0, 40, 3_000)] * 3,
}


def places(rng: np.random.Generator, first: int, last: int, count: int) -> pa.Table:
    names = ("assembly", "protein", "forward", "end", "start")
    columns = {name: rng.integers(0, 10**6, count) for name in names}
    return pa.table({**columns, "contig": rng.integers(first, last, count)})


@pytest.mark.parametrize("case", CASES)
def test_rows_come_once_and_sorted_and_few_are_held(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, made, paths = np.random.default_rng(1), [], []
    for number, (first, last, count) in enumerate(CASES[case]):
        made.append(places(rng, first, last, count))
        paths.append(tmp_path / f"{number}.arrow")
        runs.write_run([made[-1]], paths[-1], BATCH)
    most = 0
    read_on = runs.read_on

    def counting(going: list[runs.Run]) -> None:
        nonlocal most
        read_on(going)
        most = max(most, sum(len(run.rows) for run in going))

    monkeypatch.setattr(runs, "read_on", counting)
    monkeypatch.setattr(runs, "ROWS_OUT", 1000)
    given = list(runs.merge_runs(paths))
    contigs = [set(table["contig"].to_pylist()) for table in given]
    assert sum(map(len, contigs)) == len(set().union(*contigs))
    merged, whole = pa.concat_tables(given), pa.concat_tables(made)
    by = [(name, "ascending") for name in ("contig", "start", "end", "protein")]
    assert merged.equals(merged.sort_by(by[:2]))
    assert merged.sort_by(by).equals(whole.select(merged.column_names).sort_by(by))
    longest = max(np.unique(whole["contig"], return_counts=True)[1])
    assert most <= (2 * BATCH + longest) * len(paths)


def test_more_runs_than_the_system_lets_be_open_are_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs.resource, "getrlimit", lambda _: (256, 512))
    with pytest.raises(GlmError, match=r"1,000 sorted runs .* 512 open files; raise that .*ulimit"):
        runs.allow_open_files(1000)
    raised = []
    monkeypatch.setattr(runs.resource, "setrlimit", lambda _, limits: raised.append(limits))
    runs.allow_open_files(300)
    assert raised == [(300 + runs.SPARE_FILES, 512)]
