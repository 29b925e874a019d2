"""What a trained gLM makes of genes: the one way from rows of an embedding store to its layers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from glm.data.features import FeatureBuilder, read_feature_builder
from glm.data.store import EmbeddingStore
from glm.errors import GlmError
from glm.inference.names import Variant
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.genomic import GenomicLanguageModel
from glm.model.layout import Layout
from glm.model.loading import load_trained
from glm.model.output import GenomicOutput

Precision = Literal["fp32", "bf16", "fp16"]
HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class GeneReader:
    """A gLM in evaluation mode, what standardises its input, and the store that it reads from.

    Model and builder lie on one device; the store may lie elsewhere.
    """

    model: GenomicLanguageModel
    builder: FeatureBuilder
    store: EmbeddingStore
    precision: Precision = "fp32"

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return next(self.model.parameters()).device

    def gather(self, representative: np.ndarray) -> Tensor:
        """Rows of the store, (genes,) int32 to (genes, D) float16, where the store lies."""
        rows = torch.from_numpy(representative).to(self.store.embeddings.device)
        return self.store.gather(rows)

    @torch.no_grad()
    def read(
        self,
        representative: np.ndarray,
        forward: np.ndarray,
        lengths: np.ndarray,
        return_attention: bool = False,
        gathered: Tensor | None = None,
    ) -> GenomicOutput:
        """Read subcontigs, nothing masked; the result stays on the device.

        representative: (genes,) int32, rows of the store, -1 for a gene without one (it is the
        vector of ones). forward: (genes,) bool. lengths: (subcontigs,) genes of each, in order.
        gathered: what `gather` made of `representative`, if a thread did so ahead.
        """
        features = self.features(representative, forward, gathered)
        with self.autocast():
            return self.model.contextualise(
                features, torch.from_numpy(lengths), return_attention=return_attention
            )

    @torch.no_grad()
    def read_masked(
        self,
        representative: np.ndarray,
        forward: np.ndarray,
        lengths: np.ndarray,
        masked: np.ndarray,
        gathered: Tensor | None = None,
    ) -> GenomicOutput:
        """Read subcontigs of which some genes are masked, and give those only.

        masked: (m,) int64 into the genes; the rest is as in `read`. Returns their last hidden
        layer, (m, hidden size), which knows of their context alone, predictions and likelihoods.
        """
        hide = np.zeros(len(representative), bool)
        hide[masked] = True
        features = self.features(representative, forward, gathered, hide)
        layout = Layout.of(torch.from_numpy(lengths), self.device)
        with self.autocast():
            hidden, _ = self.model.encode(
                features, layout, torch.from_numpy(masked).to(self.device), False
            )
            predictions = self.model.predict(hidden)
            return GenomicOutput(
                hidden=hidden,
                predictions=predictions.unflatten(1, (-1, self.model.config.label_size)),
                likelihoods=self.model.weigh(hidden),
            )

    def features(
        self,
        representative: np.ndarray,
        forward: np.ndarray,
        gathered: Tensor | None = None,
        masked: np.ndarray | None = None,
    ) -> Tensor:
        """The model's input, (genes, D + 1) float32 on its device; masked: (genes,) bool."""
        device = self.device
        embeddings = self.gather(representative) if gathered is None else gathered
        return self.builder.features(
            embeddings.to(device, non_blocking=True),
            torch.from_numpy(representative >= 0).to(device),
            torch.from_numpy(forward).to(device),
            None if masked is None else torch.from_numpy(masked).to(device),
        )

    @property
    def remedy(self) -> str:
        """What to do where the model gives numbers that are not finite."""
        if self.precision == "fp16":
            return "set contextualisation.precision to bf16 or fp32"
        return "the gLM, the standardisation or the embedding store holds such numbers"

    def autocast(self) -> torch.autocast:
        """The precision of the model's arithmetic."""
        half = HALF.get(self.precision)
        return torch.autocast(self.device.type, dtype=half, enabled=half is not None)

    def embed(
        self,
        representative: np.ndarray,
        forward: np.ndarray,
        lengths: np.ndarray,
        gathered: Tensor | None = None,
    ) -> np.ndarray:
        """Contextualised embeddings: the last hidden layer, (genes, hidden size) float32.

        The arguments are those of `read`; the batch must fit into memory (Methods,
        "Contextualized embedding calculation and visualization").
        """
        hidden = self.read(representative, forward, lengths, gathered=gathered).hidden
        assert hidden is not None  # nothing was masked
        return hidden.float().cpu().numpy()


def check_finite(
    embeddings: np.ndarray, lengths: np.ndarray, subcontigs: np.ndarray, remedy: str
) -> None:
    """Raise `GlmError` naming the first subcontig of which a gene has a number that is not finite.

    embeddings: (genes, hidden size), subcontig by subcontig. lengths, subcontigs: (m,), their genes
    and their names. remedy: what to do, or what may be wrong.
    """
    finite = np.isfinite(embeddings).all(1)
    if not finite.all():
        index = np.searchsorted(lengths.cumsum(), int(np.argmin(finite)), "right")
        raise GlmError(
            f"the embedding of a gene of subcontig {subcontigs[index]} is not finite: {remedy}"
        )


def load_reader(
    model: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    device: torch.device | str = "cpu",
    precision: Precision = "fp32",
    variant: Variant = "trained",
    seed: int = 1,
) -> GeneReader:
    """A reader from the files of a run.

    model: folder of the gLM. variant: "untrained" replaces its weights by random ones, drawn with
    `seed`; the other variants differ in what they read, not in the model.
    """
    made = load_trained(model)
    if variant == "untrained":
        made = untrained(made, seed)
    builder = read_feature_builder(standardisation, label_components)
    return GeneReader(made.to(device), builder.to(device), EmbeddingStore(store, device), precision)


def untrained(model: GenomicLanguageModel, seed: int) -> GenomicLanguageModel:
    """A model of the same configuration with random weights, where the other one lies."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: nn.Module = GenomicLanguageModel(cast(GenomicLanguageModelConfig, model.config))
    return cast(GenomicLanguageModel, made.to(model.device).eval())
