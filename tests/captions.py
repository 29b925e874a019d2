"""What a figure says of itself."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def caption_of(picture: Path) -> str:
    """The caption that is stored in a figure's PNG."""
    return str(Image.open(picture).info["Description"])
