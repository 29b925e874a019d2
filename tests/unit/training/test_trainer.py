from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest
import torch
from tests.plant import STAMP
from tests.unit.training.conftest import COMPONENTS, SIZE, settings_text

from glm.model import (
    BidirectionalLSTM,
    BidirectionalLSTMConfig,
    GenomicLanguageModel,
    GenomicLanguageModelConfig,
)
from glm.training.checkpoint import Checkpoints
from glm.training.distributed import Processes
from glm.training.interruption import Interruption
from glm.training.launch import read_sources
from glm.training.settings import read_settings
from glm.training.trainer import Run, Trainer, learning_rate

ALONE = Processes(0, 1, torch.device("cpu"))


class Undisturbed(Interruption):
    """One that listens to nothing, so that the tests' own handlers stay."""

    def __init__(self) -> None:
        self.reason = self.deadline = None


def trainer(inputs: dict[str, str], folder: Path, kind: str = "glm", **training) -> Trainer:
    """A trainer in this process, with the model of the tests' settings."""
    settings, keys = read_settings(settings_text(dropout=0.0, **training))
    names = {name.replace("-", "_"): Path(path) for name, path in inputs.items()}
    train, held_out = read_sources(Namespace(**names), settings, keys, 1, ALONE)
    torch.manual_seed(3)
    sizes = {"embedding_size": SIZE, "label_components": COMPONENTS}
    model: torch.nn.Module
    if kind == "glm":
        model = GenomicLanguageModel(GenomicLanguageModelConfig(**sizes, **keys))
    else:
        model = BidirectionalLSTM(BidirectionalLSTMConfig(**sizes, layers=1, hidden_size=8))
    checkpoints = Checkpoints(folder, "c" * 64, 2)
    checkpoints.prepare({})
    run = Run(settings, model, train, held_out, ALONE, checkpoints, Undisturbed(), STAMP)
    return Trainer(run)


def gradients(made: Trainer, number: int) -> dict[str, torch.Tensor]:
    """Gradients of one batch, summed over its micro-batches."""
    share = made.run.train.share(made.run.train.sampler.batch(number))
    made.model.train()
    for micro in share.micro_batches:
        inputs = made.run.train.inputs(micro, all_labels=False)
        output = made.forward(made.model, inputs)
        made.loss(output, inputs, share, made.settings.loss_reduction).loss.backward()
    return {name: value.grad.clone() for name, value in made.model.named_parameters()}


def test_published_gradients_are_the_masked_ones_times_the_masked_share(
    inputs: dict[str, str], tmp_path: Path
) -> None:
    masked = trainer(inputs, tmp_path / "masked")
    published = trainer(inputs, tmp_path / "published", loss_reduction="published")
    share = masked.run.train.share(masked.run.train.sampler.batch(0))
    masked_share = share.masked_genes / share.positions
    assert 0.05 < masked_share < 0.4
    expected, found = gradients(masked, 0), gradients(published, 0)
    for name in expected:
        torch.testing.assert_close(found[name], masked_share * expected[name], rtol=1e-4, atol=1e-7)


def test_gradients_do_not_depend_on_the_micro_batch(inputs: dict[str, str], tmp_path: Path) -> None:
    whole = gradients(trainer(inputs, tmp_path / "8", subcontigs_per_device=8), 1)
    parts = gradients(trainer(inputs, tmp_path / "3", subcontigs_per_device=3), 1)
    assert max(value.abs().max() for value in whole.values()) > 1e-3
    for name in whole:
        torch.testing.assert_close(parts[name], whole[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["glm", "bilstm"])
@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_trains_nearly_as_full_does(
    inputs: dict[str, str], tmp_path: Path, kind: str, precision: str
) -> None:
    def losses(made: Trainer) -> list[float]:
        assert made.train() == 0
        assert all(value.dtype == torch.float32 for value in made.model.parameters())
        return [row["loss"] for row in made.metrics.rows if row["split"] == "train"]

    settings = {"gradient_clip": 1.0, "log_every": 1}
    full = losses(trainer(inputs, tmp_path / "full", kind, **settings))
    half = losses(trainer(inputs, tmp_path / "half", kind, precision=precision, **settings))
    assert (half == full) == (kind == "bilstm")  # it computes in fp32 whatever is asked for
    assert half == pytest.approx(full, rel=0.02)


def test_validation_looks_at_all_held_out_subcontigs_without_dropout(
    inputs: dict[str, str], tmp_path: Path
) -> None:
    made = trainer(inputs, tmp_path, subcontigs_per_device=2)
    for _ in range(2):
        made.started = made.row_started = made.file_written = 0.0
        made.validate()
    first, second = made.metrics.rows[:2], made.metrics.rows[2:]
    assert [row["split"] for row in first] == ["validation", "reference"]
    assert [row["loss"] for row in first] == [row["loss"] for row in second]
    assert made.model.training
    assert made.validation["validation"].masked_genes >= 5


def test_the_rate_warms_up_then_follows_the_schedule() -> None:
    settings, _ = read_settings(settings_text(steps=100, warmup_steps=10, learning_rate=2.0))
    rates = [learning_rate(step, settings) for step in range(100)]
    assert rates[:10] == pytest.approx([0.2 * step for step in range(1, 11)])
    assert set(rates[10:]) == {2.0}
    for schedule, middle in (("linear", 1.0), ("cosine", 1.0)):
        changed = settings.model_copy(update={"schedule": schedule})
        assert learning_rate(9, changed) == learning_rate(10, changed) == 2.0
        assert learning_rate(55, changed) == pytest.approx(middle)
        assert 0 < learning_rate(99, changed) < 0.03
    assert learning_rate(0, settings.model_copy(update={"warmup_steps": 0})) == 2.0


def test_a_finished_run_has_nothing_more_to_do(inputs: dict[str, str], tmp_path: Path) -> None:
    first = trainer(inputs, tmp_path)
    assert first.train() == 0
    again = trainer(inputs, tmp_path)
    assert again.done == 20
    assert again.train() == 0
    assert again.metrics.rows == first.metrics.rows
    for one, other in zip(again.model.parameters(), first.model.parameters(), strict=True):
        assert torch.equal(one, other)
