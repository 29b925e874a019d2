"""Work done ahead of the one who needs it, by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

AHEAD_PER_WORKER = 2
Item = TypeVar("Item")
Made = TypeVar("Made")


def run_ahead(make: Callable[[Item], Made], items: Iterable[Item], workers: int) -> Iterator[Made]:
    """`map(make, items)` by threads that stay a few items ahead, the order kept.

    Threads are enough: gathering rows, which is nearly all of the work, runs outside Python's
    lock. With no workers it is plain `map`.
    """
    if not workers:
        yield from map(make, items)
        return
    remaining = iter(items)
    pending: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="loading") as pool:
        try:
            for item in islice(remaining, AHEAD_PER_WORKER * workers):
                pending.append(pool.submit(make, item))
            while pending:
                made = pending.popleft().result()
                for item in islice(remaining, 1):
                    pending.append(pool.submit(make, item))
                yield made
        finally:
            pool.shutdown(cancel_futures=True)
