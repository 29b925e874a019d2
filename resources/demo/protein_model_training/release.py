"""What the demo's protein model is fitted on: a release's proteins, and families of homologues.

Families are held out whole, so that the retrieval test can be done on families never seen.
"""

from __future__ import annotations

import csv
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from glm import tools
from glm.corpus.fasta import read_fasta, read_lines
from glm.embedding.alphabet import TOKENS
from glm.errors import GlmError

AMINO_ACIDS = "".join(TOKENS[4:24])
"""The 20 standard amino acids in the order of ESM-2's tokens, of which the first is number 4."""

HELD_OUT_SHARE = 0.15
LARGEST_HELD_OUT_FAMILY = 100
MINIMUM_RESIDUES = 51
PAIR_COLUMNS = ("query", "target", "identity", "query_alignment", "target_alignment")
IDENTITY_OF_SCORED_PAIRS = (0.25, 0.62)
PSEUDOCOUNT = 1e-5

logger = logging.getLogger("glm")


@dataclass(frozen=True)
class Release:
    """Proteins of a release in the shape of MGnify's: by accession, in the files' order.

    `representatives` has each protein's cluster, `assemblies` the genomes that it is found in,
    `organisms` the organism and strain of each genome.
    """

    sequences: dict[str, str]
    representatives: dict[str, str]
    assemblies: dict[str, frozenset[str]]
    organisms: dict[str, tuple[str, str]]

    def proteins_of(self, organism: str, strain: str | None = None) -> list[str]:
        """Accessions of an organism's proteins, of all its strains or of one.

        Raises `GlmError` if the release has no such genome.
        """
        wanted = {
            assembly
            for assembly, (name, of_strain) in self.organisms.items()
            if name == organism and strain in (None, of_strain)
        }
        if not wanted:
            raise GlmError(f"assemblies.tsv: has no {organism} {strain or ''}; build the release")
        return [protein for protein, homes in self.assemblies.items() if homes & wanted]


def read_release(folder: Path) -> Release:
    """Read all shards of a release. Raises `GlmError` naming the file that is missing."""
    shards = sorted(folder.glob("mgy_proteins_*.fa.gz"))
    if not shards:
        raise GlmError(f"{folder}: has no mgy_proteins_*.fa.gz; run resources/demo/build_corpus.py")
    sequences = {
        record.name: record.sequence.decode() for shard in shards for record in read_fasta(shard)
    }
    assemblies = {}
    for shard in sorted(folder.glob("mgy_seq_metadata_*.tsv.gz")):
        for line in read_lines(shard):
            protein, places = line.decode().split("\t")
            assemblies[protein] = frozenset(p.split(".")[0] for p in places.split(";"))
    representatives: dict[str, str] = {}
    for line in read_lines(folder / "mgy_cluster_seqs.tsv.gz"):
        representative, members = line.decode().split("\t")
        representatives |= dict.fromkeys(members.split(";"), representative)
    with (folder / "assemblies.tsv").open(encoding="utf-8") as handle:
        organisms = {
            row["assembly"]: (row["organism"], row["strain"])
            for row in csv.DictReader(handle, delimiter="\t")
        }
    return Release(sequences, representatives, assemblies, organisms)


def find_homologous_pairs(sequences: dict[str, str], threads: int) -> pd.DataFrame:
    """Search proteins against one another with mmseqs: one row (`PAIR_COLUMNS`) a pair and way.

    Hits have an E-value below 1e-5 and cover 70 % of both; alignments are strings with gaps.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fasta, hits = folder / "proteins.fasta", folder / "hits.tsv"
        fasta.write_text("".join(f">{key}\n{value}\n" for key, value in sequences.items()))
        options = ["-s", "4", "-e", "1e-5", "-c", "0.7", "-a", "--threads", str(threads), "-v", "2"]
        columns = ["--format-output", "query,target,fident,qaln,taln"]
        tools.version("mmseqs")
        places = [fasta, fasta, hits, folder / "work"]
        tools.run(["mmseqs", "easy-search", *places, *options, *columns])
        pairs = pd.read_csv(hits, sep="\t", names=list(PAIR_COLUMNS))
    pairs = pairs[pairs["query"] != pairs["target"]]
    return pairs.sort_values(["query", "target"], ignore_index=True)


def group_families(accessions: list[str], pairs: pd.DataFrame) -> np.ndarray:
    """Number of each protein's family: a connected component of the homologous pairs."""
    row = pd.Series(range(len(accessions)), index=accessions)
    rows = np.stack([row[pairs["query"]], row[pairs["target"]]], axis=1)
    return group_rows(rows, len(accessions))


