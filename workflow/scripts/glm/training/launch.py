"""The command line that train_glm and train_bilstm share, and the model directory they write."""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from glm import cluster, command, provenance, tables
from glm.data.corpus import Corpus, read_corpus
from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.store import EmbeddingStore
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import EmbeddingRecord
from glm.files import workspace, writing
from glm.model import GenomicLanguageModel
from glm.model.base import Model
from glm.model.card import write_card
from glm.model.configuration import Configuration
from glm.seeds import derive_seed
from glm.training.augmentation import NOTHING_CHANGED, Augmentation, read_runs
from glm.training.batches import BatchSampler
from glm.training.checkpoint import Checkpoints
from glm.training.distributed import Processes, processes
from glm.training.homologues import find_homologues
from glm.training.interruption import RESUBMIT, Interruption
from glm.training.loading import TrainingData
from glm.training.memory import layer_weights, training_bytes
from glm.training.settings import Settings, check_model_keys, read_settings
from glm.training.trainer import Run, Trainer

RESERVED = 2e9  # bytes of a GPU: CUDA's own, workspaces, casts of the weights
TABLES = ("subcontigs", "splits", "standardisation", "label_components", "reference_subcontigs")
logger = logging.getLogger("glm")
STORES = ("store", "reference_store")


def parser(description: str | None) -> argparse.ArgumentParser:
    """The arguments: what to train on, how, and where to."""
    made = command.parser(description)
    for name, text in (
        ("subcontigs", "subcontigs.parquet of the training corpus"),
        ("splits", "splits.parquet: which of them to train and to validate on"),
        ("store", "embedding_store.npy of the training corpus"),
        ("standardisation", "standardisation.parquet"),
        ("label-components", "label_components.parquet"),
        ("output", "the model directory to write"),
        ("state", "the directory of checkpoints; they outlive a failed run"),
    ):
        made.add_argument(f"--{name}", type=Path, required=True, help=text)
    for name, text in (
        ("reference-subcontigs", "subcontigs.parquet of the reference genome, if there is one"),
        ("reference-store", "embedding_store.npy of the reference genome"),
    ):
        made.add_argument(f"--{name}", type=Path, help=text)
    made.add_argument(
        "--settings",
        required=True,
        help='JSON, or a file of it: {"model": section glm or bilstm of the configuration, '
        '"training": section training, with its part glm or bilstm merged into it}',
    )
    made.add_argument("--gpus", type=int, default=0, help="GPUs of this node; 0: the processor")
    made.add_argument(
        "--wall-time",
        type=float,
        metavar="MINUTES",
        help="save and end with status 85 a little before so many minutes have passed "
        "(default: what SLURM gives the job, if anything)",
    )
    return made


