"""The one way from genes to what a trained model makes of them in their context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from glm.data.ahead import run_ahead
from glm.data.constants import MASKED
from glm.data.genes import Genes
from glm.inference.contexts import Windows, check_finite
from glm.inference.copied import Copied
from glm.inference.names import AttentionVariant, HiddenLayer, Variant
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.genomic import GenomicLanguageModel

Precision = Literal["fp32", "bf16", "fp16"]
HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Masked(NamedTuple):
    """Of m masked genes, float32, on the processor.

    hidden: (m, hidden size), the last hidden layer. predictions: (m, k, label size). likelihoods:
    (m, k) logits.
    """

    hidden: Tensor
    predictions: Tensor
    likelihoods: Tensor


@dataclass(frozen=True)
class GeneReader:
    """A model in evaluation mode and the genes that it reads, on one device.

    genes, in what follows: (n,) int64 into the corpus, window after window, as they stand in the
    input. lengths: (windows,) int64, genes of each. A batch must fit into memory. layer: of which
    hidden states are taken as a gene's representation.
    """

    model: GenomicLanguageModel
    genes: Genes
    precision: Precision = "fp32"
    layer: HiddenLayer = "last"

    def hidden(
        self, genes: np.ndarray, lengths: np.ndarray, gathered: Tensor | None = None
    ) -> np.ndarray:
        """The representation of each gene in its context, (n, hidden size) float32.

        By default the last hidden layer, nothing masked: the contextualised embedding (Methods,
        "Contextualized embedding calculation and visualization"). gathered: the genes' rows of the
        store, if a thread read them ahead.
        """
        return self.on_device(genes, lengths, gathered).cpu().numpy()

    @torch.no_grad()
    def on_device(
        self, genes: np.ndarray, lengths: np.ndarray, gathered: Tensor | None = None
    ) -> Tensor:
        """The same where the model is, without waiting for it."""
        features = self.genes.features(genes, gathered=gathered)
        if self.layer == "masked":
            return self.hidden_masked(features, lengths)
        before = self.layer == "after_attention"
        with self.autocast():
            found = self.model.contextualise(
                features, torch.from_numpy(lengths), after_attention=before
            )
        assert found.hidden is not None  # nothing was masked
        return found.hidden.float()

    def hidden_masked(self, features: Tensor, lengths: np.ndarray) -> Tensor:
        """The last hidden layer of each gene when it alone is masked, (n, hidden size) float32.

        Reads the windows as often as the longest has genes.
        """
        found = torch.empty(len(features), self.model.config.hidden_size, device=features.device)
        begins = np.cumsum(lengths) - lengths
        for rank in range(lengths.max()):
            masked = (begins + rank)[lengths > rank]
            places = torch.from_numpy(masked).to(features.device)
            hidden = features.index_fill(0, places, MASKED)
            found[places] = self.predict(hidden, lengths, masked).hidden.to(features.device)
        return found

    @torch.no_grad()
    def attention(self, genes: np.ndarray, lengths: np.ndarray) -> Tensor:
        """Attention, nothing masked: (layers, windows, heads, L, L) float32, on the processor."""
        features, counts = self.genes.features(genes), torch.from_numpy(lengths)
        with self.autocast():
            found = self.model.contextualise(features, counts, return_attention=True).attention
        assert found is not None  # it was asked for
        return found.float().cpu()

    @torch.no_grad()
    def masked(self, genes: np.ndarray, lengths: np.ndarray, masked: np.ndarray) -> Masked:
        """What the model makes of masked genes from their context alone.

        masked: (m,) int64 into `genes`.
        """
        return self.predict(self.genes.features(genes, masked), lengths, masked)

    @torch.no_grad()
    def masked_in_turn(self, genes: np.ndarray, masked: np.ndarray) -> Masked:
        """The same of copies of one window, each with other genes masked.

        genes: (n,). masked: (copies, k) int64 into `genes`; a gene may stand twice in a row. The m
        masked genes are copies x k, copy by copy. Features are made once, and not for each copy.
        """
        copies, size = len(masked), len(genes)
        features = self.genes.features(genes).repeat(copies, 1)
        places = (masked + size * np.arange(copies)[:, None]).ravel()
        features[torch.from_numpy(places).to(features.device)] = MASKED
        return self.predict(features, np.full(copies, size), places)

    def predict(self, features: Tensor, lengths: np.ndarray, masked: np.ndarray) -> Masked:
        """What the model makes of masked genes, from features in which they are hidden."""
        places = torch.from_numpy(masked).to(self.genes.device)
        with self.autocast():
            made = self.model(features, torch.from_numpy(lengths), masked=places)
        parts = made.hidden, made.predictions, made.likelihoods
        return Masked(*(each.float().cpu() for each in parts))

    def embed(
        self,
        readings: Iterable[Windows],
        workers: int = 0,
        kind: torch.dtype = torch.float32,
        beyond: str = "",
    ) -> Iterator[tuple[Windows, np.ndarray]]:
        """Each batch of windows with its contextualised embeddings, (genes, hidden size) of `kind`.

        workers: threads that gather rows of the store ahead. Row i is of the gene `genes[i]` of
        the batch, wherever in the input it stood. Raises `GlmError` naming the subcontig if one
        is not finite; beyond: what to do if it is none in `kind`. A GPU reads the next batch while
        this one is copied and used.
        """

        def prepare(windows: Windows) -> tuple[Windows, Tensor]:
            return windows, self.genes.gather(windows.as_read)

        before = None
        for windows, gathered in run_ahead(prepare, readings, workers):
            read = self.on_device(windows.as_read, windows.lengths, gathered)
            begun = Copied.of(windows, read, kind)
            if before is not None:
                yield self.checked(before, beyond)
            before = begun
        if before is not None:
            yield self.checked(before, beyond)

    def checked(self, copied: Copied, beyond: str) -> tuple[Windows, np.ndarray]:
        """A batch of `embed`, when its copy has arrived."""
        windows = copied.windows
        names = self.genes.corpus.subcontig[windows.chosen]
        rows, finite, still_finite = copied.arrays()
        check_finite(finite, windows.lengths, names, self.remedy)
        check_finite(still_finite, windows.lengths, names, beyond)
        return windows, rows

    def embed_some(
        self,
        genes: np.ndarray,
        readings: Iterable[Windows],
        kind: type[np.floating] = np.float32,
    ) -> np.ndarray:
        """Contextualised embeddings of some genes, (n, hidden size), out of what is read.

        genes: (n,) int64 into the corpus, each once. kind: of the numbers that are returned. Raises
        `GlmError` as `embed` does, and where a number is beyond float16.
        """
        row_of = np.full(len(self.genes.present), -1)
        row_of[genes] = np.arange(len(genes))
        found = np.empty((len(genes), self.model.config.hidden_size), kind)
        for windows, embeddings in self.embed(readings):
            rows = row_of[windows.genes]
            found[rows[rows >= 0]] = embeddings[rows >= 0]
        corpus = self.genes.corpus
        names = corpus.subcontig[np.searchsorted(corpus.offsets, genes, "right") - 1]
        beyond = "the gLM's last layer goes beyond float16"
        check_finite(np.asarray(np.isfinite(found).all(1)), np.ones(len(found), int), names, beyond)
        return found

    def variant(self, variant: Variant | AttentionVariant, seed: int) -> GeneReader:
        """What reads for a variant: an untrained one has random weights, drawn with the seed.

        The other variants differ in what they read, not in the model.
        """
        if variant == "untrained":
            return replace(self, model=untrained(self.model, seed))
        return self

    def autocast(self) -> torch.autocast:
        """The precision of the model's arithmetic."""
        half = HALF.get(self.precision)
        return torch.autocast(self.genes.device.type, dtype=half, enabled=half is not None)

    @property
    def remedy(self) -> str:
        """What to do where the model gives numbers that are not finite."""
        if self.precision == "fp16":
            return "set contextualisation.precision to bf16 or fp32"
        return "the gLM, the standardisation or the embedding store holds such numbers"


def untrained(model: GenomicLanguageModel, seed: int) -> GenomicLanguageModel:
    """A model of the same configuration with random weights, where the other one lies."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: nn.Module = GenomicLanguageModel(cast(GenomicLanguageModelConfig, model.config))
    return cast(GenomicLanguageModel, made.to(model.device).eval())
