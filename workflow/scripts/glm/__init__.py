"""From metagenomes to a trained genomic language model, and what it has learned.

On one's own genomes: `load_model`, `read_genomes`, `embed_genome`. They are imported when they are
first asked for, since torch takes seconds.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glm.application.embedding import EmbeddedGenome, embed_genome
    from glm.application.loading import TrainedModel, load_model
    from glm.corpus.genomes import read_genomes

__version__ = "0.1.0"
__all__ = ["EmbeddedGenome", "TrainedModel", "embed_genome", "load_model", "read_genomes"]

PLACES = {
    "EmbeddedGenome": "glm.application.embedding",
    "TrainedModel": "glm.application.loading",
    "embed_genome": "glm.application.embedding",
    "load_model": "glm.application.loading",
    "read_genomes": "glm.corpus.genomes",
}


def __dir__() -> list[str]:
    """The interface."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Import a name of the interface when it is asked for."""
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(PLACES[name]), name)
