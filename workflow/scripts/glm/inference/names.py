"""Names of attention heads and of the models compared, apart from the code that needs torch."""

from __future__ import annotations

from typing import Literal, get_args

Variant = Literal["trained", "untrained", "shuffled", "reordered"]
"""The trained gLM; one of the same size with random weights; the trained one reading genes among
random genes of other subcontigs; and reading those of a subcontig in a random order."""
VARIANTS = get_args(Variant)

Representation = Variant | Literal["context_free", "neighbours"]
"""Genes in their context by a variant, without context, or the mean of the others around them."""

HiddenLayer = Literal["last", "after_attention", "masked"]
"""What a gene in its context is taken to be: the gLM's last hidden layer; the same before the last
feed-forward; and the last hidden layer where the gene itself is masked."""

AttentionVariant = Literal["trained", "untrained", "reordered_by_place", "reordered_by_gene"]
"""Of the genes of a subcontig in a random order, the attention of a pair is that of its places
(whatever genes stand there), or of its genes (wherever they stand)."""
ATTENTION_VARIANTS = get_args(AttentionVariant)

# What the analyses compare, as figures call it, and as tables of features do.
CONTEXT_FREE, CONTEXTUALISED = "context-free", "contextualised"
UNTRAINED, SHUFFLED = "untrained gLM", "shuffled context"
NEIGHBOURS = "mean of neighbours"  # context-free embeddings of the other genes
WITH_NEIGHBOURS, WITH_GLM = "protein + mean of neighbours", "protein + gLM"
EQUAL_DIMENSION = ", equal dimension"
REPRESENTATIONS: dict[str, Representation] = {
    CONTEXT_FREE: "context_free",
    CONTEXTUALISED: "trained",
    UNTRAINED: "untrained",
    SHUFFLED: "shuffled",
}


def at_equal_dimension(name: str) -> str:
    """What a representation is called where it has as many features, on one scale, as others."""
    return f"{name}{EQUAL_DIMENSION}"


def is_at_equal_dimension(name: str) -> bool:
    """Whether a representation is so called."""
    return name.endswith(EQUAL_DIMENSION)


def head_name(layer: int, head: int) -> str:
    """A head as the paper names it, counted from 0: (1, 6) is L2-H7."""
    return f"L{layer + 1}-H{head + 1}"
