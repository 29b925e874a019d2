"""A planted run that the tests of the report share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.report.planted_run import write_run

from glm.report.captions import Caption


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[Path, Caption]]:
    """Its folder, and its figures with their captions."""
    return write_run(tmp_path_factory.mktemp("run"))
