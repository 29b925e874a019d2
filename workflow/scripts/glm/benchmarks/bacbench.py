"""BacBench's operon identification, from a local copy of its data set.

A row of data/*.parquet is a genome, and its lists are by contig: contig_name, a contig's proteins
in order (protein_sequence, protein_sequences or sequence), operon_names, and of each operon the
proteins' places in the contig (operon_protein_indices). An operon is found where its genes are more
like each other (mean cosine over pairs) than as many neighbours that are drawn from its contig:
AUROC against ten such windows, the mean of five draws. Nothing is fitted. Form, windows and seeds
are those of the benchmark's public code (macwiatrak/BacBench, run_evaluation_operondb.py).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glm.benchmarks.task import Array, Data, Judgement, Task, read_table
from glm.errors import GlmError

SEEDS = (1, 12, 123, 1234, 12345)
WINDOWS = 10
TIED = 1e-9  # of two cosines: an operon is a window too, in another order perhaps
SEQUENCES = ("protein_sequence", "protein_sequences", "sequence")
LISTS = ("contig_name", "operon_protein_indices")

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class OperonSets(Task):
    """Operons against windows. All splits are read as one, for nothing is fitted."""

    def read(self, files: Sequence[Path]) -> dict[str, Data]:
        """The contigs: of each its `genome`, its proteins (`Sequence`) and its `operons`.

        Operons of one protein, and of contigs that have no ten windows, are left out and counted.
        """
        genomes = [row for path in sorted(files) for row in self.rows(path)]
        contigs: dict[str, list[Any]] = {"genome": [], "Sequence": [], "operons": []}
        left_out = 0
        for number, (proteins, operons) in enumerate(genomes):
            contigs["genome"] += [number] * len(proteins)
            contigs["Sequence"] += proteins
            for of_contig, length in zip(operons, map(len, proteins), strict=True):
                usable = [one for one in of_contig if 2 <= len(one) <= length - WINDOWS]
                left_out += len(of_contig) - len(usable)
                contigs["operons"].append(usable)
        if left_out:
            logger.warning("%s: %d operons are left out: of one protein, or of contigs with fewer "
                           "than %d windows", self.name, left_out, WINDOWS)  # fmt: skip
        if not any(contigs["operons"]):
            raise GlmError(f"{self.name}: no operon in the local copy; fetch it by {self.fetch}")
        return {"all": contigs}

    def rows(self, path: Path) -> list[tuple[list[list[str]], list[list[list[int]]]]]:
        """Proteins and operons of each genome of a file, contig by contig."""
        table = read_table(path)
        named = [name for name in SEQUENCES if name in table.column_names][:1]
        if not named or not {*LISTS} <= {*table.column_names}:
            raise GlmError(
                f"{path}: {self.name} has {', '.join(LISTS)} and one of {', '.join(SEQUENCES)}, "
                f"and this file {', '.join(table.column_names)}"
            )
        made = []
        for number, row in enumerate(table.to_pylist(), start=1):
            proteins, operons = row[named[0]], row["operon_protein_indices"]
            if any(isinstance(contig, str) for contig in proteins):
                raise GlmError(
                    f"{path}: row {number}: {named[0]} lists proteins, not contigs of proteins, as "
                    "the benchmark's code reads it; fetch it again"
                )
            # a contig without operon has null, or an operon of null
            operons = [[one for one in contig or [] if one] for contig in operons]
            counts = [*map(len, proteins)]
            beyond = any(
                not 0 <= place < count
                for count, contig in zip(counts, operons, strict=False)
                for operon in contig
                for place in operon
            )
            if len(operons) != len(counts) or beyond:
                raise GlmError(
                    f"{path}: row {number} names operons outside its contigs; fetch it again"
                )
            made.append((proteins, operons))
        return made

    def sequences(self, data: Mapping[str, Data]) -> list[str]:
        """All proteins, contig by contig."""
        return [sequence for contig in data["all"]["Sequence"] for sequence in contig]


def likeness(vectors: Array) -> float:
    """Mean cosine over the pairs of some genes, (genes, features) of length 1."""
    n = len(vectors)
    total = np.square(vectors.sum(0)).sum() - np.square(vectors).sum()
    return float(total / (n * (n - 1)))


def against_windows(vectors: Array, operon: Sequence[int]) -> float:
    """AUROC of one operon against the windows of each seed, the mean; ties count half."""
    size, own = len(operon), likeness(vectors[[*operon]])
    found = []
    for seed in SEEDS:
        starts = random.Random(seed).sample(range(len(vectors) - size), WINDOWS)
        others = np.array([likeness(vectors[start : start + size]) for start in starts])
        found.append(np.mean((others < own - TIED) + (np.abs(others - own) <= TIED) / 2))
    return float(np.mean(found))


def judge_sets(data: Mapping[str, Data], encode: Callable[[Sequence[str]], Array]) -> Judgement:
    """The mean over operons; genomes are drawn whole where there are several, else operons."""
    values, genomes = [], []
    contigs = data["all"]
    for genome, sequences, operons in zip(
        contigs["genome"], contigs["Sequence"], contigs["operons"], strict=True
    ):
        if operons:
            vectors = encode(sequences).astype(float)
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
            values += [against_windows(vectors, operon) for operon in operons]
            genomes += [genome] * len(operons)
    each = np.array(values)

    def mean(weights: Array | None) -> Array:
        drawn = np.ones((1, len(each))) if weights is None else weights
        return np.asarray(drawn @ each / drawn.sum(1))

    return Judgement(mean, np.array(genomes) if len({*genomes}) > 1 else np.arange(len(each)))


OPERONS = OperonSets(
    "macwiatrak/bacbench-operon-identification-protein-sequences", "AUROC", "operons",
    {}, judge_sets, in_order=True,
)  # fmt: skip
