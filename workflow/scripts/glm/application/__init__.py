"""A trained gLM on one's own genomes: the command line `glm` and what it is made of."""
