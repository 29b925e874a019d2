"""Accuracy of gLM, biLSTM and baselines, on held-out subcontigs and the reference genome.

Pseudo-accuracy: the masked gene among those of its subcontig. Absolute accuracy: among all genes of
the reference genome (Methods, Performance metric).
"""

from pathlib import Path

import torch

from glm import step, tables
from glm.evaluation.accuracy import Inputs, evaluate
from glm.provenance import derive_seed


def evaluate_accuracy(
    subcontigs: Path,
    splits: Path,
    store: Path,
    reference_subcontigs: Path,
    reference_store: Path,
    standardisation: Path,
    label_components: Path,
    glm: Path,
    bilstm: Path,
    measure: str,
    mask_rate: float,
    masks_per_gene: int,
    subcontigs_per_batch: int,
    run_seed: int,
    gpus: int,
    threads: int,
    *,
    accuracy: Path,
    margins: Path,
) -> None:
    """Judge models and baselines on the same masked genes, and write both tables.

    glm, bilstm: their weights. measure: pseudo or absolute. mask_rate, masks_per_gene: of
    pseudo-accuracy. margins: paired differences between a model and every other predictor.
    """
    torch.set_num_threads(threads)
    inputs = Inputs(
        subcontigs, splits, store, reference_subcontigs, reference_store, standardisation,
        label_components, models={"glm": glm.parent, "bilstm": bilstm.parent},
    )  # fmt: skip
    accuracies, differences = evaluate(
        inputs,
        whole_genome=measure == "absolute",
        mask_rate=mask_rate,
        masks_per_gene=masks_per_gene,
        subcontigs_per_batch=subcontigs_per_batch,
        seed=derive_seed(run_seed, f"evaluate_{measure}_accuracy"),
        device=torch.device("cuda" if gpus and torch.cuda.is_available() else "cpu"),
    )
    tables.write(accuracies, accuracy, tables.ACCURACY, step.stamp())
    tables.write(differences, margins, tables.MARGINS, step.stamp())


if __name__ == "__main__":
    step.run(evaluate_accuracy)
