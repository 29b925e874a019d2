"""What train_glm and train_bilstm share: sources, checkpoints, the model directory they write.

    python workflow/scripts/train_glm.py ARGUMENTS            # one GPU, or the processor

    # four GPUs of one node
    torchrun --standalone --nproc-per-node=4 -- workflow/scripts/train_glm.py ARGUMENTS

    # two nodes of four GPUs: this line on each of them, NODE the name of the first
    torchrun --nnodes=2 --nproc-per-node=4 --rdzv-id=glm --rdzv-backend=c10d \
        --rdzv-endpoint=NODE:29500 -- workflow/scripts/train_glm.py ARGUMENTS

    # or, inside a SLURM allocation, one process for each GPU with no torchrun in between
    MASTER_ADDR=NODE MASTER_PORT=29500 srun --nodes=2 --ntasks-per-node=4 --gres=gpu:4 bash -c \
        'RANK=$SLURM_PROCID LOCAL_RANK=$SLURM_LOCALID WORLD_SIZE=$SLURM_NTASKS \
         exec python workflow/scripts/train_glm.py ARGUMENTS'

(`train_glm.py --help` lists the arguments; workflow/rules/training.smk launches all of these.)
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from glm import cluster, provenance, step, tables
from glm.data.corpus import Corpus, read_corpus
from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.store import EmbeddingStore
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import EmbeddingRecord
from glm.files import workspace, writing
from glm.model import GenomicLanguageModel
from glm.model.base import Model
from glm.model.card import write_card
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
logger = logging.getLogger("glm")


class Files(NamedTuple):
    """What a training reads: the corpus (subcontigs, splits and the store of their embeddings), the
    reference genome's where there is one, and the two tables that make features and labels."""

    subcontigs: Path
    splits: Path
    store: Path
    standardisation: Path
    label_components: Path
    reference_subcontigs: Path | None
    reference_store: Path | None

    @property
    def inputs(self) -> dict[str, Path]:
        """Those that are read, by name."""
        return {name: path for name, path in self._asdict().items() if path}


def train_model(
    model_class: type[Model],
    files: Files,
    output: Path,
    state: Path,
    given: str,
    seed: int,
    gpus: int,
    threads: int,
    wall_time: float | None,
) -> int:
    """Train a model; returns the exit status (see `glm.training.trainer`).

    output: the model directory. state: of checkpoints, which outlive a failed run. given: settings,
    as `read_settings` takes them. gpus: of this node. wall_time: minutes. Cut by the wall time of a
    SLURM job, it has SLURM run the job again.
    """
    rule, config_class = step.RUNNING.get().name, model_class.config_class
    seconds = cluster.seconds_left() if wall_time is None else 60 * wall_time
    interruption = Interruption(seconds)
    torch.set_num_threads(max(1, threads // int(os.environ.get("LOCAL_WORLD_SIZE", 1))))
    settings, model_keys = read_settings(given)
    check_model_keys(model_keys, config_class)
    with processes(gpus) as joined:
        train, held_out = read_sources(files, settings, model_keys, seed, joined)
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
        stamp = provenance.stamp(rule, list(files.inputs.values()), parameters, seed)
        stamp["subcontigs"] = {
            name: len(source.corpus) for name, source in {"train": train, **held_out}.items()
        }
        fingerprints = {name: stamp["inputs"][str(path)] for name, path in files.inputs.items()}
        shaping = {"rule": rule, "seed": seed, "inputs": fingerprints, **parameters}
        checkpoints = Checkpoints(
            state, provenance.parameters_hash(shaping), settings.checkpoints_kept
        )
        if joined.first:
            checkpoints.prepare(shaping)
        trainer = Trainer(
            Run(settings, model, train, held_out, joined, checkpoints, interruption, stamp)
        )
        status = trainer.train()
        if status == 0 and joined.first:
            write_model(files, output, model, trainer, stamp)
        joined.wait()
    if status == RESUBMIT and joined.first and not interruption.cancelled:
        cluster.requeue()
    return status


def read_sources(
    files: Files,
    settings: Settings,
    model_keys: dict[str, Any],
    seed: int,
    joined: Processes,
) -> tuple[TrainingData, dict[str, TrainingData]]:
    """What is trained on, and what is validated on by name: validation and, if given, reference."""
    builder = read_feature_builder(files.standardisation, files.label_components, model_keys).to(
        joined.device
    )
    layers, size = model_keys["layers"], model_keys["hidden_size"]
    weights = layer_weights(layers, size, model_keys.get("feed_forward_size", 4 * size))
    reserved = RESERVED + training_bytes(
        weights, layers * size, settings.precision, settings.subcontigs_per_device
    )
    store = EmbeddingStore(files.store, joined.device, settings.store, reserved)

    def source(corpus_store: EmbeddingStore, subcontigs: Path, split: str | None) -> TrainingData:
        splits = files.splits if split else None
        corpus = read_corpus(subcontigs, len(corpus_store), splits, split)
        augmentation = NOTHING_CHANGED
        if split == "train":
            augmentation = read_augmentation(subcontigs, corpus, corpus_store, builder, settings)
        sampler = BatchSampler(corpus, settings.batch_size, settings.mask_rate, seed, augmentation)
        size = settings.subcontigs_per_device
        return TrainingData(corpus, corpus_store, builder, sampler, joined, size)

    held_out = {"validation": source(store, files.subcontigs, "validation")}
    if files.reference_subcontigs and files.reference_store:
        of_reference = EmbeddingStore(
            files.reference_store, joined.device, settings.store, reserved
        )
        held_out["reference"] = source(of_reference, files.reference_subcontigs, None)
    return source(store, files.subcontigs, "train"), held_out


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


def write_model(
    files: Files,
    output: Path,
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
    with workspace(output, "model") as folder:
        model.save_pretrained(folder)
        for file in sorted(folder.iterdir()):
            shutil.copymode(files.standardisation, file)  # safetensors' are the owner's alone
            os.replace(file, output / file.name)
    for table in (files.standardisation, files.label_components):
        with writing(output / table.name) as beside:
            shutil.copyfile(table, beside)
    with writing(output / "provenance.json") as beside:
        beside.write_text(json.dumps(stamp, indent=2) + "\n")
    tables.write(trainer.metrics.table(), output / "metrics.parquet", tables.METRICS, stamp)
    if record := read_store_record(files.store):
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
