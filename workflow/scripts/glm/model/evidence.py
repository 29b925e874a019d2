"""What a run knows of its gLM, for its card: the data, and the accuracies with their intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from glm import tables
from glm.corpus.summary import release
from glm.decontamination.summary import by_assembly
from glm.errors import NotRunError
from glm.evaluation.accuracies import NAMES, percent, read_evaluation
from glm.model.directory import EVIDENCE

MEASURES = {
    ("heldout", "pseudo_accuracy"): "held out, most likely",
    ("heldout", "pseudo_accuracy_closest"): "held out, closest",
    ("reference", "pseudo_accuracy"): "reference, most likely",
    ("reference", "pseudo_accuracy_closest"): "reference, closest",
    ("reference", "absolute_accuracy"): "reference, of all its genes",
}
TERMS = {
    "https://ftp.ebi.ac.uk/": "MGnify: CC0 1.0",
    "RefSeq,": "public domain",
}
LOOK_UP, FOUND = "baseline.nearest_context", ("reference", "pseudo_accuracy")
LISTED = 1000  # names of genomes; a metagenomic release has more


def read_evidence(directory: Path) -> dict[str, Any]:
    """What was written beside an exported gLM, else what the run around a model directory has.

    Empty where there is neither.
    """
    if (directory / EVIDENCE).is_file():
        found: dict[str, Any] = json.loads((directory / EVIDENCE).read_text(encoding="utf-8"))
        return found
    return gather(directory.resolve().parent)


def gather(run: Path) -> dict[str, Any]:
    """Data and accuracies of a run's folder, results/<run>; each is left out where it is not."""
    found: dict[str, Any] = {}
    with suppress(NotRunError):
        found["data"] = data(run, by_assembly(run))
    accuracies = read_evaluation(run / "evaluation", tables.ACCURACY)
    if len(accuracies):
        found["accuracies"] = accuracies.to_dict("records")
    if (pseudo := run / "evaluation" / "pseudo_accuracy.parquet").is_file():
        found["mask_rate"] = tables.read_stamp(pseudo).get("parameters", {}).get("mask_rate")
    if (reference := run / "reference" / "subcontigs.parquet").is_file():
        named = tables.read(reference, tables.SUBCONTIGS, ["assembly"])["assembly"]
        found["reference"] = ", ".join(named.unique().to_pylist())
    return found


def data(run: Path, subcontigs: pd.DataFrame) -> dict[str, Any]:
    """What a gLM was trained on: where it is from, its genomes, and how many subcontigs."""
    try:
        source = release(run)
    except NotRunError:
        source = "genomes of whoever trained it"
    if source.startswith("file:"):
        source = "a release on the machine that trained it"
    terms = next((words for start, words in TERMS.items() if source.startswith(start)), None)
    trained = subcontigs[subcontigs["train"] > 0]
    return {
        "source": source,
        "terms": terms,
        "assemblies": len(trained),
        "names": sorted(trained["assembly"]) if len(trained) <= LISTED else None,
        **{kind: int(subcontigs[kind].sum()) for kind in ("train", "validation", "removed")},
    }


def data_section(found: dict[str, Any]) -> list[str]:
    """The card's lines about the data."""
    if not found:
        return []
    removed = found["removed"]
    left_out = f", and {removed:,} left out as like the reference genome" if removed else ""
    lines = [
        "## Data\n",
        f"{found['train']:,} subcontigs of {found['assemblies']:,} assemblies, from "
        f"{found['source']} ({found['terms'] or 'their terms are not stated'}); "
        f"{found['validation']:,} were held out{left_out}.\n",
    ]
    if found["names"]:
        lines.append(f"They are: {', '.join(found['names'])}.\n")
    return lines


def accuracy_section(evidence: Mapping[str, Any]) -> list[str]:
    """The card's table of accuracies: % with half of the 95 % interval, and what says the same."""
    rows, rate = evidence.get("accuracies"), evidence.get("mask_rate")
    of_reference = f" The reference is {name}." if (name := evidence.get("reference")) else ""
    by_key = pd.DataFrame(rows).set_index(["model", "genes_of", "measure"]) if rows else None
    if by_key is None:
        return []
    there = set(by_key.index.droplevel("model"))
    shown = {key: name for key, name in MEASURES.items() if key in there}
    counts = [f"{by_key.xs(key, level=[1, 2])['n'].max():,}" for key in shown]
    lines = [
        "## Accuracies\n",
        f"Masked genes{f' ({rate:.0%} of a subcontig at a time)' if rate else ''} that were found "
        "among those of their subcontig, % ± half of the 95 % interval (over genomes, or "
        "subcontigs where those are few; of one training), by the most likely of the predictions, "
        f"or the one closest to the truth; and what needs no gLM beside it.{of_reference}\n",
        f"| | {' | '.join(shown.values())} |",
        f"|{'---|' * (len(shown) + 1)}",
        f"| masked genes | {' | '.join(counts)} |",
    ]
    for model, name in NAMES.items():
        if model in by_key.index.get_level_values("model"):
            keys = [(model, *key) for key in shown]
            cells = [percent(by_key.loc[key]) if key in by_key.index else "" for key in keys]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    glm, look_up = (by_key.get("value", {}).get((model, *FOUND)) for model in ("glm", LOOK_UP))
    if glm and look_up and look_up > glm:
        lines.append("\nLooking the nearest training context up finds more than this gLM does.")
    return [*lines, ""]
