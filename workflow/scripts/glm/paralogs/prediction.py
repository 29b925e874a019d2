"""Ask the gLM for the partner of a protein that stands alone between two masked genes.

A contig of three genes, the first and third masked, the second the query on the forward strand
(Methods, "Paralogy and orthology analysis"). Each masked gene gives one call: its prediction of
highest confidence, and the candidate whose label is nearest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from glm.inference.reader import GeneReader
from glm.model.loss import most_likely_prediction

GENES = 3
PLACES = (0, 2)
QUERIES_PER_BATCH = 512


class Calls(NamedTuple):
    """Two calls for each query, for the gene before it and the gene after it.

    prediction: (queries, 2, components + 1) float32. confidence: (queries, 2), the softmax of the
    likelihoods at the chosen prediction. nearest: (queries, 2) int64, the nearest candidate.
    rank: (queries, 2) int64, the true partner's place among the candidates, from 1; candidates
    that are just as near do not count against it.
    """

    prediction: np.ndarray
    confidence: np.ndarray
    nearest: np.ndarray
    rank: np.ndarray


def predict(reader: GeneReader, proteins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Prediction of highest confidence for both neighbours of each query.

    proteins: (queries,) int64, those of `Genes.of_proteins`. Returns (queries, 2, components + 1)
    and the confidence, (queries, 2).
    """
    predictions, confidences = [], []
    for start in range(0, len(proteins), QUERIES_PER_BATCH):
        # what stands in the masked places is not seen
        genes = np.repeat(proteins[start : start + QUERIES_PER_BATCH], GENES)
        lengths = np.full(len(genes) // GENES, GENES)
        masked = np.flatnonzero(np.isin(np.arange(len(genes)) % GENES, PLACES))
        read = reader.masked(genes, lengths, masked)
        chosen = most_likely_prediction(read.predictions, read.likelihoods)
        predictions.append(chosen.unflatten(0, (-1, len(PLACES))))
        confidence = read.likelihoods.softmax(-1).amax(1)
        confidences.append(confidence.unflatten(0, (-1, len(PLACES))))
    return torch.cat(predictions).numpy(), torch.cat(confidences).numpy()


def squared_distances(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(points, features) and (labels, features) to (points, labels), in float64."""
    points, labels = points.astype(float), labels.astype(float)
    cross = points @ labels.T
    return np.sum(points**2, 1)[:, None] - 2 * cross + np.sum(labels**2, 1)[None]


def judge(distance: np.ndarray, partner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest candidate and the partner's rank.

    distance: (queries, candidates). partner: (queries,) index of the true one. Where the partner
    is as near as the nearest (an equal label), it is the nearest.
    """
    own = np.take_along_axis(distance, partner[:, None], 1)
    slack = 1e-9 * np.maximum(np.abs(own), 1)
    rank = 1 + np.sum(distance < own - slack, 1)
    return np.where(rank == 1, partner, distance.argmin(1)), rank


def call(prediction: np.ndarray, confidence: np.ndarray, labels: np.ndarray) -> Calls:
    """Judge the predictions of all queries; query i's partner is candidate i."""
    partner = np.arange(len(prediction))
    judged = [
        judge(squared_distances(prediction[:, place], labels), partner)
        for place in range(prediction.shape[1])
    ]
    nearest, rank = (np.stack(column, 1) for column in zip(*judged, strict=True))
    return Calls(prediction, confidence, nearest, rank)


def by_cosine(queries: np.ndarray, candidates: np.ndarray) -> Calls:
    """Context-free baseline, DGEB's form of the task: candidates by cosine of embeddings.

    Both calls of a query are the same; confidence is the cosine, there is no prediction.
    """
    one = queries / np.maximum(np.linalg.norm(queries, axis=1, keepdims=True), 1e-12)
    other = candidates / np.maximum(np.linalg.norm(candidates, axis=1, keepdims=True), 1e-12)
    similarity = one.astype(float) @ other.astype(float).T
    nearest, rank = judge(1 - similarity, np.arange(len(queries)))
    twice = [np.repeat(column[:, None], 2, 1) for column in (similarity.max(1), nearest, rank)]
    return Calls(np.empty((len(queries), 2, 0)), *twice)
