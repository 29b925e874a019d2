"""Genomes to embeddings: `embed_genome`, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from scipy.special import softmax

from glm.application.loading import TrainedModel
from glm.application.windows import Average, Window, batches, cut, packed
from glm.corpus.genome_tables import Genome
from glm.data.corpus import Corpus
from glm.data.genes import Genes
from glm.inference.reader import GeneReader
from glm.model.accuracy import distances

GENES_PER_BATCH = 1920  # 64 full windows
MASKED_GENES_PER_BATCH = 7200  # of the copies of windows, each with another gene masked
COORDINATES = ["start", "end"]


class Candidates(NamedTuple):
    """What a gLM predicts for each gene from its context alone, most likely first.

    predictions: (genes, k, label size) float32, in label components and the strand. likelihood:
    (genes, k) float32, summing to 1. gene: (genes, k) int64, the gene of the same genome whose
    label is nearest to each prediction. distance: (genes, k) float32, to that label.
    """

    predictions: np.ndarray
    likelihood: np.ndarray
    gene: np.ndarray
    distance: np.ndarray


@dataclass
class EmbeddedGenome:
    """Genes of a genome, contig by contig, and their embeddings.

    genes: one row a gene: contig, gene (its name), rank on the contig, start, end (1-based,
    inclusive; null where only the order is known), forward, partial, symbol, locus_tag, product,
    window_genes (genes of the largest window that it was read in) and outside_training (whether
    that is fewer than the model was trained on). protein_embeddings: (genes, D) float16.
    contextual_embeddings: (genes, hidden size) float32. context_only_embeddings: the same with the
    gene itself masked, if asked for.
    """

    name: str
    genes: pd.DataFrame
    protein_embeddings: np.ndarray
    contextual_embeddings: np.ndarray
    context_only_embeddings: np.ndarray | None = None
    candidates: Candidates | None = None

    def contig_means(self) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
        """Contigs (contig, genes, outside_training) and their genes' mean embeddings, float32.

        The means are of the protein embeddings, (contigs, D), and of the contextual ones.
        """
        names, first, number = np.unique(
            self.genes["contig"].to_numpy(str), return_index=True, return_inverse=True
        )
        count = np.bincount(number)
        outside = np.bincount(number, self.genes["outside_training"].to_numpy(float)) == count
        table = pd.DataFrame({"contig": names, "genes": count, "outside_training": outside})
        means = []
        for values in (self.protein_embeddings, self.contextual_embeddings):
            total = np.zeros((len(names), values.shape[1]), np.float64)
            np.add.at(total, number, values.astype(np.float64))
            means.append((total / count[:, None]).astype(np.float32))
        order = np.argsort(first)
        return table.iloc[order].reset_index(drop=True), means[0][order], means[1][order]


@dataclass(frozen=True)
class ReadableGenome:
    """A genome as the model reads it: genes, the protein of each, and the contigs' bounds.

    protein: (genes,) int32, rows of the distinct sequences. forward: (genes,) bool. bounds: genes
    [begin, end) of each contig.
    """

    genes: pd.DataFrame
    sequences: list[str]
    protein: np.ndarray
    forward: np.ndarray
    bounds: list[tuple[int, int]]

    @property
    def corpus(self) -> Corpus:
        """The genes as a corpus of contigs; gene n has the embedding n."""
        number = np.arange(len(self.forward), dtype=np.int32)
        offsets = np.array([0, *(end for _, end in self.bounds)])
        return Corpus(np.arange(len(self.bounds)), offsets, number, self.forward)


def readable(genome: Genome) -> ReadableGenome:
    """Put a genome's genes in order, and each distinct sequence once."""
    rows: list[dict[str, Any]] = []
    sequences: dict[str, int] = {}
    protein: list[int] = []
    bounds: list[tuple[int, int]] = []
    for contig, genes in genome.contigs().items():
        begin = len(rows)
        for rank, gene in enumerate(genes):
            about = genome.proteins[gene.protein]
            protein.append(sequences.setdefault(about.sequence, len(sequences)))
            rows.append(
                {
                    "contig": contig,
                    "gene": about.accession,
                    "rank": rank,
                    "start": gene.start,
                    "end": gene.end,
                    "forward": gene.forward,
                    "partial": gene.partial,
                    "symbol": about.symbol,
                    "locus_tag": about.locus_tag,
                    "product": about.product,
                }
            )
        bounds.append((begin, len(rows)))
    table = pd.DataFrame(rows)
    if not genome.has_coordinates:
        table[COORDINATES] = pd.NA
    table[COORDINATES] = table[COORDINATES].astype("Int32")
    forward = np.array(table["forward"], bool)
    return ReadableGenome(table, list(sequences), np.array(protein, np.int32), forward, bounds)


