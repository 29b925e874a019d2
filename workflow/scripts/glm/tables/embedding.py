"""Embeddings of proteins and what is fitted to them (Methods, gLM architecture)."""

import pyarrow as pa

from glm.tables.declaration import DOUBLE, INT32, INT64, table

EMBEDDINGS = table(
    "embeddings",
    representative=(INT32, "row in the embedding store"),
    embedding=(None, "vector of float16: mean over residues of the protein model's last layer"),
)
STANDARDISATION = table(
    "standardisation",
    feature=(INT32, "feature of the embedding"),
    mean=(DOUBLE, "mean over the training proteins"),
    standard_deviation=(DOUBLE, "standard deviation over the training proteins"),
    count=(INT64, "proteins that it was fitted on"),
)
LABEL_COMPONENTS = table(
    "label_components",
    component=(INT32, "principal component, largest variance first"),
    direction=(pa.list_(DOUBLE), "unit vector over the standardised features"),
    centre=(DOUBLE, "projection of the mean, subtracted before scaling"),
    variance=(DOUBLE, "variance along it; scores are divided by its square root"),
    variance_share=(DOUBLE, "share of the whole variance"),
    count=(INT64, "proteins that it was fitted on"),
)
