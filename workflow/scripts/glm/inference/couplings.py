"""How much a gLM learns of one gene from another: couplings of the genes of a subcontig.

The log-likelihood of a masked gene is that of its label y under the mixture of the model's
predictions m, with the softmax w of their likelihoods as weights. Each is a normal distribution
with the variance that whitened labels have, which is 1:

    l = ln sum over k of w_k N(y; m_k, 1)

Its change by another gene is l with the gene masked alone less l with both masked, in nats:
positive where seeing the other helps. The coupling of two genes is the mean size of the two
changes, of the one by the other and back, and the corrected one has the average product taken off
(Dunn and others, 2008): of a gene whose likelihood changes whatever is masked, each pair is
expected to be large. It is of sizes, since a mean near zero would make the product meaningless; the
mean of the changes themselves stands beside. Nothing is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from glm.data.ahead import run_ahead
from glm.inference.reader import GeneReader

GENES_PER_BATCH = 7680  # of the copies of a subcontig, each with other genes masked


class PairCouplings(NamedTuple):
    """Couplings of all pairs of genes of one subcontig, first < second.

    subcontig: (pairs,) int64, as the table names it. first, second: (pairs,) int32, places in the
    subcontig. change, coupling, corrected: (pairs,) float64, nats; nan where a gene has no
    representative.
    """

    subcontig: np.ndarray
    first: np.ndarray
    second: np.ndarray
    change: np.ndarray
    coupling: np.ndarray
    corrected: np.ndarray


def log_likelihood(predictions: Tensor, likelihoods: Tensor, labels: Tensor) -> Tensor:
    """Of the labels (m, size) under predictions (m, k, size) with logits (m, k): (m,) nats.

    The constant of the normal distribution, the same for all genes, is left out.
    """
    squares = (labels[:, None] - predictions).square().sum(2)
    return (likelihoods.log_softmax(1) - squares / 2).logsumexp(1)


def changes(reader: GeneReader, genes: np.ndarray) -> np.ndarray:
    """Change of each gene's log-likelihood by each other gene, (n, n) float64, nats.

    genes: (n,) int64 into the corpus, read as one subcontig. Element (i, j) is of gene i by gene
    j, positive where seeing j helps; zero for i = j, nan where either has no representative, whose
    label means nothing. Both directions of a pair come from one masking, so there are
    n (n + 1) / 2, each of n genes.
    """
    size = len(genes)
    known = np.flatnonzero(reader.genes.present[genes])
    # a gene with itself is masked alone
    pairs = known[np.column_stack(np.triu_indices(len(known)))]
    labels = reader.genes.labels_of(genes).cpu()
    found = np.full((size, size), np.nan)
    at_a_time = max(GENES_PER_BATCH // size, 1)
    for start in range(0, len(pairs), at_a_time):
        masked = pairs[start : start + at_a_time]
        made = reader.masked_in_turn(genes, masked)
        of_labels = labels[torch.from_numpy(masked.ravel())]
        each = log_likelihood(made.predictions, made.likelihoods, of_labels).numpy()
        first, second = masked.T
        found[first, second], found[second, first] = each.reshape(-1, 2).T
    alone: np.ndarray = np.diag(found)[:, None]
    return alone - found


def couple(change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Couplings, and those corrected by the average product, of (n, n) changes: (n, n) each.

    nan on the diagonal, and where the changes are.
    """
    coupling = (np.abs(change) + np.abs(change.T)) / 2
    known = np.flatnonzero(~np.isnan(np.diag(change)))
    inside = np.ix_(known, known)
    np.fill_diagonal(coupling, np.nan)
    corrected = np.full_like(coupling, np.nan)
    if len(known) > 1:
        of_known = np.nan_to_num(coupling[inside])
        mean = of_known.sum(1) / (len(known) - 1)
        corrected[inside] = of_known - np.outer(mean, mean) / (mean.mean() or 1)
        np.fill_diagonal(corrected, np.nan)
    return coupling, corrected


def pairs_of(reader: GeneReader, genes: np.ndarray) -> tuple[np.ndarray, ...]:
    """First and second place, change, coupling and corrected of all pairs of one window."""
    first, second = np.triu_indices(len(genes), k=1)
    change = changes(reader, genes)
    found = (change + change.T) / 2, *couple(change)
    return first, second, *(values[first, second] for values in found)


def pairs(reader: GeneReader, workers: int = 0) -> Iterator[PairCouplings]:
    """Couplings of all pairs of each subcontig of the reader's corpus, one after another.

    workers: threads that read a subcontig each; more than one thread on one subcontig mostly wait.
    """
    corpus = reader.genes.corpus

    def couple_one(place: int) -> PairCouplings:
        genes, _ = corpus.genes_of(np.array([place]))
        first, second, *values = pairs_of(reader, genes)
        named = np.full(len(first), corpus.subcontig[place], np.int64)
        return PairCouplings(named, first.astype(np.int32), second.astype(np.int32), *values)

    yield from run_ahead(couple_one, range(len(corpus)), workers)
