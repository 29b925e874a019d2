"""Which subcontigs are too like the reference genome to train on (Methods, Performance metric)."""
