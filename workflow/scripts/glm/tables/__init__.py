"""Every table of the pipeline: its columns, their meaning and unit, declared once.

A table is Parquet (zstd), written beside its name and renamed, with the stamp of
`glm.provenance.stamp` in its metadata. Readers check the columns and say which is wrong.
"""

from glm.tables.annotation import ANNOTATION_SHARES, ANNOTATIONS
from glm.tables.application import EMBEDDED_CONTIGS, EMBEDDED_GENES, OPERON_CALLS, SIMILAR_GENES
from glm.tables.contextualisation import CONTEXTUAL
from glm.tables.corpus import (
    CLUSTERS,
    CONTIGS,
    GENES,
    MANIFEST,
    MAPPED_GENES,
    PROTEINS,
    REPRESENTATIVES,
    SUBCONTIGS,
)
from glm.tables.declaration import Column, Table
from glm.tables.decontamination import FLAGS, LEAKAGE, REFERENCE_HITS, REMOVED_BY_ASSEMBLY, SPLITS
from glm.tables.embedding import EMBEDDINGS, LABEL_COMPONENTS, STANDARDISATION
from glm.tables.evaluation import ACCURACY, CURVES, MARGINS
from glm.tables.operons import (
    ATTENTION,
    ATTENTION_HEADS,
    GENE_PAIRS,
    OPERON_CALIBRATION,
    OPERON_COMPARISON,
    OPERON_GENES,
    OPERON_MAPPING,
    OPERON_PREDICTIONS,
    OPERON_SCORES,
    OPERON_TRANSFER,
)
from glm.tables.paralogs import (
    PARALOG_CALLS,
    PARALOG_CANDIDATES,
    PARALOG_PROJECTION,
    PARALOG_RESULTS,
    PARALOGS,
    PARALOGS_EXCLUDED,
)
from glm.tables.report import NUMBERS, SCORECARD
from glm.tables.semantics import (
    CONTEXT_VARIANCE,
    FOCAL_GENES,
    SEMANTIC_POINTS,
    SEPARATION,
    TRANSFER,
    TRANSFER_POINTS,
    VARIANCE_FIT,
    VARIANCE_WORDS,
)
from glm.tables.storage import (
    COMPRESSION,
    COUNTS_KEY,
    STAMP_KEY,
    check_columns,
    open_file,
    open_schema,
    open_writer,
    read,
    read_counts,
    read_stamp,
    store_counts,
    write,
)
from glm.tables.training import METRICS

__all__ = [
    "ACCURACY",
    "ANNOTATIONS",
    "ANNOTATION_SHARES",
    "ATTENTION",
    "ATTENTION_HEADS",
    "CLUSTERS",
    "COMPRESSION",
    "CONTEXTUAL",
    "CONTEXT_VARIANCE",
    "CONTIGS",
    "COUNTS_KEY",
    "CURVES",
    "EMBEDDED_CONTIGS",
    "EMBEDDED_GENES",
    "EMBEDDINGS",
    "FLAGS",
    "FOCAL_GENES",
    "GENES",
    "GENE_PAIRS",
    "LABEL_COMPONENTS",
    "LEAKAGE",
    "MANIFEST",
    "MAPPED_GENES",
    "MARGINS",
    "METRICS",
    "NUMBERS",
    "OPERON_CALIBRATION",
    "OPERON_CALLS",
    "OPERON_COMPARISON",
    "OPERON_GENES",
    "OPERON_MAPPING",
    "OPERON_PREDICTIONS",
    "OPERON_SCORES",
    "OPERON_TRANSFER",
    "PARALOGS",
    "PARALOGS_EXCLUDED",
    "PARALOG_CALLS",
    "PARALOG_CANDIDATES",
    "PARALOG_PROJECTION",
    "PARALOG_RESULTS",
    "PROTEINS",
    "REFERENCE_HITS",
    "REMOVED_BY_ASSEMBLY",
    "REPRESENTATIVES",
    "SCORECARD",
    "SEMANTIC_POINTS",
    "SEPARATION",
    "SIMILAR_GENES",
    "SPLITS",
    "STAMP_KEY",
    "STANDARDISATION",
    "SUBCONTIGS",
    "TRANSFER",
    "TRANSFER_POINTS",
    "VARIANCE_FIT",
    "VARIANCE_WORDS",
    "Column",
    "Table",
    "check_columns",
    "open_file",
    "open_schema",
    "open_writer",
    "read",
    "read_counts",
    "read_stamp",
    "store_counts",
    "write",
]
