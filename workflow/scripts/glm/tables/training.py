"""What a training writes beside its weights."""

from glm.tables.declaration import DOUBLE, INT64, STRING, table

METRICS = table(
    "metrics",
    step=(INT64, "optimiser steps done"),
    epoch=(DOUBLE, "passes over the training subcontigs"),
    subcontigs=(INT64, "subcontigs seen"),
    seconds=(DOUBLE, "training time, over all starts"),
    split=(STRING, "train, validation or reference"),
    loss=(DOUBLE, "MSE of the closest prediction + alpha x cross-entropy"),
    mean_squared_error=(DOUBLE, "of the closest prediction"),
    cross_entropy=(DOUBLE, "of the likelihoods against the closest prediction, nats"),
    pseudo_accuracy=(DOUBLE, "share right, most likely of the predictions"),
    pseudo_accuracy_closest=(DOUBLE, "share right, closest of the predictions to the label"),
    learning_rate=(DOUBLE, "at this step"),
    memory=(INT64, "peak memory, bytes"),
    subcontigs_per_second=(DOUBLE, "throughput since the last row"),
)
