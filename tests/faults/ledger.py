"""What was injected, what was promised and what happened: the table in docs/cluster.md."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"
HEADER = ["| fault | injected | promised | happened |", "|---|---:|---|---|"]


@dataclass(frozen=True)
class Row:
    """A kind of fault. least: how many a run of the tests injects of it, or more."""

    fault: str
    least: int
    promised: str
    happened: str

    def line(self) -> str:
        """The row of the Markdown table."""
        return f"| {self.fault} | {self.least} | {self.promised} | {self.happened} |"


@dataclass
class Ledger:
    """The rows that the tests of this run have earned."""

    rows: dict[str, Row] = field(default_factory=dict)

    def record(
        self, fault: str, injected: int, promised: str, happened: str, least: int | None = None
    ) -> None:
        """Note a kind of fault after its promise was seen to hold.

        Kinds that come at random moments are counted as `least`, which no run falls below.
        """
        least = injected if least is None else least
        assert injected >= least, f"{fault}: only {injected} were injected"
        self.rows[fault] = Row(fault, least, promised, happened)

    def table(self) -> str:
        """All rows, with their sum."""
        rows = sorted(self.rows.values(), key=lambda row: row.fault)
        total = sum(row.least for row in rows)
        return "\n".join([*HEADER, *(row.line() for row in rows), f"| **all** | **{total}** | | |"])


def documented(page: Path) -> dict[str, str]:
    """The rows of the page's table, by fault."""
    found = re.search(f"{BEGIN}\n(.*?)\n{END}", page.read_text(), re.DOTALL)
    assert found is not None, f"{page} has no table of faults"
    lines = found[1].splitlines()[len(HEADER) : -1]
    return {line.split(" | ")[0].removeprefix("| "): line for line in lines}


def write(page: Path, table: str) -> None:
    """Put the table where the page has one."""
    text = page.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    page.write_text(f"{text[:begin]}\n{table}\n{text[end:]}")
