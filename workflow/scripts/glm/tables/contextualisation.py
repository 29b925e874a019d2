"""Genes in their context (Methods, Contextualized embedding calculation and visualization)."""

from glm.tables.declaration import INT32, INT64, table

CONTEXTUAL = table(
    "contextual",
    subcontig=(INT64, "subcontig"),
    rank=(INT32, "place of the gene in the subcontig, from 0"),
    protein=(INT64, "protein of the gene"),
    representative=(INT32, "representative of the gene; -1: none, the vector of ones was read"),
    embedding=(
        None,
        "vector of float16 or float32: last hidden layer of the gLM at the gene, nothing masked",
    ),
)
