"""The sequences that are embedded: one for each cluster that a subcontig has a gene of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm import database, logs, tables
from glm.corpus.fasta import accession_number, clean_protein, read_fasta
from glm.corpus.rows import CountedWriter
from glm.corpus.sequences import fasta_paths, is_manifest, read_sequences
from glm.errors import GlmError

RECORDS_PER_BLOCK = 1 << 16
FOUND = pa.schema([("protein", pa.int64()), ("length", pa.int32()), ("sequence", pa.string())])


def needed_proteins(
    mapped_genes: Path, minimum_genes: int, maximum_genes: int, memory_mb: int, threads: int
) -> np.ndarray:
    """Representatives of the genes of windows that become subcontigs: sorted int64, 8 bytes each.

    A window is `maximum_genes` genes of a contig from its first on; those of fewer than
    `minimum_genes` are dropped, and what only they need is not embedded.
    """
    tables.open_file(mapped_genes, tables.MAPPED_GENES).close()
    query = """
        WITH genes AS (SELECT *, rank // $maximum AS part FROM read_parquet($mapped_genes)),
        kept AS (SELECT contig, part FROM genes GROUP BY ALL HAVING count(*) >= $minimum)
        SELECT DISTINCT cluster FROM genes SEMI JOIN kept USING (contig, part)
        WHERE cluster IS NOT NULL ORDER BY cluster
    """
    with database.connection(mapped_genes.parent, memory_mb, threads) as connection:
        result = database.batches(
            connection,
            query,
            mapped_genes=str(mapped_genes),
            minimum=minimum_genes,
            maximum=maximum_genes,
        )
        parts = [batch["cluster"].to_numpy() for batch in result]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def needed_blocks(
    sequences: Path, needed: np.ndarray, found: np.ndarray
) -> Iterator[tuple[list[int], list[str]]]:
    """Numbers and clean sequences of needed proteins, in the order of the source, in blocks.

    `found` (bool, aligned with `needed`) is ticked off. Raises `GlmError` for a duplicated
    accession among those needed, and what the readers raise.
    """
    if is_manifest(sequences):
        for fasta in fasta_paths(sequences):
            records = read_fasta(fasta)
            while block := list(islice(records, RECORDS_PER_BLOCK)):
                numbers = [accession_number(record.name, "MGYP", fasta) for record in block]
                wanted = tick_off(numbers, needed, found, fasta)
                yield (
                    [numbers[i] for i in wanted],
                    [clean_protein(block[i], fasta) for i in wanted],
                )
    else:
        proteins = read_sequences(sequences)
        while rows := list(islice(proteins, RECORDS_PER_BLOCK)):
            wanted = tick_off([number for number, _ in rows], needed, found, sequences)
            yield [rows[i][0] for i in wanted], [rows[i][1] for i in wanted]


def tick_off(numbers: list[int], needed: np.ndarray, found: np.ndarray, path: Path) -> list[int]:
    """Indices of a block's needed proteins, ticked off in `found`."""
    block = np.asarray(numbers, np.int64)
    place = np.searchsorted(needed, block).clip(max=max(len(needed) - 1, 0))
    wanted = np.flatnonzero(needed[place] == block) if len(needed) else np.empty(0, np.int64)
    places = place[wanted]
    again = found[places]
    if len(np.unique(places)) < len(places):
        _, first = np.unique(places, return_index=True)
        again = again.copy()
        again[np.setdiff1d(np.arange(len(places)), first)] = True
    if again.any():
        number = numbers[int(wanted[again.argmax()])]
        raise GlmError(
            f"{path}: record MGYP{number:012d}: this accession stands twice in the sequences; "
            "fetch the release again"
        )
    found[places] = True
    return [int(index) for index in wanted]


def write_representatives(
    sequences: Path,
    mapped_genes: Path,
    output: Path,
    stamp: Mapping[str, Any],
    *,
    minimum_genes: int,
    maximum_genes: int,
    memory_mb: int,
    threads: int,
) -> dict[str, int]:
    """Write the representatives that subcontigs need, sorted by length (then protein).

    One pass over the sequences; they are sorted on disk. Needed proteins that no FASTA has are
    counted: their genes get the vector of ones. Raises `GlmError` if there is none at all.
    """
    needed = needed_proteins(mapped_genes, minimum_genes, maximum_genes, memory_mb, threads)
    if not len(needed):
        raise GlmError(
            f"{mapped_genes}: no contig has {minimum_genes} genes whose proteins are in a cluster; "
            "are these the right contigs, and is corpus: minimum_genes what you want?"
        )
    found = np.zeros(len(needed), dtype=bool)
    with tempfile.TemporaryDirectory(prefix=".representatives.", dir=output.parent) as folder:
        unsorted = Path(folder, "found.parquet")
        with (
            pq.ParquetWriter(unsorted, FOUND, compression="zstd") as writer,
            logs.progress_bar(len(needed), "representatives") as bar,
        ):
            for numbers, residues in needed_blocks(sequences, needed, found):
                writer.write_table(
                    pa.table([numbers, [len(text) for text in residues], residues], schema=FOUND)
                )
                bar.update(len(numbers))
        with (
            database.connection(output.parent, memory_mb, threads) as connection,
            CountedWriter(output, tables.REPRESENTATIVES, stamp) as sorted_writer,
        ):
            query = "SELECT * FROM read_parquet($unsorted) ORDER BY length, protein"
            rows = residues_written = 0
            for batch in database.batches(connection, query, unsorted=str(unsorted)):
                sorted_writer.write(
                    {
                        "representative": np.arange(rows, rows + len(batch), dtype=np.int32),
                        "protein": batch["protein"],
                        "length": batch["length"],
                        "sha256": [
                            sha256(text.encode()).hexdigest()
                            for text in batch["sequence"].to_pylist()
                        ],
                        "sequence": batch["sequence"],
                    }
                )
                rows += len(batch)
                residues_written += int(batch["length"].to_numpy().sum())
            sorted_writer.counts = {
                "representatives": rows,
                "residues": residues_written,
                "representatives_without_sequence": int((~found).sum()),
            }
    return sorted_writer.counts
