from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from glm.model import BidirectionalLSTM, BidirectionalLSTMConfig


@pytest.fixture
def model() -> BidirectionalLSTM:
    config = BidirectionalLSTMConfig(
        embedding_size=12, hidden_size=16, layers=2, label_components=5
    )
    return BidirectionalLSTM(config).eval()


def test_the_paper_has_27_811_840_parameters(root: Path) -> None:
    paper = yaml.safe_load((root / "config/config.yaml").read_text())
    sizes = {"embedding_size": 1280, "label_components": paper["labels"]["components"]}
    with torch.device("meta"):
        model = BidirectionalLSTM(BidirectionalLSTMConfig(**sizes, **paper["bilstm"]))
    assert sum(value.numel() for value in model.parameters()) == 27_811_840


def test_each_subcontig_is_read_alone_in_both_directions_and_the_mean_predicted(
    model: BidirectionalLSTM,
) -> None:
    lengths, features = [4, 1, 7], torch.randn(12, 13)
    found = model(features, torch.tensor(lengths))
    expected = []
    for part in features.split(lengths):
        forward, reverse = model.lstm(part[None])[0][0].chunk(2, 1)
        expected.append((forward + reverse) / 2)
    torch.testing.assert_close(found.hidden, torch.cat(expected), atol=1e-6, rtol=1e-5)
    assert torch.equal(found.predictions[:, 0], found.hidden)
    assert found.likelihoods.shape == (12, 1)


def test_masked_genes_only(model: BidirectionalLSTM) -> None:
    lengths, features, masked = torch.tensor([5, 5]), torch.randn(10, 13), torch.tensor([9, 0])
    found, every = model(features, lengths, masked), model(features, lengths)
    assert torch.equal(found.hidden, every.hidden[masked])
    assert found.predictions.shape == (2, 1, 6)
    assert torch.equal(found.predictions, every.predictions[masked])


def test_attention_is_refused(model: BidirectionalLSTM) -> None:
    with pytest.raises(ValueError, match="no attention"):
        model(torch.randn(2, 13), torch.tensor([2]), return_attention=True)


@pytest.mark.parametrize("lengths", [[5, 3, 4], [4, 4]], ids=["ragged", "equal"])
def test_it_computes_in_float32_whatever_is_asked_for(lengths: list[int]) -> None:
    """cuDNN's LSTM would run in fp16 under autocast, unscaled: at the paper's batch, where the
    loss is divided by some 13,500 masked genes, what fp16 cannot hold would be lost."""
    torch.manual_seed(3)
    config = BidirectionalLSTMConfig(
        layers=2, hidden_size=24, embedding_size=16, label_components=8
    )
    model = BidirectionalLSTM(config)
    features = torch.randn(sum(lengths), config.features)

    def gradients(enabled: bool) -> dict[str, torch.Tensor]:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            predictions = model(features, torch.tensor(lengths)).predictions
        assert predictions is not None
        assert predictions.dtype == torch.float32
        (predictions.square().sum() / 13_500 / 4_000).backward()
        return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}

    exact, found = gradients(enabled=False), gradients(enabled=True)
    assert all(torch.equal(found[name], exact[name]) for name in exact)
    flat = torch.cat([value.flatten() for value in found.values()])
    lost = (flat.half() == 0) & (flat != 0)
    assert lost.float().mean() > 0.3  # what is at stake, emulated
