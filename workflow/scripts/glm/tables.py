"""Every table of the pipeline: its columns, their meaning and unit, declared once.

A table is Parquet (zstd), written beside its name and renamed, with the stamp of
`glm.provenance.stamp` in its metadata. Readers check the columns and say which is wrong.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from glm.errors import GlmError
from glm.files import writing

STAMP_KEY = b"glm.stamp"
COMPRESSION = "zstd"


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type (None: a fixed-size list whose length the data decides)."""

    name: str
    type: pa.DataType | None
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table's name and columns."""

    name: str
    columns: tuple[Column, ...]

    def schema(self, **types: pa.DataType) -> pa.Schema:
        """The Arrow schema; `types` gives the types that the data decides, by column."""
        return pa.schema(
            [
                pa.field(
                    column.name,
                    types.get(column.name, column.type),
                    metadata={"meaning": column.meaning},
                )
                for column in self.columns
            ]
        )


def table(name: str, /, **columns: tuple[pa.DataType | None, str]) -> Table:
    """Declare a table: `column=(type, meaning)`."""
    return Table(name, tuple(Column(key, kind, text) for key, (kind, text) in columns.items()))


INT32, INT64, FLOAT, DOUBLE = pa.int32(), pa.int64(), pa.float32(), pa.float64()
STRING, BOOL = pa.string(), pa.bool_()

