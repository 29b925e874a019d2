"""The baseline that only remembers: what stood beside the most similar protein in training.

A gLM that has seen a pair side by side need not understand it. This predictor looks the query up
among the training proteins and gives the labels of the genes on either side, so what a model is
worth beyond its memory of the training genomes is what it has beyond this row.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor

from glm.evaluation.nearest import nearest_rows
from glm.evaluation.predictors import TrainingContexts
from glm.paralogs.prediction import Calls, call, squared_distances

OFFSETS = np.array([-1, 1])  # the gene before the query, and the one after it


def look_up(contexts: TrainingContexts, queries: Tensor, labels: np.ndarray) -> Calls:
    """Calls from the neighbours of each query's nearest training protein.

    queries: (queries, D) raw embeddings, on the forward strand. labels: (candidates, components +
    1); query i's partner is candidate i. Of the two neighbours that one is trusted more which is
    nearer to a candidate. Where the match has no neighbour, the mean label (zeros) is predicted,
    and trusted least.
    """
    known_genes = contexts.genes
    rows, _ = nearest_rows(queries, known_genes.store, contexts.proteins, known_genes.builder)
    shape = (len(rows), len(OFFSETS))
    gene, mirrored, known = contexts.beside(
        np.broadcast_to(rows[:, None], shape), np.ones(shape, bool), np.broadcast_to(OFFSETS, shape)
    )
    found = known_genes.labels_of(gene.ravel()).cpu().numpy()
    found = found.reshape(*shape, -1)
    found[mirrored, -1] *= -1
    found[~known] = 0
    gap = np.stack([squared_distances(found[:, place], labels).min(1) for place in (0, 1)], 1)
    return call(found, np.where(known, -gap, -np.inf), labels)
