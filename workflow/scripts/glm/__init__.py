"""gLM: metagenomes to a genomic language model, and to the analyses of Hwang et al."""

__version__ = "0.1.0"
