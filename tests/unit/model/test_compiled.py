"""How often torch.compile compiles a layer: counted by a backend that only counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    settings = torch._dynamo.config
    before = settings.recompile_limit, settings.fail_on_recompile_limit_hit
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()
    settings.recompile_limit, settings.fail_on_recompile_limit_hit = before


def model_of(layers: int = 3) -> GenomicLanguageModel:
    torch.manual_seed(0)
    return GenomicLanguageModel(
        GenomicLanguageModelConfig(
            layers=layers, hidden_size=32, heads=2, feed_forward_size=24, embedding_size=6,
            maximum_distance=40, dropout=0.0,
        )
    )  # fmt: skip


def read(model: GenomicLanguageModel, lengths: list[int], some: bool = True) -> torch.Tensor:
    features = torch.randn(
        sum(lengths), model.config.features, generator=torch.Generator().manual_seed(len(lengths))
    )
    masked = torch.arange(1, sum(lengths), 3) if some else None
    return model(features, torch.tensor(lengths), masked=masked).hidden


def test_batches_of_a_training_share_few_graphs() -> None:
    """Micro-batches of other numbers of genes and subcontigs, validation, the reference genome,
    batches of equal lengths: a graph each for what differs in kind, none for what differs in
    number."""
    graphs = []

    def counting(graph: torch.fx.GraphModule, inputs: list[torch.Tensor]) -> torch.nn.Module:
        graphs.append(graph)
        return graph

    plain, model = model_of().train(), model_of().train()
    model.compile_layers(backend=counting)

    def after(*batches: list[int]) -> int:
        for lengths in batches:
            for some in (True, False):
                expected = read(plain, lengths, some)
                torch.testing.assert_close(read(model, lengths, some), expected)
        return len(graphs)

    ragged = after([30, 15, 22, 30], [30, 17, 29, 16, 30])
    assert ragged <= 4
    assert after([30, 20, 19], [18, 30, 30, 21, 15, 16, 17]) == ragged
    assert after([30, 16]) <= ragged + 1
    equal = after([30, 30, 30], [30, 30])
    assert equal <= ragged + 5
    assert after([30] * 4, [30, 15, 22, 28], [30] * 7) == equal
    with torch.no_grad():
        model.eval(), plain.eval()
        evaluated = after([30, 15, 22], [30] * 3)
        assert after([30, 25, 16, 17], [30] * 5) == evaluated
    # a genome's last window is shorter: the longest subcontig is another, but not without end
    shorter = after([20, 17, 9], [26, 11])
    assert after([25, 18, 7, 8], [21, 13]) <= shorter + 2


def test_a_shape_too_many_is_an_error_and_not_a_silent_fallback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glm.model.genomic.RECOMPILE_LIMIT", 1)
    model = model_of().train()
    model.compile_layers(backend="eager")
    read(model, [30, 15, 22], some=False)
    with pytest.raises(Exception, match="recompile_limit"):
        read(model, [30, 30, 30], some=False)
