"""The numbers that the paper reports and its figures, from the YAML files beside this one, and a
run's settings by the ids of these numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from glm.scorecard_entries import Number

VALUES = Path(__file__).with_name("paper_values.yaml")
FIGURES = Path(__file__).with_name("paper_figures.yaml")
COUNTED = {1: "one", 2: "two", 3: "three", 4: "four"}


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


def settings(config: Mapping[str, Any]) -> dict[str, Number]:
    """Settings of a run by the ids of the paper's, as its configuration has them."""
    if not config:
        return {}

    def value(key: str) -> Any:
        return reduce(getitem, key.split("."), config)

    found = {
        name: [value(key) for key in paper.key] if isinstance(paper.key, list) else value(paper.key)
        for name, paper in paper_values().items()
        if paper.key
    }
    training, sizes = config["training"], config["enzymes"]["perceptron"]["hidden_sizes"]
    gpus = config["gpus"]
    found["glm.gpus"] = gpus if gpus == "auto" else gpus * training["nodes"]
    entries = config["semantics"]["entries"]
    if sides := [entry["genes_each_side"] for entry in entries if "genes_each_side" in entry]:
        found["semantics.genes_each_side"] = max(sides)
    numbers = {name: Number(value, setting=True) for name, value in found.items()}
    numbers["enzyme_classes.network"] = Number(
        f"{COUNTED.get(len(sizes), len(sizes))}-layer perceptron", setting=True,
        note=f"hidden sizes {', '.join(map(str, sizes))}; the paper prints none",
    )  # fmt: skip
    return numbers