def embed_genome(
    model: TrainedModel,
    genome: Genome,
    stride: int | None = None,
    context_only: bool = False,
    candidates: bool = False,
    protein_embeddings: np.ndarray | None = None,
) -> EmbeddedGenome:
    """Embed every gene of a genome in its context.

    stride: genes from one window to the next; by default windows do not overlap (the paper's),
    with fewer than `model.window` they do, and their results are averaged, a window's edges
    counting less. context_only: also read each gene masked. candidates: also what the model
    predicts in its place. protein_embeddings: (genes, D) float16 in the order of `readable`, if
    they are known.
    """
    read = readable(genome)
    if protein_embeddings is None:
        protein_embeddings = model.embed_proteins(read.sequences)[read.protein]
    windows = windows_of(model, read, stride)
    genes = read.genes
    genes["window_genes"] = largest_window(windows, len(genes))
    minimum = model.directory.config.minimum_genes
    genes["outside_training"] = genes["window_genes"] < minimum
    reader = model.reader(read.corpus, protein_embeddings)
    contextual = contextual_embeddings(reader, windows)
    embedded = EmbeddedGenome(genome.name, genes, protein_embeddings, contextual)
    if context_only or candidates:
        hidden, found = read_masked(reader, windows, candidates)
        embedded.context_only_embeddings = hidden if context_only else None
        embedded.candidates = found
    return embedded


def windows_of(model: TrainedModel, read: ReadableGenome, stride: int | None) -> list[Window]:
    """Windows over all contigs."""
    step = model.window if stride is None else stride
    return [window for bounds in read.bounds for window in cut(*bounds, model.window, step)]


def largest_window(windows: list[Window], genes: int) -> np.ndarray:
    """Genes of the largest window that each gene is in, (genes,) int32."""
    largest = np.zeros(genes, np.int32)
    for window in windows:
        inside = slice(window.begin, window.end)
        largest[inside] = np.maximum(largest[inside], window.genes)
    return largest


def contextual_embeddings(reader: GeneReader, windows: list[Window]) -> np.ndarray:
    """The last hidden layer at each gene, averaged over its windows, (genes, hidden size)."""
    average = Average(len(reader.genes.present), reader.model.config.hidden_size)
    for group in batches(windows, GENES_PER_BATCH):
        average.add_each(group, reader.hidden(*packed(group)))
    return average.mean


def read_masked(
    reader: GeneReader, windows: list[Window], candidates: bool
) -> tuple[np.ndarray, Candidates | None]:
    """Each gene read from its context alone, masked in every window that it is in.

    Returns the last hidden layer, averaged as in `contextual_embeddings`, and, if asked for, the
    predictions of the window in whose middle the gene is most.
    """
    config, count = reader.model.config, len(reader.genes.present)
    average = Average(count, config.hidden_size)
    best = np.zeros(count, np.float32)
    predictions = np.zeros((count, config.predictions, config.label_size), np.float32)
    likelihoods = np.zeros((count, config.predictions), np.float32)
    for group in batches(windows, MASKED_GENES_PER_BATCH, copies_each=True):
        genes, lengths = packed([window for window in group for _ in range(window.genes)])
        of_window = np.concatenate([np.arange(window.genes) for window in group])
        masked = np.cumsum(lengths) - lengths + of_window
        hidden, predicted, logits = (made.numpy() for made in reader.masked(genes, lengths, masked))
        average.add_each(group, hidden)
        gene, first = genes[masked], 0
        for window in group:
            weights = window.weights()
            better = np.flatnonzero(weights > best[window.begin : window.end])
            at, made = gene[first + better], first + better
            best[at], predictions[at] = weights[better], predicted[made]
            likelihoods[at] = softmax(logits[made], axis=1)
            first += window.genes
    if not candidates:
        return average.mean, None
    return average.mean, nearest_labels(reader.genes, predictions, likelihoods)


def nearest_labels(genes: Genes, predictions: np.ndarray, likelihoods: np.ndarray) -> Candidates:
    """The gene of the genome whose label is nearest to each prediction, most likely first."""
    order = np.argsort(-likelihoods, axis=1, kind="stable")
    likelihoods = np.take_along_axis(likelihoods, order, 1)
    predictions = np.take_along_axis(predictions, order[:, :, None], 1)
    labels = genes.labels_of(np.arange(len(predictions)))
    nearest, apart = [], []
    for chunk in np.array_split(predictions, max(1, len(predictions) // 512)):
        made = torch.from_numpy(chunk.reshape(-1, chunk.shape[-1])).to(labels.device)
        distance = distances(made, labels).min(1)
        nearest.append(distance.indices.cpu().numpy().reshape(chunk.shape[:2]))
        apart.append(distance.values.cpu().numpy().reshape(chunk.shape[:2]))
    return Candidates(predictions, likelihoods, np.concatenate(nearest), np.concatenate(apart))
