"""What was made of a release's good shards is kept when another shard is damaged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from glm.errors import GlmError
from glm.files import remove, writing

logger = logging.getLogger("glm")


def of_each_shard(
    shards: Sequence[Path],
    work: Path,
    make: Callable[[Path, Path], None],
    threads: int,
    settings: str = "",
) -> list[Path]:
    """Files that `make(shard, file)` wrote, `threads` shards at a time, in their order.

    They lie in `work`, which the caller removes when all is done. A file that an earlier start
    left there is used again if its shard has not changed since and `settings` (what else the work
    depends on) are the same, and dropped otherwise.
    All shards are tried; then a `GlmError` names the first bad one, and what was kept.
    """
    files = [work / key(shard, settings) for shard in shards]
    names = {file.name for file in files}
    for left in work.iterdir() if work.is_dir() else ():
        if left.name not in names:
            remove(left)

    def fill(shard: Path, file: Path) -> GlmError | None:
        if file.is_file():
            logger.info("%s: done by an earlier start", shard)
            return None
        try:
            with writing(file) as beside:
                make(shard, beside)
        except GlmError as error:
            return error
        return None

    with ThreadPoolExecutor(threads) as pool:
        faults = [fault for fault in pool.map(fill, shards, files) if fault]
    if faults:
        good = len(shards) - len(faults)
        kept = f". Shards done and kept for the next start: {good}" if good else ""
        more = f". Bad shards in all: {len(faults)}, see the log" if faults[1:] else ""
        for fault in faults:
            logger.error("%s", fault)
        if not good:
            remove(work)
        raise GlmError(f"{faults[0]}{more}{kept}") from faults[0]
    return files


def key(shard: Path, settings: str) -> str:
    """A name that changes when a shard or the settings do."""
    try:
        found = shard.stat()
    except FileNotFoundError as error:
        raise GlmError(f"{shard}: no such file; fetch the release again") from error
    return f"{shard.name}.{found.st_size}.{found.st_mtime_ns}.{settings}"
