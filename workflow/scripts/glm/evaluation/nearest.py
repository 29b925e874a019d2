"""Nearest neighbours among many embeddings, read once from the store, chunk by chunk."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from glm.data.features import FeatureBuilder
from glm.data.store import EmbeddingStore
from glm.logs import progress

CHUNK = 8192  # embeddings of the store compared at a time
QUERIES = 4096  # with so many queries


@torch.no_grad()
def nearest_rows(
    queries: Tensor,
    store: EmbeddingStore,
    rows: np.ndarray,
    builder: FeatureBuilder,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of some rows of a store to each query, in standardised embedding space.

    queries: (n, D) raw embeddings; rows: (m,) rows of `store`, at least one. Returns the row,
    (n,) int64, and the euclidean distance, (n,) float32. Memory: the queries, and one chunk.
    """
    device = builder.mean.device
    standard = builder.standardise(queries.to(device))
    length = standard.square().sum(1)
    best = torch.full((len(standard),), torch.inf, device=device)
    found = torch.zeros(len(standard), dtype=torch.int64, device=device)
    starts = range(0, len(rows), CHUNK)
    for start in progress(starts, total=len(starts), unit="chunks of training proteins"):
        chunk = torch.from_numpy(rows[start : start + CHUNK]).to(torch.int64)
        candidates = builder.standardise(store.gather(chunk).to(device))
        offset = candidates.square().sum(1)
        for first in range(0, len(standard), QUERIES):
            part = slice(first, first + QUERIES)
            # |a - b|^2 less |a|^2, which is the same for all candidates
            distance = torch.addmm(offset, standard[part], candidates.T, alpha=-2)
            value, index = distance.min(1)
            closer = value < best[part]
            best[part] = torch.where(closer, value, best[part])
            found[part] = torch.where(closer, chunk.to(device)[index], found[part])
    distance = (best + length).clamp(min=0).sqrt()
    return found.cpu().numpy(), distance.cpu().numpy()