def group_rows(pairs: np.ndarray, count: int) -> np.ndarray:
    """The same for pairs of rows, (pairs, 2), of `count` proteins."""
    graph = coo_matrix((np.ones(len(pairs)), tuple(pairs.T)), (count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def hold_out(families: np.ndarray, seed: int) -> np.ndarray:
    """Which proteins are held out: 15 % of the families, none of more than 100 proteins.

    A large component is many families chained together; held out, it would take too much away.
    """
    sizes = np.bincount(families)
    held = np.random.default_rng(seed).random(len(sizes)) < HELD_OUT_SHARE
    held[sizes > LARGEST_HELD_OUT_FAMILY] = False
    return held[families]


def weights_by_family(families: np.ndarray) -> np.ndarray:
    """Weight of each pair, n^-1/2 in a family of n pairs: the large ones do not speak for all."""
    _, family, sizes = np.unique(families, return_inverse=True, return_counts=True)
    return 1 / np.sqrt(sizes[family])


def substitution_scores(pairs: pd.DataFrame, families: np.ndarray) -> np.ndarray:
    """Log-odds of aligned amino acids in half bits, (20, 20), in the order of `AMINO_ACIDS`.

    As BLOSUM62 (Henikoff and Henikoff 1992): counted in alignments of at most 62 % identity.
    `families` has one number a pair.
    """
    chosen = pairs["identity"].between(*IDENTITY_OF_SCORED_PAIRS).to_numpy()
    weights = weights_by_family(families[chosen])
    number = np.full(256, -1)
    number[np.frombuffer(AMINO_ACIDS.encode(), np.uint8)] = np.arange(20)
    counts = np.zeros((20, 20))
    columns = zip(
        pairs["query_alignment"][chosen],
        pairs["target_alignment"][chosen],
        weights,
        strict=True,
    )
    for query, target, weight in columns:
        left = number[np.frombuffer(query.encode(), np.uint8)]
        right = number[np.frombuffer(target.encode(), np.uint8)]
        aligned = (left >= 0) & (right >= 0)
        places = left[aligned] * 20 + right[aligned]
        counts += weight * np.bincount(places, minlength=400).reshape(20, 20)
    shares = (counts + counts.T) / counts.sum() / 2 + PSEUDOCOUNT
    background = shares.sum(0)
    return 2 * np.log2(shares / np.outer(background, background))


@dataclass(frozen=True)
class Homologues:
    """Pairs of homologous proteins by row, (pairs, 2), and the weight of each."""

    pairs: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class FittingSet:
    """Representatives to fit on, those held out; scores and homologous pairs of the former."""

    fitted: dict[str, str]
    held_out: list[str]
    scores: np.ndarray
    homologues: Homologues


def choose_fitting_set(release: Release, excluded: str, seed: int, threads: int) -> FittingSet:
    """Representatives of a release without an organism, short proteins and held-out families.

    `excluded` is the organism whose proteins are not fitted on (that of the held-out genome).
    """
    sequences = {
        name: sequence
        for name, sequence in release.sequences.items()
        if release.representatives[name] == name
    }
    accessions = list(sequences)
    pairs = find_homologous_pairs(sequences, threads)
    families = group_families(accessions, pairs)
    held = hold_out(families, seed)
    kin = set(release.proteins_of(excluded))
    fitted = {
        name: sequences[name]
        for name, out in zip(accessions, held, strict=True)
        if not out and name not in kin and len(sequences[name]) >= MINIMUM_RESIDUES
    }
    held_out = [name for name, out in zip(accessions, held, strict=True) if out]
    logger.info(
        "%d representatives in %d families: %d fitted on, %d held out with their families",
        *(len(sequences), families.max() + 1, len(fitted), len(held_out)),
    )
    inside = pairs[pairs["query"].isin(fitted.keys()) & pairs["target"].isin(fitted.keys())]
    family = dict(zip(accessions, families.tolist(), strict=True))
    of_pairs = inside["query"].map(family).to_numpy()
    row = pd.Series(range(len(fitted)), index=list(fitted))
    rows = np.stack([row[inside["query"]], row[inside["target"]]], axis=1)
    homologues = Homologues(rows, weights_by_family(of_pairs))
    return FittingSet(fitted, held_out, substitution_scores(inside, of_pairs), homologues)
