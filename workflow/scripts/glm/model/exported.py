"""The folder that a hub takes of a gLM: which files it may have, and their checksums."""

from __future__ import annotations

import re
from pathlib import Path

from glm import hub
from glm.errors import GlmError
from glm.files import sha256, writing
from glm.model.directory import CARD, ENCODER, EVIDENCE, FIXES, METRICS, PREDICTOR, PROVENANCE

SUMS = "SHA256SUMS"
ENCODER_FILES = tuple(
    f"{ENCODER}/{name}"
    for name in ("config.json", "identity.json", "model.safetensors", "vocab.txt")
)
FILES = (*FIXES, PROVENANCE, METRICS, EVIDENCE, PREDICTOR, *ENCODER_FILES)
"""JSON, Parquet and safetensors alone: nothing in them can be run."""
LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def write_sums(folder: Path) -> None:
    """Write the SHA-256 of each file but the card, as `sha256sum --check` reads them."""
    there = [name for name in FILES if (folder / name).is_file()]
    with writing(folder / SUMS) as beside:
        beside.write_text("".join(f"{sha256(folder / name)}  {name}\n" for name in there))


def check_sums(folder: Path, name: str) -> None:
    """Raise `GlmError` unless a folder has what its list of checksums says, no more and no less.

    name: what the folder is called in messages.
    """
    if not (folder / SUMS).is_file():
        raise GlmError(
            f"{name}: has no {SUMS}, so it was not made by `glm export`; fetch it with `hf "
            "download`, look at it, and give its folder if you trust it"
        )
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    listed = {}
    for number, line in enumerate(lines, 1):
        found = LINE.fullmatch(line)
        if found is None or found[2] not in FILES:
            raise GlmError(f"{name}: {SUMS}: line {number}: {line[:80]!r} is no file of a gLM")
        listed[found[2]] = found[1]
    for file in FILES:
        if not (folder / file).is_file():
            if file in listed:
                raise GlmError(
                    f"{name}: has no {file}, which {SUMS} lists; was it published whole?"
                )
        elif file not in listed:
            raise GlmError(f"{name}: {file} is not in {SUMS}; it was put there later")
        elif (digest := sha256(folder / file)) != listed[file]:
            raise GlmError(
                f"{name}: {file} has SHA-256 {digest}, {SUMS} says {listed[file]}: it is damaged, "
                "or was changed after `glm export`"
            )


def find_directory(model: Path | str) -> Path:
    """The folder itself, or that of a published model NAME or NAME@REVISION in the hub's cache."""
    found = hub.NAME_AND_REVISION.fullmatch(str(model))
    if found is None or not hub.is_published_name(model):
        return Path(model)
    name, revision = found.groups()
    folder = hub.snapshot(
        name,
        (*FILES, SUMS, CARD),
        revision,
        f"There is no folder {model} either. Check the name and the network, and run again (it "
        "resumes); or name a model directory",
    )
    check_sums(folder, name)
    return folder
