"""The numbers that the paper reports and its figures, from the YAML files beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

VALUES = Path(__file__).with_name("paper_values.yaml")
FIGURES = Path(__file__).with_name("paper_figures.yaml")
RELEASE = "peptide_database/2022_05"  # where the paper's release lies, in any address of it


@dataclass(frozen=True)
class PaperValue:
    """One number: its dotted id, the value (None: the paper has none), and where it stands.

    key: what sets it in the configuration, if it is a setting; a list for a list of values.
    """

    id: str
    value: Any
    figure: str
    note: str = ""
    key: str | list[str] | None = None


@cache
def paper_values() -> dict[str, PaperValue]:
    """All numbers of the paper, by id, in the paper's order."""
    found = yaml.safe_load(VALUES.read_text(encoding="utf-8"))
    return {name: PaperValue(name, **fields) for name, fields in found.items()}


@cache
def paper_figures() -> dict[str, str]:
    """What each panel of the paper's figures shows, in the paper's order."""
    found: dict[str, str] = yaml.safe_load(FIGURES.read_text(encoding="utf-8"))
    return found
