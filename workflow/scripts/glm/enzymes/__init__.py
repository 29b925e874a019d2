"""Enzyme classes from embeddings (Methods, Enzyme Commission number prediction)."""
