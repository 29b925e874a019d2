"""What the commands print: on standard error, so that standard output is for results."""

from __future__ import annotations

import json
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

SOME_FAILED = 3
screen = Console(stderr=True, soft_wrap=True)


def report(summary: dict[str, Any], as_json: bool) -> None:
    """Print a summary, for a program or for a person; end with status 3 if inputs failed."""
    failed = summary.get("failed", {})
    if as_json:
        print(json.dumps(summary, indent=1))
    else:
        table = Table(show_header=False, box=None)
        for name, value in summary.items():
            if name not in ("failed", "left_out"):
                shown = f"{value:,}" if isinstance(value, int) else str(value)
                table.add_row(name.replace("_", " "), shown)
        screen.print(table)
        for genome, counts in summary.get("left_out", {}).items():
            listed = [
                f"{n:,} {kind.replace('_', ' ')}" for kind, n in counts.items() if kind != "reasons"
            ]
            screen.print(f"{genome}: left out: {', '.join(listed)}", markup=False)
        for reason in failed.values():
            screen.print(f"left out: {reason}", style="red", markup=False, soft_wrap=True)
    if failed:
        raise typer.Exit(SOME_FAILED)