MANIFEST = table(
    "manifest",
    url=(STRING, "address that the file was fetched from"),
    path=(STRING, "path of the file, relative to the manifest"),
    kind=(STRING, "what the file holds: proteins, sequence_metadata, biomes, clusters, …"),
    size=(INT64, "bytes"),
    md5=(STRING, "MD5 of the bytes, as published and verified"),
    fetched=(STRING, "date and time, ISO 8601, UTC"),
)
CONTIGS = table(
    "contigs",
    contig=(INT64, "contig: MGYC digits, or a running number"),
    name=(STRING, "the contig's own name"),
    assembly=(STRING, "assembly or genome that it belongs to"),
    biome=(STRING, "lineage of the environment, root:…; null if unknown"),
    genes=(INT32, "genes on the contig"),
)
GENES = table(
    "genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig, from 0, by start"),
    protein=(INT64, "protein: MGYP digits, or a running number"),
    start=(INT32, "first base, 1-based, inclusive"),
    end=(INT32, "last base, 1-based, inclusive"),
    forward=(BOOL, "whether it lies on the forward strand"),
    partial=(STRING, "partial code as found in the source"),
)
PROTEINS = table(
    "proteins",
    protein=(INT64, "protein"),
    accession=(STRING, "accession in the source"),
    symbol=(STRING, "gene symbol, where the source has one"),
    locus_tag=(STRING, "locus tag, where the source has one"),
    product=(STRING, "product name, where the source has one"),
    sequence=(STRING, "amino acids"),
)
CLUSTERS = table(
    "clusters",
    protein=(INT64, "protein"),
    cluster=(INT64, "the protein that represents its cluster"),
)
MAPPED_GENES = table(
    "mapped_genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig"),
    protein=(INT64, "protein"),
    cluster=(INT64, "the protein that represents its cluster; null if none is known"),
    forward=(BOOL, "whether it lies on the forward strand"),
)
REPRESENTATIVES = table(
    "representatives",
    representative=(INT32, "row in the embedding store"),
    protein=(INT64, "protein that represents the cluster"),
    length=(INT32, "residues"),
    sha256=(STRING, "SHA-256 of the sequence"),
    sequence=(STRING, "amino acids"),
)
SUBCONTIGS = table(
    "subcontigs",
    subcontig=(INT64, "subcontig: running number"),
    contig=(INT64, "contig that it was cut from"),
    first_rank=(INT32, "rank of its first gene on the contig"),
    assembly=(STRING, "assembly or genome"),
    biome=(STRING, "lineage of the environment"),
    representative=(pa.list_(INT32), "representative of each gene; -1: none, the vector of ones"),
    forward=(pa.list_(BOOL), "strand of each gene"),
    protein=(pa.list_(INT64), "protein of each gene"),
)
EMBEDDINGS = table(
    "embeddings",
    representative=(INT32, "row in the embedding store"),
    embedding=(None, "mean over residues of the protein model's last hidden layer, float16"),
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
    lower=(DOUBLE, "lower end of the 95 % interval over genes"),
    upper=(DOUBLE, "upper end of the 95 % interval over genes"),
    standard_error=(DOUBLE, "over genes"),
    n=(INT64, "masked genes"),
)
MARGINS = table(
    "margins",
    model=(STRING, "glm or bilstm"),
    other=(STRING, "the model or baseline that it is compared with"),
    genes_of=(STRING, "heldout or reference"),
    measure=(STRING, "as in accuracy"),
    difference=(DOUBLE, "share right of the model less that of the other, on the same genes"),
    standard_error=(DOUBLE, "of the difference, over genes"),
    standard_errors=(DOUBLE, "difference / standard_error"),
    n=(INT64, "masked genes"),
)
NUMBERS = table(
    "numbers",
    id=(STRING, "dotted path of the paper's number"),
    value=(STRING, "this run's value, as JSON"),
    lower=(DOUBLE, "lower end of the 95 % interval; null if none"),
    upper=(DOUBLE, "upper end of the 95 % interval; null if none"),
    n=(INT64, "what the value was computed on"),
    unit=(STRING, "what n counts"),
    needs=(pa.list_(STRING), "what must be the paper's to compare: corpus, protein model"),
    tolerance=(DOUBLE, "largest difference that still counts as the same; null if none"),
    note=(STRING, "anything a reader must know"),
)
SCORECARD = table(
    "scorecard",
    id=(STRING, "dotted path of the paper's number"),
    figure=(STRING, "where it stands in the paper"),
    paper_value=(STRING, "the paper's value, as JSON"),
    value=(STRING, "this run's value, as JSON; null if not run"),
    lower=(DOUBLE, "lower end of the 95 % interval"),
    upper=(DOUBLE, "upper end of the 95 % interval"),
    n=(INT64, "what the value was computed on"),
    unit=(STRING, "what n counts"),
    status=(STRING, "reproduced, differs, not comparable or not run"),
    note=(STRING, "why"),
)
ATTENTION = table(
    "attention",
    subcontig=(INT64, "subcontig"),
    first=(INT32, "place of the first gene in the subcontig, from 0"),
    second=(INT32, "place of the second gene, after the first"),
    attention=(None, "A + A transposed of each head, layer by layer; 0 to 2; layers x heads"),
)
OPERON_GENES = table(
    "operon_genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig"),
    protein=(INT64, "protein"),
    start=(INT32, "first base, 1-based, inclusive"),
    end=(INT32, "last base, 1-based, inclusive"),
    forward=(BOOL, "whether it lies on the forward strand"),
    gap=(DOUBLE, "bases to the gene before, negative where they overlap; null for a first gene"),
    operon=(INT64, "operon; -1 for none"),
    operon_name=(STRING, "the operon's name in the source; null for none"),
    unit=(INT64, "transcription unit: the operon, or a number of its own"),
)
GENE_PAIRS = table(
    "gene_pairs",
    subcontig=(INT64, "subcontig"),
    stretch=(STRING, "stretch of the genome, for folds that share no region"),
    first=(INT32, "place of the first gene in the subcontig, from 0"),
    second=(INT32, "place of the second gene, after the first"),
    first_gene=(INT64, "row of the first gene in operon_genes"),
    second_gene=(INT64, "row of the second gene in operon_genes"),
    neighbours=(BOOL, "whether no gene is between them"),
    same_strand=(BOOL, "whether both lie on one strand"),
    gap=(DOUBLE, "bases between neighbours; null for others"),
    same_operon=(BOOL, "whether both are of one operon, by the labels that the stamp names"),
    unit=(INT64, "transcription unit of the first gene: intervals draw whole units"),
)
OPERON_MAPPING = table(
    "operon_mapping",
    operon=(STRING, "operon, as the source names it"),
    gene=(STRING, "gene, as the source names it"),
    protein=(INT64, "protein that it was mapped to; null if none"),
    how=(STRING, "symbol, synonym, locus tag, accession; ambiguous, unmapped"),
)
ATTENTION_HEADS = table(
    "attention_heads",
    model=(STRING, "trained, untrained, shuffled, moved (docs/operons.md), or distance"),
    pairs=(STRING, "all pairs of a subcontig, or neighbours"),
    layer=(INT32, "layer, from 1; 0 for a baseline"),
    head=(INT32, "head, from 1; 0 for a baseline"),
    name=(STRING, "the head as the paper names it"),
    r=(DOUBLE, "Pearson's r of attention with same-operon; null if it never varies"),
    lower=(DOUBLE, "lower end of the 95 % interval over transcription units"),
    upper=(DOUBLE, "upper end of the 95 % interval over transcription units"),
    p=(DOUBLE, "two-sided, as if pairs were independent"),
    adjusted_p=(DOUBLE, "Bonferroni, over the heads of one model"),
    n=(INT64, "gene pairs"),
)
OPERON_COMPARISON = table(
    "operon_comparison",
    features=(STRING, "what the classifier looks at"),
    meaning=(STRING, "the same in words"),
    folds=(STRING, "shuffled (the paper) or stretches of the genome"),
    feature_count=(INT64, "features"),
    average_precision=(DOUBLE, "of the pooled out-of-fold scores"),
    average_precision_per_fold=(DOUBLE, "mean over the folds"),
    area=(DOUBLE, "under the pooled precision-recall curve, by trapezoids"),
    roc_area=(DOUBLE, "under the pooled receiver operating characteristic"),
    lower=(DOUBLE, "lower end of the 95 % interval over transcription units"),
    upper=(DOUBLE, "upper end of the 95 % interval over transcription units"),
    difference=(DOUBLE, "average precision less that of strand + distance"),
    difference_lower=(DOUBLE, "lower end of its 95 % interval, on the same draws"),
    difference_upper=(DOUBLE, "upper end of its 95 % interval, on the same draws"),
    beyond_inputs=(DOUBLE, "average precision less that of embedding pairs + strand"),
    beyond_inputs_lower=(DOUBLE, "lower end of its 95 % interval, on the same draws"),
    beyond_inputs_upper=(DOUBLE, "upper end of its 95 % interval, on the same draws"),
    pairs=(INT64, "neighbouring gene pairs"),
    positives=(INT64, "of them in one operon"),
    units=(INT64, "transcription units that the intervals draw"),
)
OPERON_SCORES = table(
    "operon_scores",
    features=(STRING, "what the classifier looks at"),
    folds=(STRING, "shuffled or stretches"),
    fold=(INT32, "fold that the pair was tested in"),
    subcontig=(INT64, "subcontig"),
    first=(INT32, "place of the first gene; the second is next to it"),
    same_operon=(BOOL, "whether the pair is of one operon"),
    score=(DOUBLE, "out of fold; higher is more operon"),
)
OPERON_PREDICTIONS = table(
    "operon_predictions",
    subcontig=(INT64, "subcontig"),
    contig=(INT64, "contig"),
    rank=(INT32, "position of the first gene on its contig; the second is next"),
    first_protein=(INT64, "protein of the first gene"),
    second_protein=(INT64, "protein of the second gene"),
    same_strand=(BOOL, "whether both lie on one strand"),
    gap=(DOUBLE, "bases between them"),
    strand_distance=(DOUBLE, "probability of one operon, by strand and distance"),
    attention=(DOUBLE, "probability, by attention alone"),
    combined=(DOUBLE, "probability, by attention, distance and strand"),
    same_operon=(BOOL, "the label, by what the stamp names"),
    unit=(INT64, "transcription unit of the first gene"),
)
OPERON_TRANSFER = table(
    "operon_transfer",
    genome=(STRING, "genome that the predictor was applied to"),
    labels=(STRING, "what its operons are labelled by"),
    features=(STRING, "what the prediction looks at"),
    average_precision=(DOUBLE, "with nothing fitted on this genome"),
    lower=(DOUBLE, "lower end of the 95 % interval over transcription units"),
    upper=(DOUBLE, "upper end of the 95 % interval over transcription units"),
    difference=(DOUBLE, "average precision less that of strand + distance"),
    difference_lower=(DOUBLE, "lower end of its 95 % interval, on the same draws"),
    difference_upper=(DOUBLE, "upper end of its 95 % interval, on the same draws"),
    roc_area=(DOUBLE, "under the receiver operating characteristic"),
    calibration_error=(DOUBLE, "mean distance of predicted and observed frequency; null for rules"),
    pairs=(INT64, "neighbouring gene pairs"),
    positives=(INT64, "of them in one operon"),
)
OPERON_CALIBRATION = table(
    "operon_calibration",
    genome=(STRING, "genome; the reference's is out of fold"),
    features=(STRING, "what the prediction looks at"),
    predicted=(DOUBLE, "mean probability of the bin"),
    observed=(DOUBLE, "share of its pairs in one operon"),
    count=(INT64, "pairs in the bin"),
)
PARALOG_CANDIDATES = table(
    "paralog_candidates",
    a=(STRING, "accession of the first protein (chain 2ONK_A: the ATPase)"),
    c=(STRING, "accession of the second protein (chain 2ONK_C: the permease)"),
    a_sequence=(STRING, "amino acids of the first; null if there are none"),
    c_sequence=(STRING, "amino acids of the second; null if there are none"),
    origin=(STRING, "uniprot, or the genome that the pair was found in"),
)
PARALOGS = table(
    "paralogs",
    pair=(INT64, "pair: running number"),
    a=(STRING, "accession of the first protein"),
    c=(STRING, "accession of the second protein"),
    a_representative=(INT32, "row of the first in the embedding store of the paralogs"),
    c_representative=(INT32, "row of the second"),
    a_cluster=(INT64, "CD-HIT cluster of the first"),
    c_cluster=(INT64, "CD-HIT cluster of the second"),
    origin=(STRING, "uniprot, or the genome that the pair was found in"),
)
PARALOGS_EXCLUDED = table(
    "paralogs_excluded",
    a=(STRING, "accession of the first protein"),
    c=(STRING, "accession of the second protein"),
    reason=(STRING, "why the pair is not analysed"),
    detail=(STRING, "which accession, and where"),
)
PARALOG_CALLS = table(
    "paralog_calls",
    method=(STRING, "trained or untrained gLM, or embedding cosine"),
    pair=(INT64, "pair"),
    query=(STRING, "which protein was given: A or C"),
    place=(STRING, "masked gene: before or after the query"),
    confidence=(DOUBLE, "softmax of the likelihoods at the prediction; or the cosine"),
    nearest=(INT64, "pair whose protein's label is nearest to the prediction"),
    exact=(BOOL, "whether that is the partner"),
    same_cluster=(BOOL, "whether it is of the partner's cluster"),
    rank=(INT64, "the partner's place among the candidates, from 1"),
)
PARALOG_RESULTS = table(
    "paralog_results",
    method=(STRING, "trained or untrained gLM, embedding cosine, or a kind of chance"),
    direction=(STRING, "A to C, C to A, or either (a pair is right if one direction is)"),
    measure=(STRING, "exact, same_cluster, or recall@k"),
    value=(DOUBLE, "share of queries (or pairs) that are right"),
    lower=(DOUBLE, "lower end: 95 % interval over clusters; of chance, 95 % range of the rounds"),
    upper=(DOUBLE, "upper end"),
    hits=(DOUBLE, "how many are right; of chance, the mean of the rounds"),
    n=(INT64, "queries (or pairs)"),
    p=(DOUBLE, "of chance: share of rounds that do as well as the trained gLM; else null"),
)
PARALOG_PROJECTION = table(
    "paralog_projection",
    kind=(STRING, "label or prediction"),
    protein=(STRING, "A or C: what is labelled or predicted"),
    pair=(INT64, "pair"),
    place=(STRING, "of a prediction: before or after the query; null for a label"),
    x=(DOUBLE, "first coordinate"),
    y=(DOUBLE, "second coordinate"),
    exact=(BOOL, "of a prediction: whether it is right; null for a label"),
    same_cluster=(BOOL, "of a prediction: whether it is of the partner's cluster"),
    confidence=(DOUBLE, "of a prediction"),
)


