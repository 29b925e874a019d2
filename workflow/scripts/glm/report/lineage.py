"""Where a run's files come from, as their stamps say: what made what, with which versions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq

from glm import tables
from glm.errors import GlmError
from glm.provenance import fingerprint

SAVED_STATES = "state"  # a folder whose files are no results
PROVENANCE = "provenance.json"  # of a model: of all files of its folder
UNTOLD = {"producer": "unknown", "config_hash": ""}  # of a stamp that does not say it
SHARDS = "*"  # stands for the shards of one folder


@dataclass
class Artefact:
    """A table, a store or a model: its place under results/<run>, its stamp, and what it counts.

    Shards of one folder are one artefact, `folder/*.parquet`; rows, bytes and counts are sums.
    """

    path: str
    stamp: dict[str, Any]
    files: int = 0
    rows: int = 0
    bytes: int = 0
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def link(self) -> str | None:
        """Its path, if it is one file."""
        return None if SHARDS in self.path else self.path


def read_artefacts(run: Path) -> list[Artefact]:
    """Everything with a stamp under a run's folder, in the order of the paths."""
    found: dict[str, Artefact] = {}
    for path in sorted(run.rglob("*.parquet")):
        place = path.relative_to(run)
        if SAVED_STATES in place.parts or path.name.startswith("."):
            continue
        try:
            metadata = pq.read_metadata(path)
            stamp = {**UNTOLD, **tables.read_stamp(path)}
        except (OSError, pa.ArrowInvalid, GlmError):
            continue
        name = str(place.with_name(f"{SHARDS}.parquet") if path.stem.isdigit() else place)
        artefact = found.setdefault(name, Artefact(name, stamp))
        artefact.files += 1
        artefact.rows += metadata.num_rows
        artefact.bytes += path.stat().st_size
        for key, count in tables.read_counts(path).items():
            artefact.counts[key] += count
    for path in sorted(run.rglob("*.json")):
        place = path.relative_to(run)
        if SAVED_STATES in place.parts:
            continue
        stamp = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stamp, dict) or "producer" not in stamp:
            continue
        stamp = {**UNTOLD, **stamp}
        name, size = str(place.parent / "model.safetensors"), path.parent / "model.safetensors"
        if path.name != PROVENANCE:
            name, size = str(place.with_suffix(".npy")), path.with_suffix(".npy")
        if size.exists():
            found[name] = Artefact(name, stamp, files=1, bytes=size.stat().st_size)
    return sorted(found.values(), key=lambda artefact: artefact.path)


def input_place(name: str, run: Path) -> str | None:
    """The place under a run's folder of an input that a stamp names; None if outside it."""
    parts = Path(name).parts
    for start in range(len(parts) - 1, 0, -1):
        if parts[start - 1] == run.name and (run / Path(*parts[start:])).exists():
            return str(Path(*parts[start:]))
    return None


def producer_graph(artefacts: Iterable[Artefact], run: Path) -> nx.DiGraph:
    """Producers, joined where one read what another wrote, without the edges that others imply."""
    artefacts = list(artefacts)
    made_by = {artefact.path: artefact.stamp["producer"] for artefact in artefacts}
    graph = nx.DiGraph()
    for artefact in artefacts:
        producer = artefact.stamp["producer"]
        graph.add_node(producer)
        for name in artefact.stamp.get("inputs", {}):
            place = input_place(name, run)
            if place is None:
                continue
            if Path(place).stem.isdigit():
                place = str(Path(place).with_name(f"{SHARDS}.parquet"))
            source = made_by.get(place)
            if source and source != producer:
                graph.add_edge(source, producer)
    return reduced(graph)


def reduced(graph: nx.DiGraph) -> nx.DiGraph:
    """A graph without the edges that others imply; one with a cycle is returned as it is."""
    return nx.transitive_reduction(graph) if nx.is_directed_acyclic_graph(graph) else graph


@dataclass(frozen=True)
class Agreement:
    """How many of the inputs that stamps name still are what was read, and which are not."""

    checked: int
    changed: tuple[str, ...]


def check_inputs(artefacts: Iterable[Artefact], run: Path) -> Agreement:
    """Compare the fingerprints in the stamps with the tables on disk.

    Only Parquet files are read again (their footers): stores and models may be hundreds of GB.
    """
    now: dict[str, str] = {}
    checked, changed = 0, []
    for artefact in artefacts:
        for name, then in artefact.stamp.get("inputs", {}).items():
            place = input_place(name, run)
            if place is None or not place.endswith(".parquet"):
                continue
            if place not in now:
                now[place] = fingerprint(run / place)
            checked += 1
            if now[place] != then:
                changed.append(f"{artefact.path} was made from another {place}")
    return Agreement(checked, tuple(changed))


def versions(artefacts: Iterable[Artefact]) -> dict[str, list[str]]:
    """Versions of every package and tool that the stamps name; more than one means mixed."""
    found: dict[str, set[str]] = defaultdict(set)
    for artefact in artefacts:
        for name, version in artefact.stamp.get("versions", {}).items():
            found[name].add(str(version))
    return {name: sorted(found[name]) for name in sorted(found)}


def seeds(artefacts: Iterable[Artefact]) -> dict[str, list[int]]:
    """Seeds that the producers drew with, by producer."""
    found: dict[str, set[int]] = defaultdict(set)
    for artefact in artefacts:
        if artefact.stamp.get("seed") is not None:
            found[artefact.stamp["producer"]].add(int(artefact.stamp["seed"]))
    return {name: sorted(found[name]) for name in sorted(found)}
