from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.unit.model import reference
from torch import Tensor

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig, Layout
from glm.model.base import current_name
from glm.model.genomic import skew
from glm.model.loading import load_trained

RAGGED = [[1], [2, 1], [7, 3, 5], [6, 6], [30, 15, 22], [1, 30]]
# one ulp of bfloat16 near 1 is 0.008, of float16 0.001; three layers add theirs up
HALF = [(torch.bfloat16, 0.1), (torch.float16, 0.02)]


def masked_of(lengths: list[int]) -> Tensor:
    """Some genes, the first and the last among them, out of order."""
    genes = sum(lengths)
    return torch.tensor(sorted({0, genes - 1, genes // 2}, reverse=True))


def by_reference(
    model: GenomicLanguageModel, features: Tensor, lengths: list[int]
) -> tuple[Tensor, Tensor, Tensor, list[Tensor], dict[str, Tensor]]:
    state = {
        name: value.detach().double().requires_grad_() for name, value in model.named_parameters()
    }
    config = model.config
    found = reference.predict(
        features.double(),
        lengths,
        state,
        config.layers,
        config.heads,
        config.predictions,
        config.layer_norm_eps,
    )
    return *found, state


def gradients(model: GenomicLanguageModel, *outputs: Tensor) -> dict[str, Tensor]:
    """Of a function of the outputs that weighs every element differently."""
    generator = torch.Generator().manual_seed(3)
    total = torch.zeros(())
    for output in outputs:
        weights = torch.randn(output.shape, generator=generator)
        total = total + (output.float() * weights).mean()
    model.zero_grad()
    total.backward()
    return {name: value.grad.clone() for name, value in model.named_parameters()}


@pytest.mark.parametrize("lengths", RAGGED, ids=str)
def test_both_paths_and_their_gradients_are_those_of_the_plain_reference(
    model: GenomicLanguageModel, lengths: list[int]
) -> None:
    features, masked = torch.randn(sum(lengths), 13), masked_of(lengths)
    hidden, predictions, likelihoods, attention, state = by_reference(model, features, lengths)
    generator = torch.Generator().manual_seed(3)
    total = sum(
        (output * torch.randn(output.shape, generator=generator)).mean()
        for output in (predictions[masked], likelihoods[masked])
    )
    total.backward()

    fast = model(features, torch.tensor(lengths), masked)
    torch.testing.assert_close(fast.hidden, hidden[masked].float(), atol=1e-5, rtol=1e-5)
    of_fast = gradients(model, fast.predictions, fast.likelihoods)
    whole = model(features, torch.tensor(lengths), None, True)
    of_whole = gradients(model, whole.predictions[masked], whole.likelihoods[masked])

    close = {"atol": 1e-5, "rtol": 1e-5}
    torch.testing.assert_close(whole.hidden, hidden.float(), **close)
    for output, genes in ((fast, masked), (whole, slice(None))):
        torch.testing.assert_close(output.predictions, predictions[genes].float(), **close)
        torch.testing.assert_close(output.likelihoods, likelihoods[genes].float(), **close)
    for name, value in state.items():
        torch.testing.assert_close(of_fast[name], value.grad.float(), **close)
        torch.testing.assert_close(of_whole[name], value.grad.float(), **close)
    for subcontig, expected in enumerate(attention):
        length = expected.shape[-1]
        got = whole.attention[:, subcontig]
        torch.testing.assert_close(got[..., :length, :length], expected.float(), **close)
        assert got.sum().item() == pytest.approx(expected.sum().item(), rel=1e-5)  # zero at padding


def test_without_masked_every_gene_is_predicted(model: GenomicLanguageModel) -> None:
    lengths, features = torch.tensor([4, 2]), torch.randn(6, 13)
    every, some = model(features, lengths), model(features, lengths, torch.tensor([5, 1]))
    assert every.predictions.shape == (6, 4, 6)
    assert every.likelihoods.shape == (6, 4)
    torch.testing.assert_close(every.predictions[[5, 1]], some.predictions)


def test_contextualising_computes_the_same_hidden_states_and_no_heads(
    model: GenomicLanguageModel,
) -> None:
    lengths, features = torch.tensor([4, 2]), torch.randn(6, 13)
    found = model.contextualise(features, lengths, return_attention=True)
    assert found.predictions is None
    assert torch.equal(found.hidden, model(features, lengths).hidden)
    assert found.attention.shape == (3, 2, 4, 4, 4)


@pytest.mark.parametrize(("dtype", "tolerance"), HALF, ids=["bf16", "fp16"])
@pytest.mark.parametrize("lengths", [[7, 3, 5], [6, 6]], ids=str)
def test_half_precision_stays_near_float32_on_both_paths(
    model: GenomicLanguageModel, dtype: torch.dtype, tolerance: float, lengths: list[int]
) -> None:
    features, masked, counts = (
        torch.randn(sum(lengths), 13),
        masked_of(lengths),
        torch.tensor(lengths),
    )
    exact = model(features, counts, masked)
    of_exact = gradients(model, exact.predictions, exact.likelihoods)
    for whole in (False, True):
        with torch.autocast("cpu", dtype):
            found = model(features, counts, masked, whole)
        difference = (found.predictions.float() - exact.predictions).abs().max()
        assert 0 < difference < tolerance
        for name, value in gradients(model, found.predictions, found.likelihoods).items():
            torch.testing.assert_close(value, of_exact[name], atol=tolerance, rtol=tolerance)


def test_the_published_size_is_counted_without_memory() -> None:
    with torch.device("meta"):
        model = GenomicLanguageModel(GenomicLanguageModelConfig())
    counts = {name: value.numel() for name, value in model.named_parameters()}

    def of(*prefixes: str) -> int:
        return sum(count for name, count in counts.items() if name.startswith(prefixes))

    assert of("input_projection.") == 1_640_960
    assert of("token_type.", "norm.") == 3_840
    assert of("layers.0.") == 14_563_456
    assert of("layers.") == 19 * 14_563_456 == 276_705_664
    assert of("prediction_head.", "likelihood_head.") == 517_524
    active = sum(counts.values())
    assert active == 278_867_988
    reachable = 2 * 30 - 1
    assert active - 19 * (1023 - reachable) * 128 == 276_523_540


def test_the_papers_count_is_three_nested_encoders_of_which_one_is_used() -> None:
    hidden, vocabulary, positions = 1280, 30_522, 512
    dead = {
        "two more encoders": 2 * 276_705_664,
        "three tables of words that are never read": 3 * vocabulary * hidden,
        "three tables of absolute positions": 3 * positions * hidden,
        "two outer token-type rows and LayerNorms": 2 * 3 * hidden,
        "two poolers: the innermost encoder has none": 2 * (hidden * hidden + hidden),
    }
    # the last commit has a contact head of 191 more, 190 heads and a bias, which the paper's lacks
    assert sum(dead.values()) + 191 == 675_869_119
    assert 278_867_988 + sum(dead.values()) == 954_736_916


def test_skew_moves_products_with_distances_to_their_pairs() -> None:
    length = 4
    products = torch.arange(length * (2 * length - 1)).view(length, -1)
    for row in range(length):
        for column in range(length):
            expected = products[row, column - row + length - 1]
            assert skew(products)[row, column] == expected
    assert skew(products).data_ptr() == products[0, length - 1 :].data_ptr()


def test_a_subcontig_longer_than_the_distance_table_is_refused(
    model: GenomicLanguageModel,
) -> None:
    model(torch.randn(40, 13), torch.tensor([40]))
    with pytest.raises(ValueError, match="41 genes is longer than the 40"):
        model(torch.randn(41, 13), torch.tensor([41]))


def test_a_layout_made_beforehand_is_used_as_it_is(model: GenomicLanguageModel) -> None:
    lengths, features = torch.tensor([4, 2]), torch.randn(6, 13)
    made = Layout.of(lengths)
    assert torch.equal(model(features, made).predictions, model(features, lengths).predictions)


def test_dropout_acts_in_training_only_and_follows_the_seed() -> None:
    config = GenomicLanguageModelConfig(
        embedding_size=12, hidden_size=32, layers=1, heads=4, feed_forward_size=24
    )
    model, lengths, features = (
        GenomicLanguageModel(config),
        torch.tensor([4, 2]),
        torch.randn(6, 13),
    )

    def hidden(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return model.contextualise(features, lengths).hidden

    model.train()
    assert torch.equal(hidden(1), hidden(1))
    assert not torch.equal(hidden(1), hidden(2))
    model.eval()
    assert torch.equal(hidden(1), hidden(2))


@pytest.mark.parametrize("lengths", [[7, 3, 5], [6, 6]], ids=str)
def test_compiled_layers_compute_the_same(model: GenomicLanguageModel, lengths: list[int]) -> None:
    features, masked = torch.randn(sum(lengths), 13), masked_of(lengths)
    expected = model(features, torch.tensor(lengths), masked)
    of_expected = gradients(model, expected.predictions, expected.likelihoods)
    names = set(model.state_dict())
    model.compile_layers(backend="aot_eager")
    assert set(model.state_dict()) == names
    found = model(features, torch.tensor(lengths), masked)
    torch.testing.assert_close(found.predictions, expected.predictions, atol=1e-5, rtol=1e-5)
    for name, value in gradients(model, found.predictions, found.likelihoods).items():
        torch.testing.assert_close(value, of_expected[name], atol=1e-5, rtol=1e-5)


def test_a_directory_with_former_names_of_weights_is_read(
    model: GenomicLanguageModel, tmp_path: Path
) -> None:
    former = {
        "input_projection": "project",
        "prediction_head": "predict",
        "likelihood_head": "weigh",
        "up_projection": "widen",
        "down_projection": "narrow",
    }
    model.save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    old = {
        ".".join(former.get(part, part) for part in name.split(".")): value
        for name, value in weights.items()
    }
    assert {current_name(name) for name in old} == weights.keys() != old.keys()
    save_file(old, tmp_path / "model.safetensors", {"format": "pt"})
    for made in (GenomicLanguageModel.from_pretrained(tmp_path), load_trained(tmp_path)):
        for name, value in model.state_dict().items():
            assert torch.equal(made.state_dict()[name], value)
