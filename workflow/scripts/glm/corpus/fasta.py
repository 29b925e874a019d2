"""FASTA files, plain or compressed, record by record, and the residues that ESM-2 knows."""

from __future__ import annotations

import bz2
import codecs
import gzip
import itertools
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from glm import tables
from glm.errors import GlmError

BATCH = 50_000  # sequences written at a time
RESIDUES = b"ACDEFGHIKLMNPQRSTVWYUZOBX"
"""ESM-2's alphabet: the 20 amino acids, and U, Z, O, B, X, which have tokens of their own."""

NUCLEOTIDES = b"ACGTUNRYSWKMBDHV"
OPENERS: dict[str, Callable[..., IO[Any]]] = {
    ".gz": gzip.open,
    ".bgz": gzip.open,  # bgzip's blocks are members of one gzip file
    ".xz": lzma.open,
    ".bz2": bz2.open,
}
OTHER_FILES = {
    b"\x1f\x8b": "compressed by gzip, and its name does not say so; add .gz to its name",
    b"BZh": "compressed by bzip2, and its name does not say so; add .bz2 to its name",
    b"\xfd7zXZ": "compressed by xz, and its name does not say so; add .xz to its name",
    b"PK\x03\x04": "a zip archive; unpack it",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
"""First bytes of files that are not the text that their names promise, and what to do."""

TORN = (EOFError, zlib.error, OSError, lzma.LZMAError)
"""What damaged files raise; an OSError with a number is the disk's or the system's (`torn`)."""


class Record(NamedTuple):
    """One record: the first word of its header, the rest of it, and its sequence as it stands."""

    name: str
    description: str
    sequence: bytes


def opener(path: Path) -> Callable[..., IO[Any]]:
    """What opens a file, by its suffix in whatever case."""
    return OPENERS.get(path.suffix.lower(), open)


def read_lines(path: Path | str) -> Iterator[bytes]:
    """Lines of a file, decompressed by its suffix, without their ends (LF, CR LF or CR alone).

    A byte order mark of UTF-8 is left out. Raises `GlmError` naming the file if it is missing, or
    not what its suffix says, and the line from which on it is truncated.
    """
    path = Path(path)
    try:
        with opener(path)(path, "rb") as handle:
            for line in itertools.chain(first_line(handle, path), handle):
                text = line.rstrip(b"\r\n")
                if b"\r" in text:
                    yield from text.split(b"\r")
                else:
                    yield text
    except FileNotFoundError as error:
        raise GlmError(f"{path}: no such file") from error
    except TORN as error:
        raise torn(path, error) from None


def as_text(line: bytes) -> str:
    """A line as UTF-8, else as Latin-1, in which older annotations have their names."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def first_line(handle: IO[bytes], path: Path) -> Iterator[bytes]:
    """The first line, if there is one; raises `GlmError` if it begins as text never does."""
    for line in itertools.islice(handle, 1):
        for start, what in OTHER_FILES.items():
            if line.startswith(start):
                raise GlmError(f"{path}: {what}")
        yield line.removeprefix(codecs.BOM_UTF8)


def torn(path: Path, error: Exception) -> Exception:
    """What to raise for a file that cannot be read to its end: where, why, and what to do.

    The file is read again to count its lines, since a reader loses what it decompressed of the
    block before the damage. A checksum is looked at last, and says only that there is damage. An
    error of the disk or the system is given back.
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error
    lines = last_readable_line(path)
    with path.open("rb") as handle:
        begin = handle.read(max(map(len, OTHER_FILES)))
    if not lines and not begin.startswith(tuple(OTHER_FILES)):
        return GlmError(
            f"{path}: not compressed, whatever its name says; take {path.suffix} off the name, or "
            "fetch it again"
        )
    where = f"line {lines + 1}: truncated or damaged from here on"
    if isinstance(error, gzip.BadGzipFile) and ("CRC" in str(error) or "length" in str(error)):
        where = f"damaged somewhere in its first {lines:,} lines"
    return GlmError(f"{path}: {where} ({error}); fetch or copy it again")


def last_readable_line(path: Path) -> int:
    """Lines of a damaged file that can be read whole."""
    lines = 0
    with opener(path)(path, "rb") as handle:
        try:
            for text in handle:
                lines += text.endswith(b"\n")
        except TORN:
            pass
    return lines


def read_fasta(path: Path | str) -> Iterator[Record]:
    """Records of a FASTA file; raises what `parse_fasta` does."""
    return parse_fasta(read_lines(path), path)


def parse_fasta(lines: Iterable[bytes], path: Path | str) -> Iterator[Record]:
    """Records of the lines of a FASTA file.

    Raises `GlmError` naming the file and the record for an empty file, text before the first
    header, a header without a name, and a record without a sequence.
    """
    header: bytes | None = None
    parts: list[bytes] = []
    for number, line in enumerate(lines, 1):
        if line.startswith(b">"):
            if header is not None:
                yield make_record(path, header, parts)
            header, parts = line[1:].strip(), []
            if not header:
                raise GlmError(f"{path}: line {number}: a header without a name")
        elif header is None and line.strip():
            start = line[:20].decode("utf-8", "replace")
            raise GlmError(
                f"{path}: line {number}: {start!r} where a header (>name) should be; not FASTA"
            )
        else:
            parts.append(line)
    if header is None:
        raise GlmError(f"{path}: empty, not a single record; fetch or write it again")
    yield make_record(path, header, parts)


def make_record(path: Path | str, header: bytes, parts: list[bytes]) -> Record:
    """A record of its header and lines; raises `GlmError` if there is no sequence.

    The name ends at the first white space, of ASCII's; white space in the sequence is layout.
    """
    name, *rest = (word.decode("utf-8", "replace") for word in header.split(maxsplit=1))
    if "\ufffd" in name:
        raise GlmError(f"{path}: record {name}: its name is not UTF-8; write it in ASCII or UTF-8")
    sequence = b"".join(parts).translate(None, b" \t")
    if not sequence:
        raise GlmError(f"{path}: record {name}: no sequence; is the file cut off?")
    return Record(name, "".join(rest), sequence)


def read_contigs(records: Iterable[Record], path: Path) -> dict[str, str]:
    """Nucleotides by contig name, in upper case, RNA's U as T.

    Raises `GlmError` for a contig listed twice and for anything that is no nucleotide.
    """
    contigs: dict[str, str] = {}
    for record in records:
        sequence = record.sequence.upper().replace(b"U", b"T")
        if illegal := sequence.translate(None, NUCLEOTIDES):
            raise GlmError(
                f"{path}: record {record.name}: {chr(illegal[0])!r} is no nucleotide; a genome is "
                "wanted here, not proteins"
            )
        if record.name in contigs:
            raise GlmError(
                f"{path}: record {record.name}: this contig is listed twice; a name ends at the "
                "first blank"
            )
        contigs[record.name] = sequence.decode("ascii")
    return contigs


def clean_protein(record: Record, path: Path | str) -> str:
    """Residues of a record in upper case, without the stop at the end.

    Raises `GlmError` naming the residue, its place, the record and the file for a stop (`*`)
    inside, and for anything that ESM-2's alphabet has not.
    """
    sequence = record.sequence.upper().removesuffix(b"*")
    if illegal := sequence.translate(None, RESIDUES):
        residue = illegal[:1]
        raise GlmError(
            f"{path}: record {record.name}: residue {residue.decode('utf-8', 'replace')!r} at "
            f"{sequence.index(residue) + 1}; allowed are {RESIDUES.decode()}, and a stop (*) at "
            "the end. Fix or remove the record"
        )
    if not sequence:
        raise GlmError(f"{path}: record {record.name}: no residue but a stop; remove the record")
    return sequence.decode("ascii")


def accession_number(name: str, path: Path | str) -> int:
    """Digits of a protein's accession, such as MGYP000000000001.

    Raises `GlmError` naming file and record for anything else.
    """
    digits = name.removeprefix("MGYP")
    if digits == name or not (digits.isascii() and digits.isdigit()):
        raise GlmError(f"{path}: record {name}: the accession is not MGYP and digits")
    return int(digits)


def write_fasta(
    path: Path,
    declared: tables.Table,
    identifier: str,
    fasta: Path,
    shard: int = 0,
    shards: int = 1,
) -> int:
    """Write a table's sequences as FASTA, headed by `identifier`; returns how many.

    Of several shards one has every `shards`-th identifier, a number. Raises `GlmError` for a table
    without rows.
    """
    written = 0
    file = tables.open_file(path, declared)
    if not file.metadata.num_rows:
        raise GlmError(f"{path}: holds no protein; look at the log of the rule that wrote it")
    with fasta.open("w") as handle:
        for batch in file.iter_batches(BATCH, columns=[identifier, "sequence"]):
            for name, sequence in zip(*(column.to_pylist() for column in batch), strict=True):
                if shards == 1 or name % shards == shard:
                    handle.write(f">{name}\n{sequence}\n")
                    written += 1
    return written
