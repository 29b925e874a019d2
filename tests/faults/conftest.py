"""One undisturbed run that every fault is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from tests.conftest import require
from tests.faults.ledger import Ledger
from tests.faults.pipeline import Pipeline, Start
from tests.small_source import SETTINGS, write_source
from tests.workflow.small_run import make_checkout


@pytest.fixture(scope="session")
def fresh(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pipeline]:
    """A checkout of the small run in which nothing has run, each time another."""
    source = tmp_path_factory.mktemp("source")
    write_source(source)

    def make(name: str) -> Pipeline:
        folder = make_checkout(root, tmp_path_factory.mktemp(name))
        (folder / "source").symlink_to(source)
        (folder / "small.yaml").write_text(yaml.safe_dump(SETTINGS))
        return Pipeline(folder)

    return make


@pytest.fixture(scope="session")
def undisturbed(fresh: Callable[[str], Pipeline]) -> Pipeline:
    """A whole run that nothing happened to; copy it before breaking anything."""
    require("mmseqs")
    pipeline = fresh("undisturbed")
    status, text = pipeline.run()
    assert status == 0, text[-4000:]
    assert pipeline.leftovers() == []
    return pipeline


@pytest.fixture(scope="session")
def analysed(undisturbed: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The same run with all analyses and the report, on a corpus too small for some of them."""
    require("diamond")
    pipeline = undisturbed.copy(tmp_path_factory.mktemp("analysed") / "copy")
    status, text = pipeline.run("all")
    assert status == 0, text[-4000:]
    return pipeline


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """End what a test that failed left running, or stopped."""
    yield
    while Start.all:
        Start.all.pop().kill_all()


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """What the tests of this run injected."""
    return Ledger()
