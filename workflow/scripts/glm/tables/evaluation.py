"""How good a model is (Table 1, Extended Data 1)."""

from glm.tables.declaration import DOUBLE, INT64, STRING, interval, table

CURVES = table(
    "curves",
    model=(STRING, "glm or bilstm"),
    split=(STRING, "train, validation or reference"),
    measure=(STRING, "pseudo_accuracy or pseudo_accuracy_closest"),
    step=(INT64, "optimiser steps done"),
    epoch=(DOUBLE, "passes over the training subcontigs"),
    value=(DOUBLE, "share of masked genes that are right"),
)
ACCURACY = table(
    "accuracy",
    model=(STRING, "glm, bilstm, or a baseline"),
    genes_of=(STRING, "heldout (subcontigs of training genomes) or reference (E. coli K-12)"),
    measure=(STRING, "pseudo_accuracy, pseudo_accuracy_closest or absolute_accuracy"),
    value=(DOUBLE, "share of masked genes that are right"),
    **interval("the 95 % interval over genomes, or subcontigs where they are few"),
    standard_error=(DOUBLE, "over the same"),
    n=(INT64, "masked genes"),
)
MARGINS = table(
    "margins",
    model=(STRING, "glm or bilstm"),
    other=(STRING, "the model or baseline that it is compared with"),
    genes_of=(STRING, "heldout or reference"),
    measure=(STRING, "as in accuracy"),
    difference=(DOUBLE, "share right of the model less that of the other, on the same genes"),
    standard_error=(DOUBLE, "of the difference, over genomes or subcontigs"),
    standard_errors=(DOUBLE, "difference / standard_error"),
    n=(INT64, "masked genes"),
)
MEMORY = table(
    "memory",
    genes_of=(STRING, "heldout or reference"),
    measure=(STRING, "pseudo_accuracy or absolute_accuracy, most likely of the predictions"),
    fifth=(INT64, "of the masked genes by distance to training, from 1; 0 is all"),
    nearest=(DOUBLE, "least distance to the nearest training protein, standardised embeddings"),
    furthest=(DOUBLE, "largest such distance"),
    n=(INT64, "masked genes"),
    glm=(DOUBLE, "share that the gLM finds"),
    **interval("its 95 % interval", "glm_"),
    look_up=(DOUBLE, "share that looking the context up finds"),
    **interval("its 95 % interval", "look_up_"),
    either=(DOUBLE, "share that one of both finds"),
    **interval("its 95 % interval", "either_"),
    glm_alone=(DOUBLE, "share that only the gLM finds"),
    **interval("its 95 % interval", "glm_alone_"),
    look_up_alone=(DOUBLE, "share that only the look-up finds"),
    **interval("its 95 % interval", "look_up_alone_"),
)
