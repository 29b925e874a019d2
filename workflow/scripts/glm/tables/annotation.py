"""What a reference calls the proteins (Methods, Gene annotation)."""

from glm.tables.declaration import BOOL, DOUBLE, INT32, INT64, STRING, table

ANNOTATIONS = table(
    "annotations",
    representative=(INT32, "representative: row in the embedding store"),
    protein=(INT64, "protein that represents the cluster"),
    hit=(STRING, "name of the best hit in the reference; null if there is none"),
    product=(STRING, "what the reference calls it; null without a hit"),
    evalue=(DOUBLE, "expectation value of the hit; null without one"),
    identity=(DOUBLE, "identical residues / columns of the alignment, 0 to 1; null without a hit"),
    annotated=(BOOL, "whether there is a hit with a name that says something"),
)
ANNOTATION_SHARES = table(
    "annotation_shares",
    reason=(STRING, "annotated, unannotated, and why: no hit, no name, or the word of the name"),
    proteins=(INT64, "representatives"),
    share=(DOUBLE, "of all representatives"),
)
