"""The gLM, its biLSTM baseline, what goes into them and how they are judged.

`glm.model.for_transformers` makes both known to transformers' Auto classes. The names below are
imported when they are first asked for: what reads a folder's config.json alone needs no torch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glm.model.bilstm import BidirectionalLSTM
    from glm.model.configuration import BidirectionalLSTMConfig, GenomicLanguageModelConfig
    from glm.model.genomic import GenomicLanguageModel
    from glm.model.layout import Layout
    from glm.model.output import GenomicOutput

__all__ = [
    "BidirectionalLSTM",
    "BidirectionalLSTMConfig",
    "GenomicLanguageModel",
    "GenomicLanguageModelConfig",
    "GenomicOutput",
    "Layout",
]


def __getattr__(name: str) -> Any:
    """Import the public names when one is asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # statements, not names in a table: a rule's hash is of the modules that it imports
    from glm.model import bilstm, configuration, genomic, layout, output

    places = (bilstm, configuration, genomic, layout, output)
    return next(getattr(place, name) for place in places if hasattr(place, name))