def open_schema(declared: Table, stamp: Mapping[str, Any], **types: pa.DataType) -> pa.Schema:
    """The schema of a file of this table, stamp included."""
    return declared.schema(**types).with_metadata({STAMP_KEY: json.dumps(stamp).encode()})


@contextmanager
def open_writer(
    path: Path | str, declared: Table, stamp: Mapping[str, Any], **types: pa.DataType
) -> Iterator[pq.ParquetWriter]:
    """A streaming Parquet writer; the file gets its name only when the block ends well.

    `types` gives the types of the columns that the data decides. Write tables or batches that
    were cast to `writer.schema`.
    """
    schema = open_schema(declared, stamp, **types)
    with writing(path) as beside, pq.ParquetWriter(beside, schema, compression=COMPRESSION) as made:
        yield made


def write(
    data: pa.Table | Any,
    path: Path | str,
    declared: Table,
    stamp: Mapping[str, Any],
    row_group_size: int | None = None,
) -> None:
    """Write a whole table (Arrow or pandas). Columns are selected, ordered and cast as declared.

    Raises `GlmError` if a column is missing or holds what cannot be cast.
    """
    if not isinstance(data, pa.Table):
        data = pa.Table.from_pandas(data, preserve_index=False)
    check_columns(data.schema.names, declared, path)
    decided = {
        column.name: data.schema.field(column.name).type
        for column in declared.columns
        if column.type is None
    }
    schema = open_schema(declared, stamp, **decided)
    try:
        data = data.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise GlmError(f"{path}: cannot be written as a {declared.name} table: {error}") from error
    with writing(path) as beside:
        pq.write_table(data, beside, compression=COMPRESSION, row_group_size=row_group_size)


