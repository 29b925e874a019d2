"""Accuracy of gLM, biLSTM and baselines, on held-out subcontigs and the reference genome.

Pseudo-accuracy: the masked gene among those of its subcontig. Absolute accuracy: among all genes of
the reference genome (Methods, Performance metric).
"""

from pathlib import Path

import torch

from glm import step, tables
from glm.data.corpus import read_corpus
from glm.data.features import read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.evaluation import budget
from glm.evaluation.accuracy import (
    HELD_OUT,
    REFERENCE,
    accuracy_rows,
    groups_of,
    judge_rounds,
    log_accuracies,
    log_genes,
    margin_rows,
)
from glm.evaluation.memory import LOOK_UP, memory_rows
from glm.evaluation.predictors import (
    ModelPredictor,
    NearestContext,
    Predictor,
    TrainingContexts,
    copy_neighbour,
)
from glm.evaluation.summary import numbers as summarise
from glm.inference.reader import load_model
from glm.model.directory import read_config
from glm.provenance import derive_seed


def evaluate_accuracy(
    model: Path,
    bilstm: Path | None,
    subcontigs: Path | None,
    splits: Path | None,
    store: Path | None,
    reference_subcontigs: Path,
    reference_store: Path,
    standardisation: Path,
    label_components: Path,
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
    memory: Path,
    numbers: Path,
) -> None:
    """Judge models and baselines on the same masked genes, and write the tables.

    model, bilstm: weights of the gLM, and of its baseline where one was trained. subcontigs,
    splits, store: the corpus; without one, the reference genome alone is judged, and no context can
    be looked up. measure: pseudo or absolute. mask_rate, masks_per_gene: of
    pseudo-accuracy. margins: paired differences between a model and every other predictor.
    memory: what the gLM finds that a look-up does not, by distance to training.
    """
    torch.set_num_threads(threads)
    device = torch.device("cuda" if gpus and torch.cuda.is_available() else "cpu")
    keys = read_config(model.parent).to_dict()
    builder = read_feature_builder(standardisation, label_components, keys).to(device)
    models: dict[str, Predictor] = {
        name: ModelPredictor(load_model(weights.parent, builder))
        for name, weights in (("glm", model), ("bilstm", bilstm))
        if weights
    }

    def genes_of(path: Path, rows: EmbeddingStore, split: str | None = None) -> Genes:
        corpus = read_corpus(path, len(rows), splits if split else None, split)
        return Genes(corpus, rows, builder)

    contexts = None
    judged: dict[str, tuple[Genes, Path]] = {}
    if subcontigs and store:
        of_training = EmbeddingStore(store)
        contexts = TrainingContexts(genes_of(subcontigs, of_training, "train"))
        if measure == "pseudo":
            judged[HELD_OUT] = genes_of(subcontigs, of_training, "validation"), subcontigs
    of_reference = genes_of(reference_subcontigs, EmbeddingStore(reference_store))
    judged[REFERENCE] = of_reference, reference_subcontigs
    seed = derive_seed(run_seed, f"evaluate_{measure}_accuracy")
    accuracies, differences, memories = [], [], []
    for name, (genes, source) in judged.items():
        log_genes(name, genes)
        about = groups_of(genes, source), name, f"{measure}_accuracy"
        predictors: dict[str, Predictor] = {
            **models,
            "baseline.copy_neighbour": copy_neighbour,
        }
        if contexts:
            predictors[LOOK_UP] = look_up = NearestContext(contexts, genes)
        scores = judge_rounds(
            genes, predictors, measure == "absolute", mask_rate, masks_per_gene,
            subcontigs_per_batch, seed,
        )  # fmt: skip
        accuracies.append(accuracy_rows(scores, *about))
        differences.append(margin_rows(scores, *about))
        if contexts:
            distance = look_up.distances[genes.corpus.representative[genes.present]]
            memories.append(memory_rows(scores, distance, *about))
    table = tables.ACCURACY.joined(accuracies)
    log_accuracies(table)
    compared, by_distance = tables.MARGINS.joined(differences), tables.MEMORY.joined(memories)
    trained = [path.with_name("metrics.parquet") for path in (model, bilstm) if path]
    seen = budget.said(*trained) if bilstm else ""
    summary = tables.NUMBERS.frame(summarise(table, compared, by_distance, seen))
    for rows, path, declared in (
        (table, accuracy, tables.ACCURACY), (compared, margins, tables.MARGINS),
        (by_distance, memory, tables.MEMORY), (summary, numbers, tables.NUMBERS),
    ):  # fmt: skip
        tables.write(rows, path, declared, step.stamp())


if __name__ == "__main__":
    step.run(evaluate_accuracy)
