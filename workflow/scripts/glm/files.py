"""Files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glm.errors import GlmError

SHA256_CHUNK = 1 << 20


@contextmanager
def writing(final: Path | str) -> Iterator[Path]:
    """Yield a path beside `final`; on success it is renamed to `final`, on error removed.

    The path may be used as a file or made into a directory. A directory that is already at
    `final` is replaced. A full disk becomes a `GlmError` that names the file and its folder.
    """
    final = Path(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    beside = final.with_name(f".{final.name}.{os.getpid()}.partial")
    remove(beside)
    try:
        yield beside
        if final.is_dir() and beside.is_dir():
            shutil.rmtree(final)
        os.replace(beside, final)
    except OSError as error:
        remove(beside)
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise GlmError(
                f"{final}: no space left in {final.parent.resolve()}; "
                "free some (or move `results`) and run the same command again"
            ) from error
        raise
    except BaseException:
        remove(beside)
        raise


def remove(path: Path) -> None:
    """Remove a file or a directory tree if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_partials(final: Path) -> None:
    """Remove what killed processes left beside a name that nobody is writing now."""
    for left in final.parent.glob(f".{final.name}.*.partial"):
        remove(left)


def sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with open(path, "rb") as handle:
        while chunk := handle.read(SHA256_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
