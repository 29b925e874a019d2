"""Where there is no SLURM: a skip that says why, but a failure in CI."""

from __future__ import annotations

import pytest
from tests.slurm import cluster
from tests.slurm.conftest import start


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATH", "")


def test_the_tests_are_required_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"required here: not installed: .*slurmctld"):
        next(start(16820, accounting=False))


def test_elsewhere_they_are_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no test cluster: not installed: .*slurmdbd"):
        next(start(16820, accounting=True))
