"""A trained gLM with all that it takes to read sequences: `load_model`."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from glm import files
from glm.data.corpus import Corpus
from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.embedding.alphabet import Truncation
from glm.embedding.batching import embed_sequences
from glm.embedding.checkpoints import FAIR_ESM, fetch_protein_model
from glm.embedding.encoder import ProteinEncoder
from glm.embedding.protein_model import WEIGHTS, Identity, cache_folder, load_encoder
from glm.errors import GlmError
from glm.inference.reader import GeneReader
from glm.model import GenomicLanguageModel
from glm.model.directory import (
    FIXES,
    LABEL_COMPONENTS,
    PROTEIN_MODEL,
    STANDARDISATION,
    ModelDirectory,
    open_directory,
)
from glm.model.directory import WEIGHTS as MODEL_WEIGHTS
from glm.model.exported import find_directory
from glm.model.kernel_check import check_kernels
from glm.model.loading import load_trained

HUB = re.compile(r"https://huggingface\.co/(?P<name>[\w.-]+/[\w.-]+) at (?P<revision>\w+)")

logger = logging.getLogger("glm")


@dataclass
class TrainedModel:
    """A gLM from its directory; the protein model is loaded when the first protein is embedded.

    protein_model: its folder, None for where it is usually kept. threads: processor cores.
    """

    directory: ModelDirectory
    glm: GenomicLanguageModel
    builder: FeatureBuilder
    protein_model: Path | None
    threads: int
    device: torch.device

    @property
    def window(self) -> int:
        """Genes that are read together at most."""
        return self.directory.config.maximum_genes

    @property
    def hidden_size(self) -> int:
        """Features of a contextualised embedding."""
        return self.directory.config.hidden_size

    def reader(self, corpus: Corpus, embeddings: np.ndarray) -> GeneReader:
        """What reads genes in context, by rows of these protein embeddings, (n, D) float16."""
        return GeneReader(self.glm, Genes(corpus, EmbeddingStore.held(embeddings), self.builder))

    def embed_proteins(self, sequences: list[str]) -> np.ndarray:
        """Protein embeddings as the model was trained on them, (proteins, D) float16."""
        record = self.directory.record
        truncation = Truncation(record.maximum_residues, record.maximum_tokens)
        found = embed_sequences(self.encoder, sequences, truncation, threads=self.threads)
        found = found.astype(np.float16)
        torch.set_num_threads(self.threads)
        if not np.isfinite(found).all():
            raise GlmError(
                "the embedding of a protein is not finite in this precision; embed on a processor "
                "(--device cpu)"
            )
        return found

    @cached_property
    def encoder(self) -> ProteinEncoder:
        """The protein model that the gLM was trained with, its weights checked."""
        record = self.directory.record
        folder = find_protein_model(self.directory, self.protein_model)
        allow_random = record.protein_model.weights != "trained"
        precision = record.precision if self.device.type == "cuda" else "fp32"
        encoder, _ = load_encoder(folder, precision, self.device, record.layer, allow_random)
        return encoder


def load_model(
    directory: Path | str,
    protein_model: Path | str | None = None,
    device: str = "auto",
    threads: int | None = None,
) -> TrainedModel:
    """Load a trained gLM from its model directory, or a published one by its name on the hub.

    directory: a folder, or OWNER/MODEL (OWNER/MODEL@REVISION). protein_model: folder of the
    protein model (ESM-2); by default `protein_model` in the model directory or beside it, else the
    user's cache, filled from the hub. device: auto, cpu, cuda.
    threads: processor cores, by default all. Raises `GlmError` naming what is missing or does not
    belong together.
    """
    opened = open_directory(find_directory(directory))
    threads = threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    chosen = choose_device(device)
    model = load_trained(opened.path, FIXES[MODEL_WEIGHTS].capitalize()).to(chosen)
    check_kernels(model)
    builder = read_feature_builder(
        opened.path / STANDARDISATION, opened.path / LABEL_COMPONENTS, opened.config.to_dict()
    )
    given = None if protein_model is None else Path(protein_model)
    return TrainedModel(opened, model, builder.to(chosen), given, threads, chosen)


def choose_device(device: str) -> torch.device:
    """A device by its name; "auto" is a GPU where there is one."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise GlmError("--device cuda, but torch sees no GPU; use --device cpu")
    try:
        return torch.device(device)
    except RuntimeError as error:
        raise GlmError(f"--device {device}: there is no such device (auto, cpu, cuda)") from error


def find_protein_model(directory: ModelDirectory, given: Path | None) -> Path:
    """The folder of the protein model that a gLM was trained with.

    Raises `GlmError` if the one that was given, or found, is another one: its embeddings would
    mean something else to the gLM.
    """
    wanted = directory.record.protein_model
    kept = cache_folder() / wanted.sha256[:16]
    usual = [directory.path / "protein_model", directory.path.parent / "protein_model", kept]
    places = [given] if given is not None else [place for place in usual if place.is_dir()]
    for place in places:
        check_weights(place, wanted)
        return place
    source = fetchable(wanted)
    if source is None:
        raise GlmError(
            f"{directory.path}: reads embeddings of {wanted.name} ({wanted.source}), which is not "
            f"in {usual[0]} nor in {usual[1]}; name its folder with --protein-model"
        )
    logger.info("fetching the protein model %s into %s", wanted.name, kept)
    fetch_protein_model(source[0], kept, source[1])
    check_weights(kept, wanted)
    return kept


def fetchable(identity: Identity) -> tuple[str, str | None] | None:
    """Name, and revision if it is on the hub, by which a protein model can be fetched."""
    if found := HUB.fullmatch(identity.source):
        return found["name"], found["revision"]
    published = f"{identity.name}.pt"
    return (published, None) if published in FAIR_ESM else None


def check_weights(folder: Path, wanted: Identity) -> None:
    """Raise `GlmError` unless a protein model's weights are those that the gLM was trained with."""
    if not (folder / WEIGHTS).is_file():
        raise GlmError(
            f"{folder}: no protein model (no {WEIGHTS}); the folder of {wanted.name} is wanted"
        )
    found = files.sha256(folder / WEIGHTS)
    if found != wanted.sha256:
        raise GlmError(
            f"{folder}: another protein model than the gLM was trained with: SHA-256 of its "
            f"weights is {found[:12]}…, {PROTEIN_MODEL} wants {wanted.sha256[:12]}… "
            f"({wanted.name}, {wanted.features} features)"
        )
