"""A corpus as every model reads it: its genes, their embeddings, features and labels."""
