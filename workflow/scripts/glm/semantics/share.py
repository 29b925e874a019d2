"""A random share of the corpus, its genes with and without annotation (Figure 3A, B)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from glm import tables
from glm.data.corpus import Corpus, read_corpus
from glm.errors import GlmError
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED, SHUFFLED, UNTRAINED
from glm.inference.reader import GeneReader, untrained
from glm.inference.shards import embed_batches
from glm.semantics.transfer import Proteins, label

SUBCONTIGS_PER_BATCH = 64


def draw(subcontigs: Path, rows: int, share: float, seed: int) -> tuple[Corpus, pd.DataFrame]:
    """Some subcontigs at random, and their genes: subcontig, rank, representative.

    rows: rows of the embedding store. share: of the subcontigs, at least one of them.
    """
    names = tables.read(subcontigs, tables.SUBCONTIGS, ["subcontig"])["subcontig"].to_numpy()
    count = max(round(share * len(names)), 1)
    chosen = np.sort(np.random.default_rng(seed).choice(names, count, replace=False))
    corpus = read_corpus(subcontigs, rows, kept=chosen)
    lengths = np.diff(corpus.offsets)
    rank = np.arange(len(corpus.representative)) - np.repeat(corpus.offsets[:-1], lengths)
    return corpus, pd.DataFrame(
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
    file = tables.open_file(annotations, tables.ANNOTATIONS)
    columns = ["representative", "annotated", "product"]
    chosen = pa.array(wanted)
    known = pd.concat(
        [
            batch.filter(pc.is_in(batch["representative"], chosen)).to_pandas()
            for batch in file.iter_batches(columns=columns)
        ],
        ignore_index=True,
    )
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


def proteins_of(genes: pd.DataFrame) -> Proteins:
    """What the transfer is measured on, one gene a protein."""
    annotated = genes["annotated"].to_numpy(bool)
    names = [label(str(product)) for product in genes["product"]]
    number = np.unique(names, return_inverse=True)[1]
    unit = np.unique(genes["subcontig"], return_inverse=True)[1]
    return Proteins(annotated, np.where(annotated, number, -1), unit)


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


def represent(
    reader: GeneReader, corpus: Corpus, genes: np.ndarray, seeds: Sequence[int]
) -> Iterator[tuple[str, np.ndarray | None, Iterable[np.ndarray]]]:
    """Each representation: its name, all genes of the share, and the replicates of some.

    genes: (n,) those of which replicates are made, (n, features) float32 for each seed. The
    untrained gLM and the shuffled context are drawn anew for each, one in memory at a time; the
    others are one array repeated, and of them all genes are given, (genes, features).
    """
    rows = reader.gather(corpus.representative).float().cpu().numpy()
    yield CONTEXT_FREE, rows, [rows[genes]] * len(seeds)
    rows = whole(reader, corpus, "trained", seeds[0])
    yield CONTEXTUALISED, rows, [rows[genes]] * len(seeds)
    del rows
    random = (replace(reader, model=untrained(reader.model, seed)) for seed in seeds)
    yield UNTRAINED, None, (
        whole(each, corpus, "trained", seed)[genes]
        for each, seed in zip(random, seeds, strict=True)
    )  # fmt: skip
    yield SHUFFLED, None, (
        whole(reader, corpus, "shuffled", seed)[genes] for seed in seeds
    )  # fmt: skip


def whole(reader: GeneReader, corpus: Corpus, variant: str, seed: int) -> np.ndarray:
    """Contextualised embeddings of a corpus that fits into memory, gene by gene."""
    order = np.random.default_rng(seed).permutation(len(corpus))
    count = -(-len(corpus) // SUBCONTIGS_PER_BATCH)
    batches = np.array_split(order, count)
    found = np.empty((len(corpus.representative), reader.model.config.hidden_size), np.float32)
    for reading, rows in embed_batches(reader, corpus, batches, variant, seed):  # type: ignore[arg-type]
        found[reading.genes] = rows
    return found
