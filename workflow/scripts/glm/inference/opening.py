"""A run's gLM, and the genes that it reads, opened from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.genes import Genes
from glm.data.store import EmbeddingStore
from glm.device import select_device
from glm.errors import GlmError
from glm.inference.names import HiddenLayer
from glm.inference.reader import GeneReader, Precision
from glm.model.directory import read_config
from glm.model.kernel_check import check_kernels
from glm.model.loading import load_trained


class Reading(NamedTuple):
    """What a run's gLM and the genes that it reads are opened from.

    model: the gLM's weights. gpus: 0 is the processor.
    """

    model: Path
    subcontigs: Path
    store: Path
    standardisation: Path
    label_components: Path
    gpus: int

    def open(
        self,
        precision: Precision = "fp32",
        layer: HiddenLayer = "last",
        named: np.ndarray | None = None,
    ) -> GeneReader:
        """The reader; named: (n,) the only subcontigs that are read, if given."""
        keys = read_config(self.model.parent).to_dict()
        device = select_device(self.gpus)
        builder = read_feature_builder(self.standardisation, self.label_components, keys).to(device)
        genes = Genes.read(
            self.subcontigs, EmbeddingStore(self.store, device), builder, named=named
        )
        return GeneReader(load_model(self.model.parent, builder), genes, precision, layer)


def load_model(folder: Path, builder: FeatureBuilder) -> Any:
    """A trained model, gLM or biLSTM, in evaluation mode, where the builder lies.

    Raises `GlmError` as `load_trained` does, and if it was trained on embeddings or labels of
    another size.
    """
    model = load_trained(folder)
    wanted = (len(builder.mean), len(builder.variance))
    found = (model.config.embedding_size, model.config.label_components)
    if found != wanted:
        raise GlmError(
            f"{folder}: was trained on embeddings of {found[0]} features and labels of {found[1]} "
            f"components, but here are {wanted[0]} and {wanted[1]}; train it again"
        )
    model.to(builder.mean.device)
    check_kernels(model)
    return model
