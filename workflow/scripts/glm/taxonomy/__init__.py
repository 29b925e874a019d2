"""Taxonomy of contigs from their embeddings (Methods, Taxonomic analysis)."""
