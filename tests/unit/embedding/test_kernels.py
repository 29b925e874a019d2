"""The kernels against torch's operations, in Triton's interpreter."""

from __future__ import annotations

import pytest
import torch

pytest.importorskip("triton")
if torch.cuda.is_available():
    pytest.skip("there is a GPU: tests/gpu runs the kernels themselves", allow_module_level=True)
from transformers import EsmConfig, EsmModel

from glm import norm_kernel
from glm.embedding import batching, packed, rotation_kernel


@pytest.mark.parametrize(("heads", "half"), [(4, 8), (3, 10), (1, 1)])
@pytest.mark.parametrize("kind", [torch.float32, torch.float16])
def test_a_rotation_is_a_product_of_complex_numbers(
    heads: int, half: int, kind: torch.dtype
) -> None:
    torch.manual_seed(1)
    product = torch.randn(5, 3 * 2 * heads * half).to(kind)
    angles = torch.polar(torch.ones(5, half), torch.randn(5, half))
    given = product[:, : 2 * heads * half]
    pairs = given.float().unflatten(1, (heads, half, 2))
    expected = torch.view_as_real(torch.view_as_complex(pairs) * angles[:, None]).flatten(1)
    untouched = product[:, 2 * heads * half :].clone()
    rotation_kernel.rotate(given, angles.real.contiguous(), angles.imag.contiguous())
    torch.testing.assert_close(given.float(), expected, atol=2e-3 if kind.itemsize == 2 else 1e-6,
                               rtol=1e-3 if kind.itemsize == 2 else 1e-6)  # fmt: skip
    assert torch.equal(product[:, 2 * heads * half :], untouched)


@pytest.mark.parametrize("layer", [None, 0, 1, 2])
def test_proteins_are_embedded_as_without_them(
    monkeypatch: pytest.MonkeyPatch, layer: int | None
) -> None:
    torch.manual_seed(3)
    config = EsmConfig(
        vocab_size=33, mask_token_id=32, pad_token_id=1, position_embedding_type="rotary",
        hidden_size=24, num_hidden_layers=3, num_attention_heads=2, intermediate_size=40,
        token_dropout=True, max_position_embeddings=100,
    )  # fmt: skip
    model, proteins = EsmModel(config, add_pooling_layer=False).eval(), ["MKV", "MLLAGW", "MKI"]
    plain = batching.embed_sequences(packed.PackedEncoder(model, layer=layer), proteins)
    encoder = packed.PackedEncoder(model, layer=layer)
    encoder._fused = True
    monkeypatch.setattr(packed, "norm_kernel", norm_kernel, raising=False)
    monkeypatch.setattr(packed, "rotation_kernel", rotation_kernel, raising=False)
    found = batching.embed_sequences(encoder, proteins)
    assert found == pytest.approx(plain, abs=1e-5)
