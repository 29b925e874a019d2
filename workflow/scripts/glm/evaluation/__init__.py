"""How good the models are, beside what needs no learning (Methods, Performance metric)."""
