"""Ending well before the scheduler ends the run."""

from __future__ import annotations

import signal
import time
from types import FrameType

RESUBMIT = 85  # exit status: saved, not finished, start me again (ERESTART)
LARGEST_MARGIN = 300.0  # seconds kept for saving
MARGIN_SHARE = 0.1  # of the wall time, where that is less
SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)


class Interruption:
    """Notices SIGTERM, SIGUSR1, Ctrl-C, and the wall time drawing near.

    The second Ctrl-C ends the process at once.
    """

    def __init__(self, seconds: float | None = None) -> None:
        """Start listening. seconds: from now, after which the process is killed."""
        self.reason: str | None = None
        self.deadline: float | None = None
        if seconds is not None:
            margin = min(LARGEST_MARGIN, MARGIN_SHARE * seconds)
            self.deadline = time.monotonic() + seconds - margin
        for number in SIGNALS:
            signal.signal(number, self._notice)

    def _notice(self, number: int, frame: FrameType | None) -> None:
        self.reason = signal.Signals(number).name
        if number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)

    @property
    def cancelled(self) -> bool:
        """Whether somebody wants the run to end; a scheduler that pre-empts restarts it itself."""
        return self.reason in (signal.SIGTERM.name, signal.SIGINT.name)

    def requested(self) -> bool:
        """Whether to save and stop; `reason` then says why."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            self.reason = self.reason or "the wall time is nearly over"
        return self.reason is not None
