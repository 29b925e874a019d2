"""What a trained gLM makes of genes in their context: hidden states, attention, predictions."""
