"""Training of gLM and of its biLSTM baseline (Methods, "gLM architecture and training")."""
