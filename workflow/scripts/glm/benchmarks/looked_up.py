"""The context of a protein as training has it: no gLM, and no genome of the protein's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from glm.application.dgeb import clean
from glm.application.loading import TrainedModel
from glm.evaluation.nearest import nearest_rows
from glm.evaluation.predictors import TrainingContexts


def look_up(
    model: TrainedModel, contexts: TrainingContexts
) -> Callable[[Sequence[str]], np.ndarray]:
    """What makes (n, D) float32 of n proteins: the mean protein embedding of the other genes in
    the subcontig of the nearest training protein (the first in which it occurs); zeros if there
    are none."""
    corpus, store = contexts.corpus, contexts.genes.store

    def encode(sequences: Sequence[str]) -> np.ndarray:
        distinct, number = np.unique([clean(one) for one in sequences], return_inverse=True)
        queries = torch.from_numpy(model.embed_proteins(distinct.tolist()))
        rows, _ = nearest_rows(queries, store, contexts.proteins, contexts.genes.builder)
        match = contexts.order[np.searchsorted(contexts.sorted, rows)]
        found = np.zeros((len(distinct), store.size), np.float32)
        for place, gene in enumerate(match):
            genes, _ = corpus.genes_of(contexts.subcontig[[gene]])
            others = genes[(genes != gene) & (corpus.representative[genes] >= 0)]
            if len(others):
                found[place] = contexts.genes.gather(others).float().mean(0).cpu().numpy()
        return found[number]

    return encode
