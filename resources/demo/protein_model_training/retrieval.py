"""How well an embedding finds orthologues: the test of the demo's protein model.

Proteins of one genome are looked for among all proteins of another, by distance alone.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist

from glm import tools
from protein_model_training.release import AMINO_ACIDS

IDENTITIES = (0.3, 0.6)
COVERAGE = 0.7


def find_orthologues(
    queries: dict[str, str], targets: dict[str, str], threads: int
) -> pd.DataFrame:
    """Reciprocal best hits of mmseqs at 30-60 % identity over 70 % of both.

    Columns query, target, identity. Raises `GlmError` if mmseqs fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, proteins in (("queries", queries), ("targets", targets)):
            (folder / file).write_text("".join(f">{k}\n{v}\n" for k, v in proteins.items()))
        tools.version("mmseqs")
        inputs = [folder / part for part in ("queries", "targets", "hits", "work")]
        columns = ["--format-output", "query,target,fident,qcov,tcov"]
        tools.run(
            ["mmseqs", "easy-rbh", *inputs, *columns, "-a", "--threads", str(threads), "-v", "2"]
        )
        names = ["query", "target", "identity", "query_coverage", "target_coverage"]
        hits = pd.read_csv(folder / "hits", sep="\t", names=names)
    chosen = (
        hits["identity"].between(*IDENTITIES)
        & (hits["query_coverage"] >= COVERAGE)
        & (hits["target_coverage"] >= COVERAGE)
    )
    pairs = hits.loc[chosen, ["query", "target", "identity"]]
    return pairs.sort_values("query", ignore_index=True)


def composition(sequences: list[str]) -> np.ndarray:
    """Share of each of the 20 amino acids in each protein: (proteins, 20)."""
    counts = [[sequence.count(residue) for residue in AMINO_ACIDS] for sequence in sequences]
    return np.array(counts, np.float64) / np.array([[len(sequence)] for sequence in sequences])


def ranks_of_orthologues(
    queries: np.ndarray, targets: np.ndarray, orthologue: np.ndarray
) -> np.ndarray:
    """How many targets are nearer to each query than its orthologue.

    `orthologue` has each query's row of `targets`. Euclidean distance; each feature is standardised
    by the targets' mean and deviation.
    """
    mean, deviation = targets.mean(0), targets.std(0) + 1e-6
    distances = cdist((queries - mean) / deviation, (targets - mean) / deviation)
    own = np.take_along_axis(distances, orthologue[:, None], 1)
    return (distances < own).sum(1)


@dataclass(frozen=True)
class Recall:
    """Share of orthologues that are the nearest, or among the ten nearest, of all targets."""

    embedding: str
    families: str
    pairs: int
    targets: int
    recall_at_1: float
    recall_at_10: float

    @classmethod
    def of(cls, embedding: str, families: str, ranks: np.ndarray, targets: int) -> Recall:
        """Recall of ranks that count from 0."""
        shares = float((ranks < 1).mean()), float((ranks < 10).mean())
        return cls(embedding, families, len(ranks), targets, *shares)

    def as_dict(self) -> dict[str, str | int | float]:
        """The fields by name."""
        return asdict(self)