def check_columns(names: Sequence[str], declared: Table, path: Path | str) -> None:
    """Raise `GlmError` naming the first declared column that is not among `names`."""
    for column in declared.columns:
        if column.name not in names:
            raise GlmError(
                f"{path}: no column {column.name!r} ({column.meaning}); a {declared.name} table "
                f"has {', '.join(c.name for c in declared.columns)}. Remove the file and run again"
            )


def open_file(path: Path | str, declared: Table) -> pq.ParquetFile:
    """Open a table for reading by row groups, its columns and their types checked.

    Raises `GlmError` if the file is missing, torn, no Parquet, or has other columns.
    """
    try:
        file = pq.ParquetFile(path)
    except FileNotFoundError as error:
        raise GlmError(f"{path}: no such file (a {declared.name} table was expected)") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise GlmError(
            f"{path}: not a whole Parquet file ({error}). Remove it and run again"
        ) from error
    schema = file.schema_arrow
    check_columns(schema.names, declared, path)
    for column in declared.columns:
        found = schema.field(column.name).type
        if column.type is not None and found != column.type:
            raise GlmError(
                f"{path}: column {column.name!r} is {found}, a {declared.name} table has "
                f"{column.type}. Remove the file and run again"
            )
    return file


def read(path: Path | str, declared: Table, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a whole table, or some of its columns, after checking it as `open_file` does."""
    return open_file(path, declared).read(columns=list(columns) if columns else None)


def read_stamp(path: Path | str) -> dict[str, Any]:
    """The stamp of a table; raises `GlmError` if it has none."""
    metadata = pq.read_schema(path).metadata or {}
    if STAMP_KEY not in metadata:
        raise GlmError(f"{path}: has no stamp, so it was not written by this pipeline")
    stamp: dict[str, Any] = json.loads(metadata[STAMP_KEY])
    return stamp


COUNTS_KEY = b"glm.counts"


def store_counts(writer: pq.ParquetWriter, counts: Mapping[str, int]) -> None:
    """Log what was read, skipped and written, and keep it in the table's metadata."""
    for name, count in counts.items():
        logging.info("%s: %s", name.replace("_", " "), f"{count:,}")
    writer.add_key_value_metadata({COUNTS_KEY: json.dumps(dict(counts)).encode()})


def read_counts(path: Path | str) -> dict[str, int]:
    """The counts that `store_counts` kept; empty if none."""
    counts: dict[str, int] = json.loads(
        (pq.read_metadata(path).metadata or {}).get(COUNTS_KEY, b"{}")
    )
    return counts
