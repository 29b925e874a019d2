"""Every table of the pipeline: its columns, their meaning and unit, declared once.

A table is Parquet (zstd, but for vectors), written beside its name and renamed, with the stamp of
`glm.provenance.stamp` in its metadata. Readers check the columns and say which is wrong.
"""

from glm.tables.annotation import *
from glm.tables.application import *
from glm.tables.benchmarks import *
from glm.tables.contextualisation import *
from glm.tables.corpus import *
from glm.tables.declaration import Column, Table
from glm.tables.decontamination import *
from glm.tables.embedding import *
from glm.tables.enzymes import *
from glm.tables.evaluation import *
from glm.tables.operons import *
from glm.tables.paralogs import *
from glm.tables.report import *
from glm.tables.semantics import *
from glm.tables.storage import (
    COMPRESSION,
    TableFile,
    TableWriter,
    check_columns,
    check_whole,
    open_file,
    read,
    read_counts,
    read_stamp,
    read_where,
    write,
)
from glm.tables.taxonomy import *
from glm.tables.training import *
from glm.tables.vectors import (
    read_vectors,
    vector_array,
    vector_field,
    vector_kind,
    vector_rows,
)
