from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from glm.training.interruption import SIGNALS, Interruption


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_noticed(number: signal.Signals) -> None:
    interruption = Interruption()
    assert not interruption.requested()
    os.kill(os.getpid(), number)
    assert interruption.requested()
    assert interruption.reason == number.name
    assert interruption.cancelled == (number != signal.SIGUSR1)


def test_the_second_interrupt_ends_at_once() -> None:
    Interruption()
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_the_wall_time_keeps_a_margin_for_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for seconds, margin in ((100, 10), (24 * 3600, 300)):
        interruption = Interruption(seconds)
        monkeypatch.setattr(time, "monotonic", lambda s=seconds, m=margin: now + s - m - 1)
        assert not interruption.requested()
        monkeypatch.setattr(time, "monotonic", lambda s=seconds, m=margin: now + s - m + 1)
        assert interruption.requested()
        assert not interruption.cancelled
        monkeypatch.setattr(time, "monotonic", lambda: now)
