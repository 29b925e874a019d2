"""Names of attention heads and of the models compared, apart from the code that needs torch."""

from __future__ import annotations

from typing import Literal, get_args

Variant = Literal["trained", "untrained", "shuffled", "moved"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
MEANINGS: dict[str, str] = {
    "trained": "the trained gLM",
    "untrained": "a gLM of the same size with random weights",
    "shuffled": "the trained gLM, other genes of the subcontig standing in the pair's places",
    "moved": "the trained gLM, the pair's own genes standing in other places of the subcontig",
}
# Of a gene's own embedding there is no pair whose places matter, so the two controls are others.
EMBEDDING_MEANINGS: dict[str, str] = {
    "trained": "the trained gLM",
    "untrained": "a gLM of the same size with random weights",
    "shuffled": "the trained gLM, each gene standing among random genes of other subcontigs",
    "moved": "the trained gLM, the genes of the subcontig standing in a random order",
}

# What the analyses compare, as tables and figures call it, and the variant that it is of.
CONTEXT_FREE, CONTEXTUALISED = "context-free", "contextualised"
UNTRAINED, SHUFFLED = "untrained gLM", "shuffled context"
NEIGHBOURS = "mean of neighbours"  # context-free embeddings of the other genes
REPRESENTATIONS: dict[str, Variant | None] = {
    CONTEXT_FREE: None,
    CONTEXTUALISED: "trained",
    UNTRAINED: "untrained",
    SHUFFLED: "shuffled",
}


def head_name(layer: int, head: int) -> str:
    """A head as the paper names it, counted from 0: (1, 6) is L2-H7."""
    return f"L{layer + 1}-H{head + 1}"
