"""docs/cluster.md says what these tests saw, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.faults import ledger as pages
from tests.faults.ledger import Ledger

LEAST = 40


def test_the_page_has_the_table_of_this_run(root: Path, ledger: Ledger) -> None:
    """Runs after the tests that fill the table. WRITE_RELIABILITY=1 writes it into the page."""
    if not ledger.rows:
        pytest.skip("no fault was injected in this run: run all of tests/faults")
    page = root / "docs" / "cluster.md"
    if os.environ.get("WRITE_RELIABILITY"):
        pages.write(page, ledger.table())
    documented = pages.documented(page)
    seen = {row.fault: row.line() for row in ledger.rows.values()}
    assert seen.items() <= documented.items()
    if os.environ.get("CI"):  # which runs all of them
        assert seen == documented
    injected = [int(line.split(" | ")[1]) for line in documented.values()]
    assert sum(injected) >= LEAST
