from __future__ import annotations

import esm
import numpy as np
import pytest
import torch
from transformers import EsmModel

from glm.embedding.alphabet import TOKENS, Truncation
from glm.embedding.batching import embed_sequences
from glm.embedding.packed import PackedEncoder
from glm.errors import GlmError

TOLERANCE = 1e-5
# Of a half-precision embedding to the fp32 one; what a trained model gives: docs/performance.md.
SMALLEST_COSINE = {torch.bfloat16: 0.999, torch.float16: 0.99999}


def tokens_of(sequence: str) -> torch.Tensor:
    return torch.tensor([[0, *(TOKENS.index(residue) for residue in sequence), 2]])


def by_fair_esm(model: esm.model.esm2.ESM2, sequence: str, layer: int = 3) -> np.ndarray:
    with torch.inference_mode():
        hidden = model(tokens_of(sequence), repr_layers=[layer])["representations"][layer]
    return hidden[0, 1:-1].mean(0).numpy()


def by_transformers(model: EsmModel, sequence: str) -> np.ndarray:
    tokens = tokens_of(sequence)
    with torch.inference_mode():
        hidden = model(tokens, attention_mask=torch.ones_like(tokens)).last_hidden_state
    return hidden[0, 1:-1].mean(0).numpy()


def test_the_packed_pass_equals_both(
    fair_esm: esm.model.esm2.ESM2, esm_model: EsmModel, sequences: list[str]
) -> None:
    embedded = embed_sequences(PackedEncoder(esm_model), sequences)
    for row, sequence in zip(embedded, sequences, strict=True):
        np.testing.assert_allclose(row, by_transformers(esm_model, sequence), atol=TOLERANCE)
        np.testing.assert_allclose(row, by_fair_esm(fair_esm, sequence), atol=TOLERANCE)


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_any_layer_is_the_one_that_fair_esm_gives(
    fair_esm: esm.model.esm2.ESM2, esm_model: EsmModel, sequences: list[str], layer: int
) -> None:
    embedded = embed_sequences(PackedEncoder(esm_model, layer=layer), sequences[:3])
    for row, sequence in zip(embedded, sequences[:3], strict=True):
        np.testing.assert_allclose(row, by_fair_esm(fair_esm, sequence, layer), atol=TOLERANCE)


def test_a_layer_that_is_not_there_is_refused(esm_model: EsmModel) -> None:
    with pytest.raises(GlmError, match=r"embedding\.layer is 4, but the model has 3"):
        PackedEncoder(esm_model, layer=4)


def test_the_token_dropout_scaling_is_kept(esm_model: EsmModel, sequences: list[str]) -> None:
    encoder = PackedEncoder(esm_model)
    scaled = embed_sequences(encoder, sequences)
    encoder.words = encoder.words / 0.88
    unscaled = embed_sequences(encoder, sequences)
    assert np.abs(scaled - unscaled).max() > 1e-3, "the scaling must matter for this to be a test"
    np.testing.assert_allclose(scaled[0], by_transformers(esm_model, sequences[0]), atol=TOLERANCE)


@pytest.mark.parametrize("precision", SMALLEST_COSINE)
def test_half_precision_stays_near_full(
    esm_model: EsmModel, sequences: list[str], precision: torch.dtype
) -> None:
    full = embed_sequences(PackedEncoder(esm_model), sequences)
    half = embed_sequences(PackedEncoder(esm_model, precision), sequences)
    norms = np.linalg.norm(full, axis=1) * np.linalg.norm(half, axis=1)
    cosine = (full * half).sum(1) / norms
    assert cosine.min() > SMALLEST_COSINE[precision]


def test_truncation_embeds_the_first_residues(
    fair_esm: esm.model.esm2.ESM2, esm_model: EsmModel, sequences: list[str]
) -> None:
    longest = max(sequences, key=len)
    encoder = PackedEncoder(esm_model)
    cut = embed_sequences(encoder, [longest], Truncation(residues=50))[0]
    np.testing.assert_allclose(cut, by_fair_esm(fair_esm, longest[:50]), atol=TOLERANCE)
    # By tokens, as the published code: the end token goes with the residues.
    cut = embed_sequences(encoder, [longest], Truncation(tokens=51))[0]
    with torch.inference_mode():
        hidden = fair_esm(tokens_of(longest)[:, :51], repr_layers=[3])["representations"][3]
    np.testing.assert_allclose(cut, hidden[0, 1:].mean(0).numpy(), atol=TOLERANCE)


def test_another_architecture_is_refused(esm_model: EsmModel) -> None:
    config = esm_model.config.__class__(**{**esm_model.config.to_dict(), "num_hidden_layers": 1})
    config.position_embedding_type = "absolute"
    with pytest.raises(GlmError, match="not of the ESM-2 architecture"):
        PackedEncoder(EsmModel(config, add_pooling_layer=False))
