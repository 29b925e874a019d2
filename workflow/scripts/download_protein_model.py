"""Put the protein language model that the configuration names into one folder.

A folder, a name on the Hugging Face hub, or a fair-esm checkpoint; checked, and converted to
transformers' EsmModel where needed.
"""

import logging
from pathlib import Path

from glm import step
from glm.embedding.checkpoints import fetch_protein_model


def download_protein_model(
    model: str, revision: str | None, allow_random_weights: bool, *, identity: Path
) -> None:
    """Fetch the model into the folder of `identity`; revision: on the hub, null is its main one."""
    found = fetch_protein_model(model, identity.parent, revision, allow_random_weights)
    logging.info("protein model: %s, from %s", found.name, found.source)
    if found.is_demo:
        logging.warning("%s is a demo's model and no substitute for ESM-2", found.name)


if __name__ == "__main__":
    step.run(download_protein_model)
