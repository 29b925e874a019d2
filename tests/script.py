"""A rule's script, called in this process."""

from __future__ import annotations

import importlib

from glm import step


def call(name: str, **arguments: object) -> None:
    """Call the function of workflow/scripts/NAME.py as the running step."""
    step.call(getattr(importlib.import_module(name), name), **arguments)
