"""What a run takes on a machine, stage by stage: hours, memory, disk, by measured rates.

Rates of a processor are those of docs/performance.md (a core of an AMD EPYC, Zen 5), those of a GPU
half of an A100's peak, which was not measured. They are yardsticks: a third or three times as much
is no surprise.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from glm.configuration import is_asked
from glm.data.constants import FEWEST_TO_TRAIN
from glm.device import gpus_here
from glm.training.memory import layer_weights, training_bytes

PEAK = 312e12  # FLOP/s of an A100 in half precision
UTILISATION = 0.5  # of the peak: what docs/performance.md aims at
CORE = 5e10  # FLOP/s of a processor core in single precision (benchmarks/embed.py: 7e10)
STEP_SECONDS = 0.02  # the least that an optimiser step takes
SECONDS_A_BASE = 0.5e-6  # of a core, pyrodigal (one chromosome of 2.5 Mb in 1.2 s)
SECONDS_A_GENE = 1e-3  # of a core: reading, clustering, tables, fits (docs/paper-size.md)
SECONDS_A_SEARCH = 4.9e-3  # of a core, a representative against K-12 (docs/paper-size.md)
# of a genome like E. coli K-12, and residues of a protein; others have a half to twice as many
PROTEINS, SUBCONTIGS, RESIDUES = 4314, 144, 315
# read for the couplings of K-12's subcontigs (docs/operons.md)
COUPLED_GENES = SUBCONTIGS * 465 * 30
STEP_GB = 2.0  # of a process: Python, torch, and what is read meanwhile
GB = 1e9
DAY = 24  # hours: more is warned of
RELEASES = {"2022_05": (30_800_563, 7_324_684)}
"""Proteins and subcontigs of an MGnify release (the paper)."""


@dataclass(frozen=True)
class Machine:
    """What there is to compute with: cores, GB of memory and of free disk, GPUs."""

    cores: int
    memory_gb: float
    disk_gb: float
    gpus: int

    @classmethod
    def here(cls, gpus: int | Literal["auto"] = "auto") -> Machine:
        """This one, with its GPUs or with so many of a cluster's node."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GB
        cores = len(os.sched_getaffinity(0))
        there = gpus_here() if gpus == "auto" else gpus
        return cls(cores, memory, shutil.disk_usage(".").free / GB, there)

    def flops(self, gpus: int) -> float:
        """FLOP/s of so many of its GPUs, or of all cores."""
        return gpus * PEAK * UTILISATION if gpus else self.cores * CORE

    def __str__(self) -> str:
        """In words."""
        gpus = f"GPUs like A100: {self.gpus}" if self.gpus else "no GPU"
        return (
            f"{self.cores} cores, {self.memory_gb:,.0f} GB of memory, {gpus}, "
            f"{self.disk_gb:,.0f} GB of free disk"
        )


@dataclass(frozen=True)
class Corpus:
    """How much there is to read: proteins to embed, subcontigs, bases in which genes are called."""

    proteins: int
    subcontigs: int
    bases_to_call: int = 0


@dataclass(frozen=True)
class Cost:
    """What a stage takes: hours by the clock, GB of memory (of a GPU where it has one), of disk."""

    stage: str
    hours: float
    memory_gb: float
    disk_gb: float = 0.0


def corpus_of(config: Mapping[str, Any]) -> Corpus | None:
    """How much a configuration's corpus holds; None where nobody knows before it is there."""
    release = config["release"]
    if release["source"] == "genomes":
        from glm.application.gene_counts import count_genes
        from glm.application.genome_list import list_genomes

        return count_genes(list_genomes(release["genomes"]), config["corpus"])
    if genomes := refseq_genomes(config):
        return Corpus(genomes * PROTEINS, genomes * SUBCONTIGS)
    name = release["address"].rstrip("/").rpartition("/")[2]
    if release["source"] == "mgnify" and name in RELEASES:
        return Corpus(*RELEASES[name])
    return None


def refseq_genomes(config: Mapping[str, Any]) -> int | None:
    """How many genomes are chosen of RefSeq, at most; None where it is not read, or all are."""
    release = config["release"]
    if release["source"] != "refseq":
        return None
    return len(release["refseq"]["accessions"]) or release["refseq"]["number"]


def protein_model(config: Mapping[str, Any]) -> tuple[float, int] | None:
    """Weights and features of the protein model, by its folder or its name as ESM-2's have it."""
    name = config["embedding"]["model"]
    path = Path(name) / "config.json"
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        layers, size = found["num_hidden_layers"], found["hidden_size"]
        inner = found.get("intermediate_size", 4 * size)
        return float(layers * (4 * size**2 + 2 * size * inner)), size
    if named := re.search(r"_t(\d+)_(\d+)([MB])_", name):
        weights = float(named[2]) * {"M": 1e6, "B": 1e9}[named[3]]
        return weights, round(math.sqrt(weights / (12 * int(named[1]))))
    return None


def training_weights(config: Mapping[str, Any]) -> int:
    """Weights of the gLM's layers."""
    sizes = ("layers", "hidden_size", "feed_forward_size")
    return layer_weights(*(config["glm"][name] for name in sizes))


