"""The sequences that are embedded: one for each cluster that a subcontig has a gene of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glm import database, logs, tables
from glm.corpus.fasta import Record, accession_number, clean_protein
from glm.corpus.sequences import fasta_paths, is_manifest, read_sequences
from glm.corpus.shard_cache import of_each_shard
from glm.corpus.text_blocks import query_blocks
from glm.errors import GlmError
from glm.files import remove

RECORDS_PER_BLOCK = 1 << 16
ROWS_PER_GROUP = 1 << 16
"""Of the table: a job reads the groups that its shard has rows of."""
RECORD = r"^(?:\n+$|>MGYP\d{1,18}(?:[ \t][^\n]*)?\n+[^\n])"
"""Or only blank lines, as before the first record."""
NUMBERED = r"""
    SELECT row, regexp_extract(text, '\d+')::BIGINT AS protein FROM block
    WHERE starts_with(text, '>')
"""
FOUND = pa.schema(
    [
        ("protein", pa.int64()),
        ("length", pa.int32()),
        ("sha256", pa.string()),
        ("sequence", pa.string()),
    ]
)


def needed_proteins(
    mapped_genes: Path, minimum_genes: int, maximum_genes: int, memory_mb: int, threads: int
) -> np.ndarray:
    """Representatives of the genes of windows that become subcontigs: sorted int64, 8 bytes each.

    A window is `maximum_genes` genes of a contig from its first on; those of fewer than
    `minimum_genes` are dropped, and what only they need is not embedded.
    """
    tables.check_whole(mapped_genes, tables.MAPPED_GENES)
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


def find_needed(shard: Path, output: Path, needed: np.ndarray) -> None:
    """Write the needed proteins (sorted numbers) of a FASTA file (`FOUND`)."""
    read = 0
    with pq.ParquetWriter(output, FOUND, compression="zstd") as writer:
        for block, records in query_blocks(shard, RECORD, NUMBERED, wrong_record, start=b">"):
            read += len(records)
            wanted = records.filter(pa.array(is_among(records["protein"].to_numpy(), needed)))
            texts = block.rows["text"].take(wanted["row"]).to_pylist()
            sequences = [clean_record(text, shard) for text in texts]
            writer.write_table(found_table(wanted["protein"].to_numpy(), sequences))
    if not read:
        raise GlmError(f"{shard}: empty, not a single record; fetch it again")


def clean_record(text: str, path: Path) -> str:
    """The residues of a record; raises what `clean_protein` raises."""
    header, _, sequence = text.partition("\n")
    record = Record(header[1:].split()[0], "", sequence.replace("\n", "").encode())
    return clean_protein(record, path)


def wrong_record(path: Path, line: int, text: str) -> GlmError:
    """What is wrong with a record."""
    record = text.lstrip("\n")
    header, _, sequence = record.partition("\n")
    where = f"{path}: line {line + len(text) - len(record)}"
    if not header.startswith(">"):
        return GlmError(f"{where}: {header[:20]!r} where a header (>name) should be; not FASTA")
    name = re.split("[ \t]", header[1:])[0]
    if not name:
        return GlmError(f"{where}: a header without a name")
    accession_number(name, where)
    if sequence.strip("\n"):
        return GlmError(f"{where}: record {name}: too long an accession")
    return GlmError(f"{where}: record {name}: no sequence; is the file cut off?")


def find_needed_in_table(proteins: Path, output: Path, needed: np.ndarray) -> None:
    """As `find_needed`, for a table of proteins."""
    with pq.ParquetWriter(output, FOUND, compression="zstd") as writer:
        rows = read_sequences(proteins)
        while block := list(islice(rows, RECORDS_PER_BLOCK)):
            numbers = np.array([number for number, _ in block], np.int64)
            wanted = np.flatnonzero(is_among(numbers, needed))
            writer.write_table(found_table(numbers[wanted], [block[i][1] for i in wanted.tolist()]))


def is_among(numbers: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Which numbers are among the needed ones (sorted, at least one)."""
    place = np.searchsorted(needed, numbers).clip(max=len(needed) - 1)
    return np.asarray(needed[place] == numbers)


def found_table(numbers: np.ndarray, sequences: list[str]) -> pa.Table:
    """Proteins with the lengths and hashes of their sequences."""
    hashes = [sha256(sequence.encode()).hexdigest() for sequence in sequences]
    lengths = [len(sequence) for sequence in sequences]
    return pa.table([numbers, lengths, hashes, sequences], schema=FOUND)


def refuse_doubles(shards: Sequence[Path], found: Sequence[Path]) -> int:
    """How many proteins were found; raises `GlmError` naming one that stands twice, and where."""
    numbers = [pq.read_table(path, columns=["protein"])["protein"].to_numpy() for path in found]
    together = np.sort(np.concatenate(numbers))
    twice = together[1:][together[1:] == together[:-1]]
    if len(twice):
        where = [str(s) for s, held in zip(shards, numbers, strict=True) if twice[0] in held]
        raise GlmError(
            f"{' and '.join(where)}: record MGYP{twice[0]:012d}: this accession stands twice in "
            "the sequences; fetch the release again"
        )
    return len(together)


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
    """Write the representatives that subcontigs need, sorted by length, then hash.

    So proteins of one sequence lie side by side, and are embedded once. One pass over the
    sequences; they are sorted on disk. What was found in good shards is kept when one is damaged.
    Needed proteins that no FASTA has are counted: their genes get the vector of ones. Raises
    `GlmError` if there is none at all, or one twice.
    """
    needed = needed_proteins(mapped_genes, minimum_genes, maximum_genes, memory_mb, threads)
    if not len(needed):
        raise GlmError(
            f"{mapped_genes}: no contig has {minimum_genes} genes whose proteins are in a cluster; "
            "are these the right contigs, and is corpus: minimum_genes what you want?"
        )
    work = output.with_name(f".{output.stem}.shards")
    is_release = is_manifest(sequences)
    shards = fasta_paths(sequences) if is_release else [sequences]
    find = find_needed if is_release else find_needed_in_table
    paths = of_each_shard(
        shards,
        work,
        lambda shard, file: find(shard, file, needed),
        threads,
        sha256(needed.tobytes()).hexdigest()[:16],
    )
    missing = len(needed) - refuse_doubles(shards, paths)
    with (
        database.connection(output.parent, memory_mb, threads) as connection,
        tables.TableWriter(output, tables.REPRESENTATIVES, stamp) as writer,
        logs.progress_bar(len(needed), "representatives") as bar,
    ):
        query = "SELECT * FROM read_parquet($found) ORDER BY length, sha256, protein"
        rows = residues = 0
        for batch in database.batches(
            connection, query, ROWS_PER_GROUP, found=[str(path) for path in paths]
        ):
            numbers = pa.array(np.arange(rows, rows + len(batch)), pa.int32())
            writer.write(batch.append_column("representative", numbers))
            rows += len(batch)
            residues += int(batch["length"].to_numpy().sum())
            bar.update(len(batch))
        writer.counts = {
            "representatives": rows,
            "residues": residues,
            "representatives_without_sequence": missing,
        }
    remove(work)
    return writer.counts
