from __future__ import annotations

import math
import random
import sys

import pytest
import torch

from glm import tables
from glm.errors import GlmError
from glm.model.loss import Loss
from glm.training.distributed import Processes
from glm.training.metrics import DivergenceWatch, LossLedger, Metrics

ALONE = Processes(0, 1, torch.device("cpu"))


def noisy(count: int, level: float = 1.0) -> list[float]:
    chance = random.Random(1)
    return [chance.gauss(level, 0.05) for _ in range(count)]


def test_usual_losses_pass_and_are_remembered() -> None:
    watch = DivergenceWatch(8.0, 30, [])
    for loss in noisy(100):
        assert watch.fault(loss) is None
    assert len(watch.recent) == 30


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_stops_at_once(loss: float) -> None:
    assert f"the loss is {loss}" in str(DivergenceWatch(None, 30, []).fault(loss))


def test_a_spike_stops_a_fall_does_not() -> None:
    watch = DivergenceWatch(10.0, 100, noisy(100))
    assert watch.fault(0.1) is None
    assert watch.fault(1.3) is None
    fault = watch.fault(3.0)
    assert fault is not None
    assert "robust standard deviations above the 0.9994" in fault
    assert 3.0 not in watch.recent


def test_a_few_earlier_spikes_do_not_hide_the_next() -> None:
    recent = [*noisy(90), *[50.0] * 10]
    assert DivergenceWatch(10.0, 100, recent).fault(3.0) is not None


def test_nothing_is_a_spike_before_losses_are_known_or_when_switched_off() -> None:
    assert DivergenceWatch(10.0, 100, noisy(19)).fault(1000.0) is None
    assert DivergenceWatch(None, 100, noisy(100)).fault(1000.0) is None


def test_the_ledger_sums_micro_batches_and_keeps_steps_apart() -> None:
    ledger = LossLedger(ALONE)
    assert ledger.collect() == []
    ledger.add([Loss(*torch.tensor([1.0, 2.0, 3.0])), Loss(*torch.tensor([0.5, 0.5, 0.5]))])
    ledger.add([Loss(*torch.tensor([4.0, 4.0, 4.0]))])
    assert ledger.collect() == [[1.5, 2.5, 3.5], [4.0, 4.0, 4.0]]
    assert ledger.collect() == []


def test_rows_have_every_column_and_survive_a_round_trip() -> None:
    metrics = Metrics(None, None)
    metrics.add({"step": 3, "split": "validation", "loss": 0.5})
    table = metrics.table()
    assert table.schema.names == tables.METRICS.names
    again = Metrics(table, None)
    again.add({"step": 4, "split": "train", "loss": 0.25, "subcontigs_per_second": 9.0})
    assert again.table()["step"].to_pylist() == [3, 4]
    assert again.table()["subcontigs_per_second"].to_pylist() == [None, 9.0]


def test_tensorboard_that_is_wanted_and_missing_is_named(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(GlmError, match="pip install tensorboard"):
        Metrics(None, tmp_path)
