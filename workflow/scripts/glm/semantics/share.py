"""A random share of the corpus, its genes with and without annotation (Figure 3A, B)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from glm import tables
from glm.comparison import genomes_or_subcontigs
from glm.data.corpus import Corpus, assemblies_of
from glm.errors import GlmError
from glm.inference.contexts import arrange
from glm.inference.names import (
    CONTEXT_FREE,
    CONTEXTUALISED,
    SHUFFLED,
    UNTRAINED,
    WITH_GLM,
    WITH_NEIGHBOURS,
    Variant,
    at_equal_dimension,
)
from glm.inference.reader import GeneReader
from glm.inference.representations import represent
from glm.probes import all_at_equal_dimension, standardised
from glm.semantics.transfer import Proteins, label

SUBCONTIGS_PER_BATCH = 64


def draw(subcontigs: Path, share: float, seed: int) -> np.ndarray:
    """Names of some subcontigs at random, (n,) int64, ascending; share: of all, at least one."""
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    count = max(round(share * len(names)), 1)
    return np.sort(np.random.default_rng(seed).choice(names, count, replace=False))


def list_genes(corpus: Corpus) -> pd.DataFrame:
    """The genes of a corpus: subcontig, rank, representative."""
    lengths = np.diff(corpus.offsets)
    rank = np.arange(len(corpus.representative)) - np.repeat(corpus.offsets[:-1], lengths)
    return pd.DataFrame(
        {
            "subcontig": np.repeat(corpus.subcontig, lengths),
            "rank": rank,
            "representative": corpus.representative,
        }
    )


def annotate(genes: pd.DataFrame, annotations: Path) -> pd.DataFrame:
    """Genes with `annotated` and `product`; a gene without representative has neither.

    Raises `GlmError` if a representative is not in the annotations.
    """
    wanted = genes["representative"].unique()
    columns = ["representative", "annotated", "product"]
    known = tables.read_where(
        annotations, tables.ANNOTATIONS, "representative", wanted, columns
    ).to_pandas()
    missing = np.setdiff1d(wanted[wanted >= 0], known["representative"])
    if len(missing):
        raise GlmError(
            f"{annotations}: representative {missing[0]} and {len(missing) - 1:,} others are "
            "missing; annotate them again"
        )
    found = genes.merge(known, on="representative", how="left")
    return found.assign(annotated=found["annotated"].fillna(False).astype(bool))


def one_of_each_protein(genes: pd.DataFrame, seed: int) -> np.ndarray:
    """Indices of one gene of each representative, drawn at random, in order."""
    order = np.random.default_rng(seed).permutation(len(genes))
    number = genes["representative"].to_numpy()[order]
    _, first = np.unique(number, return_index=True)
    chosen = order[first]
    return np.sort(chosen[genes["representative"].to_numpy()[chosen] >= 0])


def proteins_of(genes: pd.DataFrame, genome: np.ndarray) -> Proteins:
    """What the transfer is measured on, one gene a protein; genome: (n,) of each."""
    annotated = genes["annotated"].to_numpy(bool)
    names = [label(str(product)) for product in genes["product"]]
    number = np.unique(names, return_inverse=True)[1]
    unit = np.unique(genes["subcontig"], return_inverse=True)[1]
    drawn = genomes_or_subcontigs(genome, unit)
    return Proteins(annotated, np.where(annotated, number, -1), drawn)


def genomes_of(genes: pd.DataFrame, subcontigs: Path) -> np.ndarray:
    """The assembly of each gene, by its subcontig, as a number, (n,) int64."""
    return assemblies_of(subcontigs, genes["subcontig"].to_numpy())


def draw_points(
    genes: pd.DataFrame, one_each: np.ndarray, maximum: int, seed: int
) -> dict[str, np.ndarray]:
    """Which genes are drawn: context-free one of each protein, contextualised every occurrence."""
    rng = np.random.default_rng(seed)
    mapped = np.flatnonzero(genes["representative"].to_numpy() >= 0)

    def some(indices: np.ndarray) -> np.ndarray:
        if len(indices) <= maximum:
            return indices
        return np.sort(rng.choice(indices, maximum, replace=False))

    return {CONTEXT_FREE: some(one_each), CONTEXTUALISED: some(mapped)}


def represent_share(
    reader: GeneReader, genes: np.ndarray, seeds: Sequence[int]
) -> Iterator[tuple[str, np.ndarray | None, Iterable[np.ndarray]]]:
    """Each representation: its name, all genes of the share, and the replicates of some.

    genes: (n,) those of which replicates are made, (n, features) float32 for each seed. Those of
    the controls are made anew for each, one in memory at a time; the others are one array repeated,
    and of those that are drawn all genes are given, (genes, features). At equal dimension stand the
    protein, the gene in its context, and the protein beside it or beside its neighbours' mean.
    """
    every = np.arange(len(reader.genes.present))
    (rows,) = represent("context_free", reader, every, in_context, seeds)
    protein = rows[genes]
    yield CONTEXT_FREE, rows, [protein] * len(seeds)
    (rows,) = represent("trained", reader, every, in_context, seeds)
    context = rows[genes]
    yield CONTEXTUALISED, rows, [context] * len(seeds)
    del rows
    (neighbours,) = represent("neighbours", reader, genes, in_context, seeds)
    alone, inside = standardised(protein), standardised(context)
    sides = {CONTEXT_FREE: [alone], CONTEXTUALISED: [inside], WITH_GLM: [alone, inside],
             WITH_NEIGHBOURS: [alone, neighbours]}  # fmt: skip
    for name, values in all_at_equal_dimension(sides).items():
        yield at_equal_dimension(name), None, [values] * len(seeds)
    yield UNTRAINED, None, represent("untrained", reader, genes, in_context, seeds)
    yield SHUFFLED, None, represent("shuffled", reader, genes, in_context, seeds)


def in_context(genes: np.ndarray, reader: GeneReader, variant: Variant, seed: int) -> np.ndarray:
    """Contextualised embeddings of some genes, (n, hidden size) float32, all of a corpus read."""
    corpus = reader.genes.corpus
    order = np.random.default_rng(seed).permutation(len(corpus))
    batches = np.array_split(order, -(-len(corpus) // SUBCONTIGS_PER_BATCH))
    return reader.embed_some(genes, (arrange(corpus, batch, variant, seed) for batch in batches))
