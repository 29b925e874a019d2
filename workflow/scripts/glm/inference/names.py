"""Names of attention heads and of the models compared, apart from the code that needs torch."""

from __future__ import annotations

from typing import Literal

Variant = Literal["trained", "untrained", "shuffled", "moved"]
"""The trained gLM; one of the same size with random weights; the trained one reading genes among
random genes of other subcontigs; and reading those of a subcontig in a random order. Of the
attention of a pair, shuffled is by place (whatever genes stand there), moved by gene."""

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
