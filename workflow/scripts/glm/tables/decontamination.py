"""What keeps the held-out genome out of the training (Methods, Validation and test)."""

from glm.tables.declaration import BOOL, DOUBLE, FLOAT, INT32, INT64, STRING, table

REFERENCE_HITS = table(
    "reference_hits",
    representative=(INT32, "representative"),
    reference=(INT64, "protein of the reference genome: its best hit"),
    identity=(FLOAT, "sequence identity of the alignment, 0 to 1"),
    coverage=(FLOAT, "share of the representative that is aligned"),
    e_value=(DOUBLE, "expectation value"),
)
FLAGS = table(
    "flags",
    subcontig=(INT64, "subcontig"),
    genes=(INT32, "genes"),
    genes_like_reference=(INT32, "genes over the identity threshold to a reference protein"),
    share=(FLOAT, "genes_like_reference / genes"),
    removed=(BOOL, "whether the share is over the threshold"),
)
SPLITS = table(
    "splits",
    subcontig=(INT64, "subcontig"),
    share=(FLOAT, "share of its genes that are like the reference genome"),
    split=(STRING, "train, validation or removed"),
)
REMOVED_BY_ASSEMBLY = table(
    "removed_by_assembly",
    assembly=(STRING, "assembly or genome"),
    subcontigs=(INT64, "subcontigs"),
    removed=(INT64, "subcontigs removed as like the reference genome"),
    train=(INT64, "subcontigs to train on"),
    validation=(INT64, "subcontigs held out"),
)
LEAKAGE = table(
    "leakage",
    split=(STRING, "train or validation"),
    identity=(FLOAT, "sequence identity threshold"),
    genes=(INT64, "genes in the split"),
    genes_like_reference=(INT64, "genes with a reference protein over the threshold"),
    reference_proteins=(INT64, "reference proteins that have such a gene in the split"),
    subcontigs_mostly_alike=(INT64, "subcontigs of which more than half of the genes are such"),
)
