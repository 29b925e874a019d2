from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import EsmModel

from glm.embedding import batching
from glm.embedding.alphabet import Truncation, encode
from glm.embedding.batching import Embedder, embed_sequences, plan_batches
from glm.embedding.encoder import Run
from glm.embedding.packed import PackedEncoder
from glm.errors import GlmError


def test_batches_keep_the_order_and_the_budget() -> None:
    tokens = np.array([3, 3, 4, 5, 9, 20, 21])
    batches = plan_batches(tokens, 10)
    assert [i for start, stop in batches for i in range(start, stop)] == list(range(7))
    assert batches == [(0, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert plan_batches(tokens[:0], 10) == []


def test_the_budget_and_the_threads_do_not_change_the_embeddings(
    esm_model: EsmModel, sequences: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = PackedEncoder(esm_model)
    expected = embed_sequences(encoder, sequences)
    monkeypatch.setattr(batching, "PROCESSOR_TOKENS_PER_BATCH", 64)
    found = embed_sequences(encoder, sequences, threads=3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


class Small(PackedEncoder):
    """An encoder on a device that holds few tokens; it counts its failures."""

    room, failures = 130, 0

    def __call__(self, tokens: Tensor, runs: list[Run]) -> Tensor:
        if len(tokens) > self.room:
            self.failures += 1
            raise torch.cuda.OutOfMemoryError("no room")
        return super().__call__(tokens, runs)


def test_out_of_memory_halves_the_budget_and_goes_on(
    esm_model: EsmModel, sequences: list[str]
) -> None:
    short = sorted((s for s in sequences if len(s) < 100), key=len) * 6
    short.sort(key=len)
    proteins = encode(short, str)
    encoder = Small(esm_model)
    embedder = Embedder(encoder, Truncation(), 1000)
    batches = embedder.plan(proteins)
    found = np.concatenate(list(embedder.embed(proteins, batches)))
    np.testing.assert_allclose(found, embed_sequences(PackedEncoder(esm_model), short), atol=1e-5)
    assert embedder.budget <= Small.room
    assert 1 <= encoder.failures <= 4, "the lower budget must be remembered"


def test_a_protein_that_fits_nowhere_is_named(esm_model: EsmModel, sequences: list[str]) -> None:
    with pytest.raises(GlmError, match="300 residues does not fit"):
        embed_sequences(Small(esm_model), sequences)


def test_an_illegal_residue_names_the_sequence_as_given(esm_model: EsmModel) -> None:
    with pytest.raises(GlmError, match="sequence 1 has '\\*' at residue 5"):
        embed_sequences(PackedEncoder(esm_model), ["MKLV*", "M", "ML"])
