"""Tables of embedded genomes, written genome by genome, and read again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from glm import tables
from glm.application.embedding import EmbeddedGenome
from glm.application.loading import TrainedModel
from glm.errors import GlmError
from glm.provenance import stamp
from glm.tables import GENE_COLUMNS, Table

ROWS_PER_GROUP, TABLES_PENDING = 4096, 64
OPTIONAL = {
    "context_only": ["context_only_embedding"],
    "candidates": [c.name for c in tables.EMBEDDED_GENES.columns if c.name.startswith("cand")],
}


def without(declared: Table, names: list[str]) -> Table:
    """A table without some of its columns."""
    return Table(declared.name, tuple(c for c in declared.columns if c.name not in names))


def vectors(values: np.ndarray) -> pa.FixedSizeListArray:
    """Rows of a matrix as a column of lists, which every reader of Parquet knows."""
    kind = pa.list_(pa.from_numpy_dtype(values.dtype), values.shape[1])
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), type=kind)


def gene_columns(genome: str, genes: pd.DataFrame) -> dict[str, pa.Array]:
    """What is known of the genes themselves, by column."""
    columns = {"genome": pa.array([genome] * len(genes))}
    for name, (kind, _) in GENE_COLUMNS.items():
        if name != "genome":
            columns[name] = pa.array(genes[name], kind, from_pandas=True)
    return columns


def label(gene: pd.Series) -> str:
    """What a gene is called for short: symbol, locus tag, else its name's last part."""
    for name in ("symbol", "locus_tag"):
        if isinstance(gene[name], str) and gene[name]:
            return gene[name]
    return str(gene["gene"]).rsplit("_", 1)[-1]


def gene_table(embedded: EmbeddedGenome) -> pa.Table:
    """An embedded genome as an `embedded_genes` table, with the columns that it has."""
    columns = gene_columns(embedded.name, embedded.genes)
    columns["protein_embedding"] = vectors(embedded.protein_embeddings)
    columns["contextual_embedding"] = vectors(embedded.contextual_embeddings)
    if embedded.context_only_embeddings is not None:
        columns["context_only_embedding"] = vectors(embedded.context_only_embeddings)
    if embedded.candidates is not None:
        found = embedded.candidates
        for name in ("gene", "contig", "rank"):
            values = embedded.genes[name].to_numpy()
            columns[f"candidate_{name}"] = pa.array(values[found.gene].tolist())
        columns["candidate_likelihood"] = pa.array(found.likelihood.tolist())
        columns["candidate_distance"] = pa.array(found.distance.tolist())
    return pa.table(columns)


def contig_table(embedded: EmbeddedGenome) -> pa.Table:
    """An embedded genome's contigs as an `embedded_contigs` table."""
    contigs, protein, contextual = embedded.contig_means()
    return pa.table(
        {
            "genome": pa.array([embedded.name] * len(contigs)),
            "contig": pa.array(contigs["contig"], pa.string()),
            "genes": pa.array(contigs["genes"], pa.int32()),
            "outside_training": pa.array(contigs["outside_training"]),
            "protein_embedding": vectors(protein),
            "contextual_embedding": vectors(contextual),
        }
    )


class Writer(tables.TableWriter):
    """A table that grows genome by genome; in memory is less than a row group of it.

    A row group for each of many small genomes would be slow to read, and its place in the footer,
    some 25 kB, stays in memory. So would a table's columns, which are merged now and then.
    """

    def __init__(
        self, path: Path, declared: Table, stamped: Mapping[str, Any], **types: pa.DataType
    ) -> None:
        """As `tables.TableWriter`."""
        super().__init__(path, declared, stamped, **types)
        self.pending: list[pa.Table] = []

    def write(self, rows: Any, row_group_size: int | None = None) -> None:
        """Add rows, cast to the declared types."""
        self.pending.append(rows.select(self.schema.names).cast(self.schema))
        if sum(map(len, self.pending)) >= ROWS_PER_GROUP:
            self.flush()
        elif len(self.pending) >= TABLES_PENDING:
            self.pending = [pa.concat_tables(self.pending).combine_chunks()]

    def flush(self) -> None:
        """Write what is pending as a row group."""
        if self.pending:
            super().write(pa.concat_tables(self.pending))
            self.pending.clear()

    def __exit__(self, kind: type[BaseException] | None, *about: Any) -> None:
        """Write what is pending, unless there was an error."""
        if kind is None:
            self.flush()
        super().__exit__(kind, *about)


def embedding_types(model: TrainedModel) -> dict[str, pa.DataType]:
    """Types of the columns of `embedded_genes` that a model decides."""
    hidden = pa.list_(pa.float32(), model.hidden_size)
    return {
        "protein_embedding": pa.list_(pa.float16(), model.directory.config.embedding_size),
        "contextual_embedding": hidden,
        "context_only_embedding": hidden,
    }


def genes_writer(path: Path, model: TrainedModel, parameters: Mapping[str, Any]) -> Writer:
    """A writer of `embedded_genes`; parameters: context_only and candidates, and what else."""
    left_out = [
        name for option, names in OPTIONAL.items() if not parameters[option] for name in names
    ]
    made = stamp("glm embed", parameters={**parameters, "model": model.directory.identity()})
    types = {k: v for k, v in embedding_types(model).items() if k not in left_out}
    return Writer(path, without(tables.EMBEDDED_GENES, left_out), made, **types)


def contigs_writer(path: Path, model: TrainedModel, parameters: Mapping[str, Any]) -> Writer:
    """A writer of `embedded_contigs`."""
    made = stamp("glm embed", parameters={**parameters, "model": model.directory.identity()})
    types = {
        "protein_embedding": pa.list_(pa.float32(), model.directory.config.embedding_size),
        "contextual_embedding": pa.list_(pa.float32(), model.hidden_size),
    }
    return Writer(path, tables.EMBEDDED_CONTIGS, made, **types)


def open_embedded(path: Path) -> tuple[pq.ParquetFile, dict[str, str]]:
    """An `embedded_genes` table and the identity of the model that made it.

    Raises `GlmError` if the file is none that `glm embed` wrote.
    """
    optional = [name for names in OPTIONAL.values() for name in names]
    file = tables.open_file(path, without(tables.EMBEDDED_GENES, optional))
    identity = tables.read_stamp(path)["parameters"].get("model")
    if not isinstance(identity, dict):
        raise GlmError(f"{path}: does not say which model made it; make it with `glm embed`")
    return file, identity


WHAT = {
    "glm": "another gLM",
    "protein_model": "another protein model (ESM-2)",
    "standardisation": "another standardisation",
}


def check_same_model(
    first: Path, one: Mapping[str, str], second: Path, other: Mapping[str, str], *parts: str
) -> None:
    """Raise `GlmError` naming in what two tables' models differ; parts: of `WHAT`, or all."""
    for part in parts or WHAT:
        if one[part] != other[part]:
            named = ""
            if part == "protein_model":
                named = f" ({one['protein_model_name']} and {other['protein_model_name']})"
            raise GlmError(
                f"{second}: of {WHAT[part]} than {first}{named}: {other[part][:12]}… is not "
                f"{one[part][:12]}…; embed both with one model"
            )
