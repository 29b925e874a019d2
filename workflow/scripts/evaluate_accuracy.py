"""Accuracy of gLM, biLSTM and baselines, on held-out subcontigs and the reference genome.

Pseudo-accuracy: the masked gene among those of its subcontig. Absolute accuracy: among all genes of
the reference genome (Methods, Performance metric).
"""

from pathlib import Path

import pandas as pd
import torch

from glm import step, tables
from glm.data.corpus import read_corpus
from glm.data.features import read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.evaluation.accuracy import (
    HELD_OUT,
    REFERENCE,
    accuracy_rows,
    judge_rounds,
    log_accuracies,
    log_genes,
    margin_rows,
)
from glm.evaluation.predictors import (
    ModelPredictor,
    NearestContext,
    Predictor,
    TrainingContexts,
    copy_neighbour,
)
from glm.inference.reader import load_model
from glm.model.directory import read_config
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
    device = torch.device("cuda" if gpus and torch.cuda.is_available() else "cpu")
    keys = read_config(glm.parent).to_dict()
    builder = read_feature_builder(standardisation, label_components, keys).to(device)
    models: dict[str, Predictor] = {
        name: ModelPredictor(load_model(weights.parent, builder))
        for name, weights in (("glm", glm), ("bilstm", bilstm))
    }
    of_training, of_reference = EmbeddingStore(store), EmbeddingStore(reference_store)

    def genes_of(path: Path, rows: EmbeddingStore, split: str | None = None) -> Genes:
        corpus = read_corpus(path, len(rows), splits if split else None, split)
        return Genes(corpus, rows, builder)

    contexts = TrainingContexts(genes_of(subcontigs, of_training, "train"))
    judged = {REFERENCE: genes_of(reference_subcontigs, of_reference)}
    if measure == "pseudo":
        judged = {HELD_OUT: genes_of(subcontigs, of_training, "validation"), **judged}
    seed = derive_seed(run_seed, f"evaluate_{measure}_accuracy")
    accuracies, differences = [], []
    for name, genes in judged.items():
        log_genes(name, genes)
        predictors: dict[str, Predictor] = {
            **models,
            "baseline.copy_neighbour": copy_neighbour,
            "baseline.nearest_context": NearestContext(contexts, genes),
        }
        scores = judge_rounds(
            genes, predictors, measure == "absolute", mask_rate, masks_per_gene,
            subcontigs_per_batch, seed,
        )  # fmt: skip
        accuracies.append(accuracy_rows(scores, name, f"{measure}_accuracy"))
        differences.append(margin_rows(scores, name, f"{measure}_accuracy"))
    table = pd.concat(accuracies, ignore_index=True)
    log_accuracies(table)
    tables.write(table, accuracy, tables.ACCURACY, step.stamp())
    tables.write(pd.concat(differences, ignore_index=True), margins, tables.MARGINS, step.stamp())


if __name__ == "__main__":
    step.run(evaluate_accuracy)
