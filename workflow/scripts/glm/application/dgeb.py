"""An adapter by which DGEB's tasks can judge a gLM with its context.

DGEB gives a model sequences without saying where they lie, so a model of contexts would see none.
Here they are looked up in genomes, or, for tasks whose sequences are in the order of a genome (the
operonic pairs), read as one contig. The adapter has the interface of DGEB's models (`encode`,
`layers`, `metadata` …) and needs nothing of DGEB.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from glm.application.embedding import EmbeddedGenome, embed_genome
from glm.application.loading import TrainedModel
from glm.application.windows import cut
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.model.card import parameter_count

Representation = Literal["contextual", "context_only", "protein", "neighbours"]

logger = logging.getLogger("glm")


def neighbour_means(embedded: EmbeddedGenome, window: int) -> np.ndarray:
    """Mean protein embedding of the other genes of each gene's window, (genes, D) float32.

    window: genes of one; windows do not overlap. Zeros for a gene that is alone in its own.
    """
    values = embedded.protein_embeddings.astype(np.float32)
    found = np.zeros_like(values)
    contig = embedded.genes["contig"].to_numpy(str)
    ends = [*(np.flatnonzero(contig[1:] != contig[:-1]) + 1), len(contig)]
    for begin, end in zip([0, *ends], ends, strict=False):
        for part in cut(begin, end, window, window):
            inside = values[part.begin : part.end]
            if part.genes > 1:
                others = (inside.sum(0) - inside) / (part.genes - 1)
                found[part.begin : part.end] = others
    return found


class ProteinsInContext:
    """Proteins as a gLM and its baselines represent them, where they lie.

    genomes: where the sequences lie; a protein that occurs several times gets the mean of its
    embeddings. representations: contextual, the same with the gene masked, the protein model's, or
    the mean of the protein model's of the other genes.
    """

    def __init__(
        self,
        model: TrainedModel,
        genomes: Iterable[Genome],
        representations: Sequence[Representation],
        stride: int | None = None,
    ) -> None:
        """Embed the genomes."""
        self.model, self.stride = model, stride
        self.representations = tuple(representations)
        self.known: dict[str, list[np.ndarray]] = {}
        counts: dict[str, int] = {}
        for genome in genomes:
            values = self.embed(genome)
            genes = [gene for contig in genome.contigs().values() for gene in contig]
            for place, gene in enumerate(genes):
                sequence = genome.proteins[gene.protein].sequence
                counts[sequence] = counts.get(sequence, 0) + 1
                of_gene = [each[place] for each in values]
                before = self.known.setdefault(sequence, of_gene)
                share = 1 / counts[sequence]
                self.known[sequence] = [
                    old + (new - old) * share for old, new in zip(before, of_gene, strict=True)
                ]

    def embed(self, genome: Genome) -> list[np.ndarray]:
        """Each representation of each gene, (genes, features) float32."""
        masked = "context_only" in self.representations
        embedded = embed_genome(self.model, genome, self.stride, context_only=masked)
        made: dict[Representation, Callable[[], Any]] = {
            "contextual": lambda: embedded.contextual_embeddings,
            "context_only": lambda: embedded.context_only_embeddings,
            "protein": lambda: embedded.protein_embeddings,
            "neighbours": lambda: neighbour_means(embedded, self.model.window),
        }
        return [made[name]().astype(np.float32) for name in self.representations]

    def lie_in_genomes(self, sequences: Iterable[str]) -> int:
        """How many of some proteins lie in the genomes."""
        return sum(clean(sequence) in self.known for sequence in sequences)

    def encode(
        self, sequences: Sequence[str], in_order: bool = False
    ) -> dict[Representation, np.ndarray]:
        """Each representation of some proteins, (sequences, features) float32.

        in_order: those that are in no genome are one contig, in their order and on one strand; else
        each is read alone.
        """
        cleaned = [clean(sequence) for sequence in sequences]
        unknown = [number for number, s in enumerate(cleaned) if s not in self.known]
        read: dict[int, list[np.ndarray]] = {}
        if unknown:
            contigs = ["0"] * len(unknown) if in_order else list(map(str, unknown))
            logger.warning(
                "%d of %d sequences are in no genome: %s",
                *(len(unknown), len(cleaned)),
                "read as one contig, in this order" if in_order else "read without context",
            )
            values = self.embed(as_genome(cleaned, unknown, contigs))
            read = {number: [each[row] for each in values] for row, number in enumerate(unknown)}
        rows = [read[n] if n in read else self.known[s] for n, s in enumerate(cleaned)]
        columns = zip(*rows, strict=True)
        return {
            name: np.stack(column)
            for name, column in zip(self.representations, columns, strict=True)
        }


class ContextEncoder:
    """A gLM as a model of DGEB's, by one representation of `ProteinsInContext`.

    in_order: as its `encode` takes it; for tasks whose sequences are in the order of a genome.
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
        self.representation, self.in_order = representation, in_order
        self.proteins = ProteinsInContext(model, genomes, [representation], stride)
        config = model.directory.config
        of_proteins = representation in ("protein", "neighbours")
        self.num_layers = config.layers
        self.embed_dim = config.embedding_size if of_proteins else config.hidden_size
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

    def encode(self, sequences: Sequence[str], **kwargs: Any) -> np.ndarray:
        """Embeddings of proteins, (sequences, 1, features) float32: one layer, the last."""
        return self.proteins.encode(sequences, self.in_order)[self.representation][:, None]


def clean(sequence: str) -> str:
    """A protein as genomes have it: in capitals, without a stop at the end."""
    return sequence.upper().removesuffix("*")


def as_genome(sequences: Sequence[str], chosen: Sequence[int], contigs: Sequence[str]) -> Genome:
    """Sequences as genes on the forward strand of some contigs, in their order."""
    proteins = [Protein(str(number), sequences[number]) for number in chosen]
    genes = [
        Gene(contig, place, place + 1, place + 1, True, None)
        for place, contig in enumerate(contigs)
    ]
    return dataclasses.replace(Genome("sequences", genes, proteins), has_coordinates=False)