def main(
    arguments: argparse.Namespace,
    config_class: type[Configuration],
    model_class: type[Model],
    rule: str,
) -> int:
    """Train a model of `model_class`; returns the exit status (see `glm.training.trainer`).

    Cut by the wall time of a SLURM job, it has SLURM run the job again.
    """
    minutes = arguments.wall_time
    interruption = Interruption(cluster.seconds_left() if minutes is None else 60 * minutes)
    torch.set_num_threads(max(1, arguments.threads // int(os.environ.get("LOCAL_WORLD_SIZE", 1))))
    settings, model_keys = read_settings(arguments.settings)
    check_model_keys(model_keys, config_class)
    seed = derive_seed(arguments.seed, rule)
    with processes(arguments.gpus) as joined:
        train, held_out = read_sources(arguments, settings, model_keys, seed, joined)
        torch.manual_seed(seed)
        model_keys |= {
            "embedding_size": train.store.size,
            "label_components": len(train.builder.directions),
        }
        lengths = np.diff(train.corpus.offsets)
        if "minimum_genes" in config_class.__annotations__:
            model_keys |= {"minimum_genes": int(lengths.min()), "maximum_genes": int(lengths.max())}
        model = model_class(config_class(**model_keys))
        if isinstance(model, GenomicLanguageModel):
            model.keep_residual_half(settings.residual == "half")
            model.multiply_in_fp8(settings.products == "fp8")
        parameters = {"model": model_keys, "training": settings.shaping()}
        stamp = make_stamp(arguments, rule, parameters, seed)
        stamp["subcontigs"] = {
            name: len(source.corpus) for name, source in {"train": train, **held_out}.items()
        }
        fingerprints = {
            name: stamp["inputs"][str(path)] for name, path in inputs_of(arguments).items()
        }
        shaping = {"rule": rule, "seed": seed, "inputs": fingerprints, **parameters}
        checkpoints = Checkpoints(
            arguments.state, provenance.parameters_hash(shaping), settings.checkpoints_kept
        )
        if joined.first:
            checkpoints.prepare(shaping)
        trainer = Trainer(
            Run(settings, model, train, held_out, joined, checkpoints, interruption, stamp)
        )
        status = trainer.train()
        if status == 0 and joined.first:
            write_model(arguments, model, trainer, stamp)
        joined.wait()
    if status == RESUBMIT and joined.first and not interruption.cancelled:
        cluster.requeue()
    return status


def read_sources(
    arguments: argparse.Namespace,
    settings: Settings,
    model_keys: dict[str, Any],
    seed: int,
    joined: Processes,
) -> tuple[TrainingData, dict[str, TrainingData]]:
    """What is trained on, and what is validated on by name: validation and, if given, reference."""
    builder = read_feature_builder(
        arguments.standardisation, arguments.label_components, model_keys
    ).to(joined.device)
    layers, size = model_keys["layers"], model_keys["hidden_size"]
    weights = layer_weights(layers, size, model_keys.get("feed_forward_size", 4 * size))
    reserved = RESERVED + training_bytes(
        weights, layers * size, settings.precision, settings.subcontigs_per_device
    )
    store = EmbeddingStore(arguments.store, joined.device, settings.store, reserved)

    def source(corpus_store: EmbeddingStore, subcontigs: Path, split: str | None) -> TrainingData:
        splits = arguments.splits if split else None
        corpus = read_corpus(subcontigs, len(corpus_store), splits, split)
        augmentation = NOTHING_CHANGED
        if split == "train":
            augmentation = read_augmentation(subcontigs, corpus, corpus_store, builder, settings)
        sampler = BatchSampler(corpus, settings.batch_size, settings.mask_rate, seed, augmentation)
        size = settings.subcontigs_per_device
        return TrainingData(corpus, corpus_store, builder, sampler, joined, size)

    held_out = {"validation": source(store, arguments.subcontigs, "validation")}
    if arguments.reference_subcontigs:
        of_reference = EmbeddingStore(
            arguments.reference_store, joined.device, settings.store, reserved
        )
        held_out["reference"] = source(of_reference, arguments.reference_subcontigs, None)
    return source(store, arguments.subcontigs, "train"), held_out


def inputs_of(arguments: argparse.Namespace) -> dict[str, Path]:
    """The files that a training reads, by their names among the arguments."""
    given = {name: getattr(arguments, name) for name in TABLES + STORES}
    return {name: path for name, path in given.items() if path}


def read_augmentation(
    subcontigs: Path,
    corpus: Corpus,
    store: EmbeddingStore,
    builder: FeatureBuilder,
    settings: Settings,
) -> Augmentation:
    """What the settings have changed of the training subcontigs."""
    homologues = None
    if settings.homologue_substitution:
        least = settings.homologue_cosine
        homologues = find_homologues(subcontigs, corpus, store, builder, least)
        logger.info(
            "%d of %d training proteins have homologues in another genome (cosine over %.2f)",
            (homologues.nearest[:, 0] >= 0).sum(), len(np.unique(corpus.representative)), least,
        )  # fmt: skip
    return Augmentation(
        runs=read_runs(subcontigs, corpus) if settings.random_offsets else None,
        strand_flip=settings.strand_flip,
        homologues=homologues,
        substituted=settings.homologue_substitution,
        predicted_unmasked=settings.predicted_unmasked,
    )


def make_stamp(
    arguments: argparse.Namespace, rule: str, parameters: dict[str, Any], seed: int
) -> dict[str, Any]:
    """The provenance stamp."""
    return provenance.stamp(rule, list(inputs_of(arguments).values()), parameters, seed)


def write_model(
    arguments: argparse.Namespace,
    model: Model,
    trainer: Trainer,
    stamp: dict[str, Any],
) -> None:
    """Write the model directory: all that a later stage needs to use the model, and no more.

    config.json and model.safetensors (in transformers' form), metrics.parquet, the two
    tables that make its features and labels, protein_model.json (which protein model embedded the
    corpus, as the note beside its store says), provenance.json, and a gLM's README.md, its model
    card. Each appears whole.
    """
    output: Path = arguments.output
    with workspace(output, "model") as folder:
        model.save_pretrained(folder)
        for file in sorted(folder.iterdir()):
            shutil.copymode(arguments.standardisation, file)  # safetensors' are the owner's alone
            os.replace(file, output / file.name)
    for table in (arguments.standardisation, arguments.label_components):
        with writing(output / table.name) as beside:
            shutil.copyfile(table, beside)
    with writing(output / "provenance.json") as beside:
        beside.write_text(json.dumps(stamp, indent=2) + "\n")
    tables.write(trainer.metrics.table(), output / "metrics.parquet", tables.METRICS, stamp)
    if record := read_store_record(arguments.store):
        record.write(output / PROTEIN_MODEL)
    if isinstance(model, GenomicLanguageModel):
        write_card(output)


def read_store_record(store: Path) -> EmbeddingRecord | None:
    """How the proteins of an embedding store were embedded, if its note says so."""
    try:
        return EmbeddingRecord.of(json.loads(store.with_suffix(".json").read_text())["embedding"])
    except (OSError, ValueError, KeyError, TypeError):
        logger.warning("%s: no note says which protein model it is of", store)
        return None
