"""What stands in the gLM's input, apart from the code that needs torch (Methods, gLM training)."""

CLIP = 10.0  # standard deviations (Methods, "Sequence database"); a model may have another
FORWARD, REVERSE = 0.5, -0.5  # added as one more feature: the strand
WITHOUT_REPRESENTATIVE = 1.0  # in all features of a gene whose protein has no representative
MASKED = -1.0
FEWEST_TO_TRAIN = 200  # subcontigs: of fewer a gLM learns next to nothing (docs/train.md)
