from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from glm import embed_genome
from glm.application.dgeb import ContextEncoder
from glm.application.loading import TrainedModel
from glm.corpus.genome_tables import Genome


def ordered(genome: Genome) -> list[str]:
    return [
        genome.proteins[g.protein].sequence for genes in genome.contigs().values() for g in genes
    ]


def test_sequences_are_embedded_where_they_lie(model: TrainedModel, genome: Genome) -> None:
    encoder = ContextEncoder(model, [genome])
    chosen = [41, 3, 3]
    found = encoder.encode([ordered(genome)[i] for i in chosen])
    assert found.shape == (3, len(encoder.layers), encoder.embed_dim)
    expected = embed_genome(model, genome).contextual_embeddings
    assert found[:, 0] == pytest.approx(expected[chosen], abs=1e-5)


def test_a_tasks_sequences_in_order_are_one_contig(model: TrainedModel, genome: Genome) -> None:
    sequences = ordered(genome)[:40]
    forward = [dataclasses.replace(gene, forward=True) for gene in genome.genes[:40]]
    expected = embed_genome(model, dataclasses.replace(genome, genes=forward))
    together = ContextEncoder(model, in_order=True).encode(sequences)[:, 0]
    assert together == pytest.approx(expected.contextual_embeddings, abs=1e-5)
    alone = ContextEncoder(model).encode(sequences)[:, 0]
    assert np.abs(together - alone).max() > 0.1
    assert alone[:1] == pytest.approx(ContextEncoder(model).encode(sequences[:1])[:, 0], abs=1e-5)


def test_the_protein_models_own_embedding_for_comparison(
    model: TrainedModel, genome: Genome
) -> None:
    encoder = ContextEncoder(model, [genome], representation="protein")
    expected = embed_genome(model, genome).protein_embeddings
    assert encoder.encode(ordered(genome))[:, 0] == pytest.approx(expected, abs=1e-3)
    assert encoder.embed_dim == 192


def test_it_says_what_dgeb_asks_of_a_model(model: TrainedModel) -> None:
    encoder = ContextEncoder(model)
    assert encoder.layers == [1]
    assert encoder.layer_labels == ["last (1)"]
    assert encoder.metadata == {
        "hf_name": "glm (contextual)", "num_layers": 2, "embed_dim": 32,
        "num_params": sum(p.numel() for p in model.glm.parameters()),
    }  # fmt: skip
