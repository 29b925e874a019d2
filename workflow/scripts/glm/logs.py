"""Logging and progress: the same lines on the screen and in the rule's log."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from glm.errors import GlmError

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = 10.0
logger = logging.getLogger("glm")


def configure(log: Path | None, name: str) -> None:
    """Send the package's log lines to standard error, prefixed by the rule, and to `log`.

    Of several processes that torchrun started, only the first writes the file.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setFormatter(logging.Formatter(f"[{name}] %(message)s"))
    handlers[0].addFilter(lambda record: not getattr(record, "file_only", False))
    if log is not None and os.environ.get("RANK", "0") == "0":
        log.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(logging.FileHandler(log, mode="w"))
        handlers[1].setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for noisy in ("matplotlib", "fontTools", "httpx", "numba"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def reporting(main: Callable[[], int | None], log: Path | None) -> int:
    """Run `main`; its exit status, or 1 for an error.

    A `GlmError` is one line on the screen and a traceback in the log; any other error points to
    the log.
    """
    try:
        return main() or 0
    except Exception as error:
        meant_for_users = isinstance(error, GlmError)
        where = f"; the traceback is in {log}" if log else ""
        logging.error(
            "error: %s", error if meant_for_users else f"{type(error).__name__}: {error}{where}"
        )
        in_log_only = {"file_only": meant_for_users or log is not None}
        logging.error("traceback", exc_info=True, extra=in_log_only)
        return 1


class LoggedProgress(tqdm):
    """A tqdm that writes whole lines to the log instead of redrawing one on a terminal."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Log the current count, rate and time left."""
        if self.n:
            logger.info(msg or str(self))


def progress_bar(total: int | None = None, unit: str = "records", **options: Any) -> LoggedProgress:
    """A progress line every ten seconds, updated by hand: `bar.update(count)`."""
    return LoggedProgress(
        total=total,
        unit=f" {unit}",
        unit_scale=True,
        mininterval=SECONDS_BETWEEN_LINES,
        maxinterval=SECONDS_BETWEEN_LINES,
        miniters=1,
        ncols=100,
        ascii=True,
        file=io.StringIO(),  # for the empty line at its end
        **options,
    )


def progress(
    items: Iterable[Item], total: int | None = None, unit: str = "records"
) -> Iterator[Item]:
    """Iterate over `items`, logging count, rate and time left every ten seconds."""
    with progress_bar(total, unit) as bar:
        for item in items:
            yield item
            bar.update()
