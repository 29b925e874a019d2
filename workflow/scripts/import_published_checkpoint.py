"""Convert the published gLM checkpoint, glm.bin, to a model directory with safetensors."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command


def parser() -> ArgumentParser:
    """Arguments of the script."""
    made = command.parser(__doc__)
    made.add_argument("--checkpoint", type=Path, required=True, help="the published glm.bin")
    made.add_argument("--output", type=Path, required=True, help="model directory to write")
    made.add_argument("--layers", type=int, default=19, help="layers (default: 19, as published)")
    return made


def main(arguments: Namespace) -> None:
    """Translate the keys, drop what is dead, write the directory."""
    from glm.model import GenomicLanguageModelConfig
    from glm.model.published import import_published

    config = GenomicLanguageModelConfig(layers=arguments.layers)
    import_published(arguments.checkpoint, arguments.output, config)


if __name__ == "__main__":
    command.run(parser(), main)
