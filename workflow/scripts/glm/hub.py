"""Files of a model on the Hugging Face hub, checked against the hub's own checksums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from glm import files
from glm.errors import GlmError

NAME = re.compile(r"[\w.-]+/[\w.-]+")
NAME_AND_REVISION = re.compile(rf"({NAME.pattern})(?:@([\w./-]+))?")
SHA256 = re.compile(r"[0-9a-f]{64}")


def is_published_name(model: Path | str) -> bool:
    """Whether it can be a model on the hub: OWNER/MODEL or OWNER/MODEL@REVISION, and no path."""
    path = Path(model)
    return bool(NAME_AND_REVISION.fullmatch(str(model))) and not (
        path.exists() or path.parent.exists()
    )


def snapshot(name: str, wanted: Sequence[str], revision: str | None, fix: str) -> Path:
    """The folder in the hub's cache that holds the `wanted` files of a model, and is called by its
    commit; no other file is fetched. A file that the hub does not have is not in it.

    A killed download is resumed. The hub is the one that HF_ENDPOINT names; with HF_HUB_OFFLINE=1,
    or without a network, what the cache holds is taken. Large files are checked against the hub's
    SHA-256, after which the cache calls them. Raises `GlmError`, with what to look at (`fix`), if
    nothing can be fetched, and naming a file that is not what the hub says.
    """
    from glm.corpus import streams

    streams.trust_certificates()
    from huggingface_hub import constants, snapshot_download

    try:
        folder = Path(snapshot_download(name, revision=revision, allow_patterns=list(wanted)))
    except Exception as error:  # of whichever HTTP library the hub's client uses
        where = f"{constants.ENDPOINT}{' (HF_HUB_OFFLINE=1)' * constants.HF_HUB_OFFLINE}"
        words = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise GlmError(
            f"{name}: no such folder, and it cannot be fetched from the hub {where}: {words}. {fix}"
        ) from error
    for file in wanted:
        blob = (folder / file).resolve()
        if blob.is_file() and SHA256.fullmatch(blob.name):
            found = files.sha256(blob)
            if found != blob.name:
                blob.unlink()
                raise GlmError(
                    f"{name}: {file} has SHA-256 {found}, the hub says {blob.name}; it was removed "
                    "from the hub's cache: run again"
                )
    return folder
