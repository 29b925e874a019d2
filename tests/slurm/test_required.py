"""Where there is no SLURM: a skip that says why, but a failure in CI."""

from __future__ import annotations

from typing import Any

import pytest
from tests.slurm import cluster
from tests.slurm.conftest import start


@pytest.mark.parametrize(
    ("ci", "ends", "reason"),
    [
        ("true", pytest.fail, r"required in CI: no test cluster: not installed: .*slurmctld"),
        ("", pytest.skip, r"no test cluster: not installed: .*slurmctld, .*slurmdbd"),
    ],
)
def test_the_tests_are_required_in_ci_only(
    monkeypatch: pytest.MonkeyPatch, ci: str, ends: Any, reason: str
) -> None:
    monkeypatch.setattr(cluster, "PATH", "")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ends.Exception, match=reason):
        next(start(16820, accounting=not ci))
