"""Put the protein language model that the configuration names into one folder.

A folder, a name on the Hugging Face hub, or a fair-esm checkpoint; checked, and converted to
transformers' EsmModel where needed.
"""

from __future__ import annotations

import logging
from argparse import ArgumentParser, Namespace
from pathlib import Path

from glm import command


def parser() -> ArgumentParser:
    """The options of this rule."""
    made = command.parser(__doc__)
    made.add_argument("--model", required=True, help="folder, hub name, or fair-esm .pt")
    made.add_argument("--revision", help="commit, tag or branch on the hub (default: its main one)")
    made.add_argument("--allow-random-weights", action="store_true", help="for tests only")
    made.add_argument("--output", type=Path, required=True, help="folder of the model")
    return made


def main(arguments: Namespace) -> None:
    """Fetch the model; see `glm.embedding.checkpoints.fetch_protein_model`."""
    from glm.embedding.checkpoints import fetch_protein_model

    identity = fetch_protein_model(
        arguments.model, arguments.output, arguments.revision, arguments.allow_random_weights
    )
    logging.info("protein model: %s, from %s", identity.name, identity.source)
    if identity.is_demo:
        logging.warning("%s is a demo's model and no substitute for ESM-2", identity.name)


if __name__ == "__main__":
    command.run(parser(), main)
