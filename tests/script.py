"""A rule's script, called in this process."""

from __future__ import annotations

import importlib

from glm import step


def call(name: str, **options: object) -> None:
    """Run workflow/scripts/NAME.py with its options; a tuple is several words."""
    module = importlib.import_module(name)
    if hasattr(module, name):
        step.call(getattr(module, name), **options)
        return
    words: list[str] = []
    for option, value in options.items():
        values = value if isinstance(value, tuple) else (value,)
        words += [f"--{option.replace('_', '-')}", *map(str, values)]
    module.main(module.parser().parse_args(words))
