"""Proteins to vectors: ESM-2, mean-pooled (Methods, Sequence database)."""
