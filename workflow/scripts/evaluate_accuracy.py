"""Accuracy of gLM, biLSTM and baselines, on held-out subcontigs and the reference genome.

Pseudo-accuracy: the masked gene among those of its subcontig. Absolute accuracy: among all genes of
the reference genome (Methods, Performance metric).
"""

from functools import partial
from pathlib import Path

import torch

from glm import step, tables
from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.genes import Genes
from glm.device import select_device
from glm.evaluation import budget
from glm.evaluation.accuracy import (
    HELD_OUT,
    INPUTS_REPLACED,
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
    InputsReplaced,
    ModelPredictor,
    NearestContext,
    Predictor,
    TrainingContexts,
    copy_neighbour,
)
from glm.evaluation.summary import numbers as summarise
from glm.inference.opening import load_model
from glm.model.directory import read_config
from glm.scorecard_entries import write_numbers
from glm.seeds import derive_seed


def evaluate_accuracy(
    model: Path,
    bilstm: Path | None,
    subcontigs: Path | None,
    splits: Path | None,
    store: Path | None,
    reference_subcontigs: Path | None,
    reference_store: Path | None,
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
    be looked up. reference_subcontigs, reference_store: without them only held-out subcontigs are
    judged. measure: pseudo or absolute. mask_rate, masks_per_gene: of
    pseudo-accuracy. margins: paired differences between a model and every other predictor.
    memory: what the gLM finds that a look-up does not, by distance to training.
    """
    torch.set_num_threads(threads)
    device = select_device(gpus)
    keys = read_config(model.parent).to_dict()
    builder = read_feature_builder(standardisation, label_components, keys).to(device)
    models: dict[str, Predictor] = {
        name: ModelPredictor(load_model(weights.parent, builder))
        for name, weights in (("glm", model), ("bilstm", bilstm))
        if weights
    }

    contexts, judged = read_corpora(builder, subcontigs, splits, store, measure)
    predictions = keys["predictions"]
    if reference_subcontigs and reference_store:
        of_reference = Genes.read(reference_subcontigs, reference_store, builder)
        judged[REFERENCE] = of_reference, reference_subcontigs
    seed = derive_seed(run_seed, f"evaluate_{measure}_accuracy")
    accuracies, differences, memories = [], [], []
    for name, (genes, source) in judged.items():
        log_genes(name, genes)
        about = groups_of(genes, source), name, f"{measure}_accuracy"
        predictors: dict[str, Predictor] = {
            **models,
            "baseline.copy_neighbour": partial(copy_neighbour, predictions=predictions),
        }
        if contexts:
            predictors[LOOK_UP] = look_up = NearestContext(contexts, genes, predictions)
            predictors[INPUTS_REPLACED] = InputsReplaced(models["glm"], look_up, genes)
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
    for rows, path, declared in (
        (table, accuracy, tables.ACCURACY), (compared, margins, tables.MARGINS),
        (by_distance, memory, tables.MEMORY),
    ):  # fmt: skip
        tables.write(rows, path, declared, step.stamp())
    write_numbers(summarise(table, compared, by_distance, seen), numbers, step.stamp())


def read_corpora(
    builder: FeatureBuilder,
    subcontigs: Path | None,
    splits: Path | None,
    store: Path | None,
    measure: str,
) -> tuple[TrainingContexts | None, dict[str, tuple[Genes, Path]]]:
    """Contexts of the training subcontigs, and what is judged of a corpus; without one, nothing."""
    if not subcontigs or not store:
        return None, {}
    contexts = TrainingContexts.read(subcontigs, splits, store, builder)
    if measure == "absolute":
        return contexts, {}
    held_out = Genes.read(subcontigs, store, builder, splits=splits, split="validation")
    return contexts, {HELD_OUT: (held_out, subcontigs)}


if __name__ == "__main__":
    step.run(evaluate_accuracy)
