from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.random_model import random_reader

from glm.data.corpus import Corpus
from glm.inference.attention import (
    PairAttention,
    pairs,
    symmetrised,
)
from glm.inference.contexts import random_order
from glm.inference.reader import GeneReader, untrained

FEATURES, LAYERS, HEADS = 12, 2, 3


@pytest.fixture(scope="module")
def reader() -> GeneReader:
    """Subcontigs of 5, 3 and 4 genes, one gene without representative."""
    corpus = Corpus(
        subcontig=np.array([70, 80, 90]),
        offsets=np.array([0, 5, 8, 12]),
        representative=np.array([0, 1, 2, -1, 4, 5, 6, 7, 8, 9, 10, 11], np.int32),
        forward=np.arange(12) % 3 > 0,
    )
    return random_reader(corpus, FEATURES)


def all_pairs(reader: GeneReader, variant: str, batch: int = 2) -> PairAttention:
    parts = list(pairs(reader, np.arange(3), variant, seed=5, per_batch=batch))  # type: ignore[arg-type]
    return PairAttention(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def test_attention_is_symmetrised_layer_by_layer_and_head_by_head(reader: GeneReader) -> None:
    found = all_pairs(reader, "trained")
    assert found.attention.shape == (10 + 3 + 6, LAYERS * HEADS)
    genes = np.arange(5)
    raw = reader.attention(genes, np.array([5]))  # one subcontig alone, no padding
    of_first = found.attention[found.subcontig == 70]
    for row, first, second in zip(of_first, *np.triu_indices(5, 1), strict=True):
        expected = raw[:, 0, :, first, second] + raw[:, 0, :, second, first]
        assert row == pytest.approx(expected.flatten().numpy(), abs=1e-6)


def test_the_size_of_a_batch_does_not_matter(reader: GeneReader) -> None:
    one, three = (all_pairs(reader, "trained", batch).attention for batch in (1, 3))
    assert one == pytest.approx(three, abs=1e-6)


def test_both_kinds_of_reordering_read_the_genes_in_another_order(reader: GeneReader) -> None:
    order = random_order(5, 70, 5)
    assert sorted(order) == list(range(5))
    assert list(order) != list(range(5))
    raw = reader.attention(order, np.array([5]))[:, 0]
    by_place = all_pairs(reader, "reordered_by_place")
    by_gene = all_pairs(reader, "reordered_by_gene")
    first, second = np.triu_indices(5, 1)
    # by place: whatever genes stand there now
    assert by_place.attention[:10] == pytest.approx(symmetrised(raw, first, second), abs=1e-6)
    # by gene: the place that each has gone to
    gone_to = {gene: place for place, gene in enumerate(order.tolist())}
    for row, one, other in zip(by_gene.attention[:10], first, second, strict=True):
        places = np.array([gone_to[one]]), np.array([gone_to[other]])
        assert row == pytest.approx(symmetrised(raw, *places)[0], abs=1e-6)
    assert (by_gene.first[:10] == first).all()


def test_an_untrained_model_has_the_same_shape_and_other_weights(reader: GeneReader) -> None:
    one, same, other = (untrained(reader.model, seed) for seed in (1, 1, 2))
    weight = "layers.0.up_projection.weight"
    assert torch.equal(one.state_dict()[weight], same.state_dict()[weight])
    assert not torch.equal(one.state_dict()[weight], other.state_dict()[weight])
    assert not one.training