def training_flop(config: Mapping[str, Any]) -> float:
    """FLOP of the gLM's training: 6 for each weight and gene, as if every subcontig were full."""
    budget = config["training"]["glm"]
    genes = budget["steps"] * budget["batch_size"] * config["corpus"]["maximum_genes"]
    return 6.0 * training_weights(config) * genes


def baseline_flop(config: Mapping[str, Any]) -> float:
    """The same of the biLSTM: four gates of each direction, of its input and its state."""
    budget, model = config["training"]["bilstm"], config["bilstm"]
    genes = budget["steps"] * budget["batch_size"] * config["corpus"]["maximum_genes"]
    return 6.0 * model["layers"] * 2 * 4 * 3 * model["hidden_size"] ** 2 * genes


def costs(config: Mapping[str, Any], machine: Machine, corpus: Corpus | None) -> list[Cost]:
    """What each stage takes; those that depend on a corpus that is not known are left out."""
    found = of_corpus(config, machine, corpus) if corpus else []
    if config["reference"] and is_asked(config, "operons"):
        flop = 2.0 * training_weights(config) * COUPLED_GENES
        hours = flop / machine.flops(min(machine.gpus, 1)) / 3600
        found.append(Cost("extract_couplings", hours, STEP_GB))
    if config["glm"]["pretrained"] is not None:
        return found
    training, sized = config["training"], training_weights(config)
    width = config["glm"]["layers"] * config["glm"]["hidden_size"]
    together = training["subcontigs_per_device"]
    memory = training_bytes(sized, width, training["precision"], together) / GB + STEP_GB
    for model, flop in (("glm", training_flop(config)), ("bilstm", baseline_flop(config))):
        if model == "glm" or is_asked(config, model):
            seconds = max(
                flop / machine.flops(machine.gpus * training["nodes"]),
                training[model]["steps"] * STEP_SECONDS,
            )
            disk = 12 * sized * (training["checkpoints_kept"] + 1) / GB
            found.append(Cost(f"train_{model}", seconds / 3600, memory, disk))
    return found


def of_corpus(config: Mapping[str, Any], machine: Machine, corpus: Corpus) -> list[Cost]:
    """What is in proportion to the corpus."""
    cores, proteins = machine.cores, corpus.proteins
    reading = proteins * SECONDS_A_GENE + corpus.bases_to_call * SECONDS_A_BASE
    memory = min(STEP_GB + proteins * 2e3 / GB, 32.0)  # a release is read in parts
    found = [Cost("corpus", reading / 3600, memory, proteins * 2e3 / GB)]
    if model := protein_model(config):
        weights, features = model
        seconds = 2 * weights * proteins * RESIDUES / machine.flops(min(machine.gpus, 1))
        held = weights * (4 if config["embedding"]["precision"] == "fp32" else 2) / GB
        disk = (proteins * features * 2 * 3 + weights * 4) / GB
        found.append(Cost("embed_proteins", seconds / 3600, STEP_GB + held, disk))
    if config["reference"]:
        seconds = proteins * SECONDS_A_SEARCH / cores
        found.append(Cost("search_reference_genome", seconds / 3600, STEP_GB, 0.0))
    return found


def described(found: Sequence[Cost], machine: Machine) -> list[str]:
    """Costs as lines of text, what is too much for the machine after them."""
    lines = [f"Forecast for {machine}, by the rates of docs/performance.md:"]
    lines += [
        f"  {cost.stage:<24} {duration(cost.hours):>12} {cost.memory_gb:>8.1f} GB of memory "
        f"{cost.disk_gb:>8.1f} GB of disk"
        for cost in found
    ]
    total, disk = sum(cost.hours for cost in found), sum(cost.disk_gb for cost in found)
    memory = max((cost.memory_gb for cost in found), default=0.0)
    lines.append(
        f"  {'together':<24} {duration(total):>12} {memory:>8.1f} GB of memory {disk:>8.1f} GB "
        "of disk"
    )
    return lines + warnings(found, machine)


def too_small(corpus: Corpus) -> list[str]:
    """A warning where a corpus is too small to learn from."""
    if corpus.subcontigs >= FEWEST_TO_TRAIN:
        return []
    return [
        f"warning: {corpus.subcontigs:,} subcontigs are fewer than a gLM learns anything from (the "
        "demo has some 1,200): add genomes"
    ]


def warnings(found: Sequence[Cost], machine: Machine) -> list[str]:
    """What a machine is too small for."""
    said = [
        f"warning: {cost.stage} would take {duration(cost.hours)} here, more than a day"
        for cost in found
        if cost.hours > DAY
    ]
    said += [
        f"warning: {cost.stage} takes some {cost.memory_gb:,.0f} GB of memory, here are "
        f"{machine.memory_gb:,.0f}"
        for cost in found
        if not machine.gpus and cost.memory_gb > machine.memory_gb
    ]
    if (disk := sum(cost.disk_gb for cost in found)) > machine.disk_gb:
        said.append(f"warning: {disk:,.0f} GB of disk are needed, {machine.disk_gb:,.0f} are free")
    return said


def duration(hours: float) -> str:
    """Hours, or minutes or days where they say more."""
    if hours < 1:
        return f"{max(1, round(60 * hours))} min"
    if hours < 2 * DAY:
        return f"{hours:,.1f} hours"
    return f"{hours / DAY:,.{0 if hours > 10 * DAY else 1}f} days"
