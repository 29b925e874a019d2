"""Operons of one's own genomes, by a predictor that was fitted on the attention of the same gLM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from glm.application.embedding import GENES_PER_BATCH, largest_window, readable, windows_of
from glm.application.loading import TrainedModel
from glm.application.output import gene_columns
from glm.application.windows import Average, Window, batches, packed
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError
from glm.inference.attention import symmetrised
from glm.inference.reader import GeneReader
from glm.model.directory import NO_PREDICTOR, PREDICTOR, ModelDirectory
from glm.operons import predictor as fitted
from glm.operons.features import ATTENTION, COMBINED, STRAND_DISTANCE


def find_predictor(directory: ModelDirectory) -> Path | None:
    """The predictor in a model directory, or where a run has it beside that; None without one."""
    places = [directory.path / PREDICTOR, directory.path.parent / "operons" / PREDICTOR]
    return next((place for place in places if place.is_file()), None)


def load_predictor(directory: ModelDirectory, path: Path | None = None) -> fitted.Predictor:
    """The predictor at `path`, or the one that `find_predictor` finds.

    Raises `GlmError` if there is none, or if it was fitted on the attention of another gLM.
    """
    chosen = path or find_predictor(directory)
    if chosen is None:
        raise GlmError(f"{directory.path}: no operon predictor, in it or beside it: {NO_PREDICTOR}")
    predictor = fitted.load(chosen)
    if predictor.model != directory.fingerprint:
        raise GlmError(
            f"{chosen}: fitted on the attention of another gLM ({predictor.model[:12]}…) than "
            f"{directory.path} ({directory.fingerprint[:12]}…); heads of two models have nothing "
            "in common"
        )
    return predictor


def neighbour_attention(reader: GeneReader, windows: list[Window]) -> Average:
    """Attention between each gene and the next, A + A transposed, averaged over windows.

    Row i is of genes i and i + 1, (genes, layers x heads); its weight is 0 where no window has
    both.
    """
    config = reader.model.config
    average = Average(len(reader.genes.present), config.layers * config.heads)
    for group in batches([window for window in windows if window.genes > 1], GENES_PER_BATCH):
        attention = reader.attention(*packed(group))
        for place, window in enumerate(group):
            first = np.arange(window.genes - 1)
            values = symmetrised(attention[:, place], first, first + 1)
            average.add(Window(window.begin, window.end - 1), values)
    return average


def call_operons(
    model: TrainedModel,
    predictor: fitted.Predictor,
    genome: Genome,
    stride: int | None,
    threshold: float,
) -> pd.DataFrame:
    """Genes of a genome with the probability that each is of one operon with the next.

    stride: as in `embed_genome`; by default half a window, so that every pair of neighbours is
    read together at least once. Columns as in the table `operon_calls`, `genome` apart: with_next
    is of all that the predictor looks at; operon numbers the runs of genes joined over `threshold`.
    The genome must have coordinates.
    """
    read = readable(genome)
    embeddings = model.embed_proteins(read.sequences)[read.protein]
    windows = windows_of(model, read, stride or max(1, model.window // 2))
    average = neighbour_attention(model.reader(read.corpus, embeddings), windows)
    genes = read.genes
    genes["window_genes"] = largest_window(windows, len(genes))
    genes["outside_training"] = genes["window_genes"] < model.directory.config.minimum_genes
    is_last = np.ones(len(genes), bool)
    for begin, end in read.bounds:
        is_last[begin : end - 1] = False
    gap = genes["start"].shift(-1) - genes["end"] - 1
    genes["gap_to_next"] = gap.mask(is_last)
    pairs = pd.DataFrame(
        {
            "same_strand": read.forward == np.append(read.forward[1:], False),
            "gap": gap.fillna(0).to_numpy(float),
        }
    )
    probability = predictor.predict(pairs, average.mean.astype(float))
    together = average.weight > 0
    by_distance = np.where(is_last, np.nan, probability.get(STRAND_DISTANCE, np.nan))
    by_attention = np.where(together, probability[ATTENTION], np.nan)
    if COMBINED in probability:
        genes["with_next"] = np.where(together, probability[COMBINED], by_distance)
    else:  # attention alone may join strands, which an operon does not
        apart = together & ~pairs["same_strand"].to_numpy()
        genes["with_next"] = np.where(apart, 0.0, by_attention)
    genes["with_next_by_distance"] = by_distance
    genes["with_next_by_attention"] = by_attention
    genes["operon"] = number_operons(genes["with_next"].to_numpy() > threshold, read.bounds)
    return genes


def number_operons(joined: np.ndarray, bounds: list[tuple[int, int]]) -> pd.Series:
    """Numbers, from 0 on each contig, of the runs of genes that are joined to the next; null alone.

    joined: (genes,) bool, false for the last of a contig.
    """
    operon = pd.array([pd.NA] * len(joined), dtype="Int64")
    for begin, end in bounds:
        count, run = 0, [begin]
        for gene in range(begin, end):
            if gene + 1 < end and joined[gene]:
                run.append(gene + 1)
                continue
            if len(run) > 1:
                operon[run] = count
                count += 1
            run = [gene + 1]
    return pd.Series(operon)


def operon_table(name: str, genes: pd.DataFrame) -> pa.Table:
    """Called operons as an `operon_calls` table."""
    columns = gene_columns(name, genes)
    for column in genes.columns.difference(list(columns)):
        columns[column] = pa.array(genes[column], from_pandas=True)
    return pa.table(columns)
