"""Options of the scripts that read a corpus with a trained gLM, and the reader that they name."""

from __future__ import annotations

import argparse
from pathlib import Path

from glm.contextualisation.names import Variant
from glm.contextualisation.reading import GeneReader, load_reader
from glm.embedding.protein_model import select_device


def add_reader_options(parser: argparse.ArgumentParser) -> None:
    """Add the corpus, the gLM, what standardises its input, and how it computes."""
    parser.add_argument("--subcontigs", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained gLM")
    parser.add_argument("--store", type=Path, required=True, help="embedding store of the corpus")
    parser.add_argument("--standardisation", type=Path, required=True)
    parser.add_argument("--label-components", type=Path, required=True)
    parser.add_argument("--precision", choices=("fp32", "bf16", "fp16"), required=True)
    parser.add_argument("--gpus", type=int, default=0, help="0: the processor")


def open_reader(
    arguments: argparse.Namespace, variant: Variant = "trained", seed: int = 1
) -> GeneReader:
    """The reader that the options of `add_reader_options` name; see `load_reader`."""
    return load_reader(
        arguments.model,
        arguments.store,
        arguments.standardisation,
        arguments.label_components,
        select_device(arguments.gpus, "contextualisation"),
        arguments.precision,
        variant,
        seed,
    )
