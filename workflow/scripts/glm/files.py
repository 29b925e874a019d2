"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from glm.errors import GlmError, NotRunError

HOST = socket.gethostname().replace(".", "-")
SECONDS_UNTIL_ABANDONED = 86400.0  # of a file that another computer began and writes no more


@contextmanager
def writing(final: Path | str) -> Iterator[Path]:
    """Yield a path beside `final`; on success it is renamed to `final`, on error removed.

    The path may be used as a file or made into a directory. A directory that is already at
    `final` is replaced. A full disk becomes a `GlmError` that names the file and its folder. What
    killed processes left beside `final` is removed.
    """
    final = Path(final)
    final.parent.mkdir(parents=True, exist_ok=True)
    beside = final.with_name(f".{final.name}.{HOST}.{os.getpid()}.partial")
    remove(beside)
    remove_abandoned(final)
    try:
        with naming_full_disk(final):
            yield beside
            if final.is_dir() and beside.is_dir():
                shutil.rmtree(final)
            os.replace(beside, final)
    except BaseException:
        remove(beside)
        raise


@contextmanager
def naming_full_disk(final: Path) -> Iterator[None]:
    """Turn a full disk into a `GlmError` that names the file and its folder."""
    try:
        yield
    except Exception as error:
        if not is_full_disk(error):
            raise
        raise GlmError(
            f"{final}: no space left in {final.parent.resolve()}; "
            "free some (or move `results`) and run the same command again"
        ) from error


def is_full_disk(error: Exception) -> bool:
    """Whether a disk is full, or a quota used up; safetensors says so in words alone."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return any(os.strerror(code) in str(error) for code in (errno.ENOSPC, errno.EDQUOT))


@contextmanager
def workspace(folder: Path, name: str) -> Iterator[Path]:
    """Yield an empty folder in `folder` for files that nobody needs afterwards.

    It goes when the block ends; those of the same `name` that killed processes left go first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_abandoned(folder / name)
    prefix = f".{name}.{HOST}.{os.getpid()}."
    with (
        naming_full_disk(folder / name),
        tempfile.TemporaryDirectory(prefix=prefix, suffix=".partial", dir=folder) as made,
    ):
        yield Path(made)


def remove_abandoned(final: Path) -> None:
    """Remove what was begun beside a name by processes that are no more.

    Whether a process of another computer lives is not known: its files go after a day without a
    change.
    """
    for left in final.parent.glob(f".{final.name}.*.partial"):
        owner = left.name.removeprefix(f".{final.name}.").removesuffix(".partial")
        found = re.fullmatch(r"([^.]+)\.(\d+)(\.\w+)?", owner)
        if found is None:
            continue
        if found[1] == HOST:
            abandoned = not is_alive(int(found[2]))
        else:
            try:
                abandoned = time.time() - left.stat().st_mtime > SECONDS_UNTIL_ABANDONED
            except FileNotFoundError:
                continue
        if abandoned and left.is_dir():
            shutil.rmtree(left, ignore_errors=True)  # a tool that it started may still write there
        elif abandoned:
            left.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this computer is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


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


def of_run(run: Path, *parts: str) -> Path:
    """A file of a run's folder, results/<run>; raises `NotRunError` if it is not there."""
    path = run.joinpath(*parts)
    if not path.exists():
        raise NotRunError(f"missing {Path(run.name, *parts)}")
    return path


def is_missing_folder(name: str) -> bool:
    """Whether a name that may be a hub's (organisation/model) can only be a folder's that is not
    there: it begins or ends as a path does, has more parts, or lies in a folder that is here."""
    parts = Path(name).parts
    of_folder = name.startswith((".", "/", "~")) or name.endswith("/") or len(parts) > 2
    of_folder |= len(parts) == 2 and Path(parts[0]).is_dir()
    return of_folder and "://" not in name and not Path(name).exists()


def sync(path: Path) -> None:
    """Wait until the disk has what was written to a file."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sha256(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
