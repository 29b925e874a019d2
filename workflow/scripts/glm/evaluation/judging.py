"""Scores of every judged gene for every predictor: found, or not found.

The candidates are the genes of the subcontig (pseudo-accuracy) or of the whole genome (absolute
accuracy) that have a representative. Chance is one in the number of candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import torch

from glm.data.genes import Genes
from glm.evaluation.estimates import CLOSEST, MOST_LIKELY, Scores
from glm.evaluation.masking import MaskedBatch
from glm.evaluation.predictors import Predictor
from glm.logs import progress
from glm.model.accuracy import absolute_accuracy, pseudo_accuracy

CHANCE = "baseline.chance"


def judge(
    genes: Genes,
    batches: Iterable[MaskedBatch],
    predictors: Mapping[str, Predictor],
    whole_genome: bool,
    total: int | None = None,
) -> Scores:
    """Judge each predictor on the same masked genes.

    A gene that is masked in several batches scores the mean. Returns, by predictor and reading,
    the scores of the genes that were masked, in the order of the corpus; of chance there is only
    the reading `MOST_LIKELY`.
    """
    size = len(genes.labels)
    times = np.zeros(size)
    sums: defaultdict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(size))
    present = torch.from_numpy(genes.present)
    for batch in progress(batches, total=total, unit="batches of masked genes"):
        masked = batch.genes[batch.masked]
        times[masked] += 1
        subcontig = np.repeat(np.arange(len(batch.lengths)), batch.lengths)
        candidates = (
            np.full(len(batch.lengths), genes.present.sum())
            if whole_genome
            else np.bincount(subcontig, weights=genes.present[batch.genes])
        )
        sums[CHANCE, MOST_LIKELY][masked] += 1 / candidates[subcontig[batch.masked]]
        for name, predictor in predictors.items():
            predicted = predictor(genes, batch)
            if whole_genome:
                found = absolute_accuracy(
                    *predicted[:2], genes.labels, torch.from_numpy(masked), present,
                    predicted.copied,
                )  # fmt: skip
            else:
                copied = predicted.copied
                if copied is not None:  # in the batch it stands as far from the masked gene
                    copied = copied + torch.from_numpy(batch.masked - masked)[:, None]
                found = pseudo_accuracy(
                    *predicted[:2],
                    genes.labels[torch.from_numpy(batch.genes)],
                    torch.from_numpy(subcontig),
                    torch.from_numpy(batch.masked),
                    present[torch.from_numpy(batch.genes)],
                    copied=copied,
                )
            sums[name, MOST_LIKELY][masked] += found.most_likely.numpy()
            sums[name, CLOSEST][masked] += found.closest_of_four.numpy()
    judged = times > 0
    return {key: value[judged] / times[judged] for key, value in sums.items()}
