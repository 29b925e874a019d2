"""An adapter by which DGEB's tasks can judge a gLM with its context.

DGEB gives a model sequences without saying where they lie, so a model of contexts would see none.
Here they are looked up in genomes, or, for tasks whose sequences are in the order of a genome (the
operonic pairs), read as one contig. The adapter has the interface of DGEB's models (`encode`,
`layers`, `metadata` …) and needs nothing of DGEB.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np

from glm.application.embedding import EmbeddedGenome, embed_genome
from glm.application.loading import TrainedModel
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.model.card import parameter_count

Representation = Literal["contextual", "context_only", "protein"]

logger = logging.getLogger("glm")


class ContextEncoder:
    """A gLM as a model of DGEB's.

    genomes: where the sequences lie; a protein that occurs several times gets the mean of its
    embeddings. in_order: sequences that are in no genome are one contig, in the order in which a
    task gives them and on one strand; else each is read alone. representation: contextual, the
    same with the gene masked, or the protein model's, for comparison.
    """

    def __init__(
        self,
        model: TrainedModel,
        genomes: Iterable[Genome] = (),
        in_order: bool = False,
        representation: Representation = "contextual",
        stride: int | None = None,
    ) -> None:
        """Embed the genomes."""
        self.model, self.in_order = model, in_order
        self.representation, self.stride = representation, stride
        self.known: dict[str, np.ndarray] = {}
        counts: dict[str, int] = {}
        for genome in genomes:
            values = self.values(self.embed(genome))
            genes = [gene for contig in genome.contigs().values() for gene in contig]
            for gene, value in zip(genes, values, strict=True):
                sequence = genome.proteins[gene.protein].sequence
                counts[sequence] = counts.get(sequence, 0) + 1
                before = self.known.get(sequence, 0.0)
                self.known[sequence] = before + (value - before) / counts[sequence]
        config = model.directory.config
        is_protein = representation == "protein"
        self.num_layers = config.layers
        self.embed_dim = config.embedding_size if is_protein else config.hidden_size
        self.layers, self.layer_labels = [config.layers - 1], [f"last ({config.layers - 1})"]
        self.num_param = parameter_count(config)
        self.hf_name = f"{model.directory.path.resolve().name} ({representation})"

    @property
    def modality(self) -> Any:
        """DGEB's name for proteins, where it is installed."""
        try:
            from dgeb.modality import Modality
        except ImportError:
            return "protein"
        return Modality.PROTEIN

    @property
    def metadata(self) -> dict[str, Any]:
        """What DGEB writes beside its results."""
        return {
            "hf_name": self.hf_name,
            "num_layers": self.num_layers,
            "num_params": self.num_param,
            "embed_dim": self.embed_dim,
        }

    def embed(self, genome: Genome) -> EmbeddedGenome:
        """Embed a genome with what the representation needs."""
        masked = self.representation == "context_only"
        return embed_genome(self.model, genome, self.stride, context_only=masked)

    def values(self, embedded: EmbeddedGenome) -> np.ndarray:
        """The representation of each gene, (genes, features) float32."""
        found: np.ndarray = getattr(embedded, f"{self.representation}_embeddings")
        return found.astype(np.float32)

    def encode(self, sequences: Sequence[str], **kwargs: Any) -> np.ndarray:
        """Embeddings of proteins, (sequences, 1, features) float32: one layer, the last."""
        cleaned = [sequence.upper().removesuffix("*") for sequence in sequences]
        unknown = [number for number, s in enumerate(cleaned) if s not in self.known]
        found = np.zeros((len(cleaned), self.embed_dim), np.float32)
        for number, sequence in enumerate(cleaned):
            if sequence in self.known:
                found[number] = self.known[sequence]
        if unknown:
            contigs = ["0"] * len(unknown) if self.in_order else list(map(str, unknown))
            logger.warning(
                "%d of %d sequences are in no genome: %s",
                *(len(unknown), len(cleaned)),
                "read as one contig, in this order" if self.in_order else "read without context",
            )
            found[unknown] = self.values(self.embed(as_genome(cleaned, unknown, contigs)))
        return found[:, None]


def as_genome(sequences: Sequence[str], chosen: Sequence[int], contigs: Sequence[str]) -> Genome:
    """Sequences as genes on the forward strand of some contigs, in their order."""
    proteins = [Protein(str(number), sequences[number]) for number in chosen]
    genes = [
        Gene(contig, place, place + 1, place + 1, True, None)
        for place, contig in enumerate(contigs)
    ]
    return dataclasses.replace(Genome("sequences", genes, proteins), has_coordinates=False)
