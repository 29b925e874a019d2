"""GFF3 files with their sequences, as NCBI, Prodigal, Prokka and Bakta write them.

Read here, and not by gffutils (0.14) or BCBio-gff (0.7.1), since one row whose coordinates are no
numbers ends their reading of a file, the second refuses a FASTA that no ##FASTA announces, and
neither knows what a prokaryote's file needs: an end beyond a circular contig's length, the parent
gene's pseudo, Prodigal's genetic code in a comment, which end of a gene is cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from glm.corpus.coding import Coding, Contig, GenomeReading, Part, is_pseudo
from glm.corpus.fasta import as_text, parse_fasta, read_contigs, read_fasta, read_lines
from glm.corpus.gene_calling import Calling
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError

CODING = {"CDS", "SO:0000316"}
CODE = re.compile(r"transl_table=(\d+)")
OF_GTF = re.compile(r'\s*\w+\s+"')
CONTIG_OF_CODE = re.compile(r'seqhdr="([^"\s]*)')


class Row(NamedTuple):
    """A row: its line, the columns that are used, and its attributes."""

    line: int
    contig: str
    kind: str
    start: str
    end: str
    strand: str
    phase: str
    attributes: dict[str, str]


@dataclass
class Annotation:
    """What a GFF says: rows of CDS in the order of the file, and what bears on them."""

    coding: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    pseudo: set[str] = field(default_factory=set)
    circular: set[str] = field(default_factory=set)
    codes: dict[str, int] = field(default_factory=dict)
    bad_lines: list[str] = field(default_factory=list)
    sequences: list[bytes] = field(default_factory=list)

    def is_pseudogene(self, row: Row) -> bool:
        """Whether a CDS or anything that it is part of is marked as a pseudogene.

        It is part of its parents, of theirs, and of what has its locus tag.
        """
        above = [*names(row.attributes, "Parent"), *names(row.attributes, "locus_tag")]
        for name in above:  # which grows
            above += [each for each in self.parents.get(name, ()) if each not in above]
        return is_pseudo(row.attributes) or not self.pseudo.isdisjoint(above)

    def named(self, sequences: Mapping[str, str]) -> dict[str, str]:
        """Sequences under the names that the rows have for them.

        FASTA of NCBI's programs says `lcl|c1` or `gi|1|ref|NC_1.1|` where a GFF says c1 or NC_1.1,
        and a name may be percent-encoded in both.
        """
        of_rows = {row.contig: row.contig for rows in self.coding.values() for row in rows}
        accessions = {accession(contig): contig for contig in of_rows}
        renamed = {
            of_rows.get(name) or accessions.get(accession(name), name): sequence
            for name, sequence in sequences.items()
        }
        return renamed if len(renamed) == len(sequences) else dict(sequences)


def accession(name: str) -> str:
    """The last word of a name between bars."""
    return unquote(name).rstrip("|").rpartition("|")[2]


def read_annotation(path: Path) -> Annotation:
    """The rows, comments and sequences of a file; a row that is none is listed, not raised."""
    found = Annotation()
    lines = read_lines(path)
    contig = ""
    for number, line in enumerate(lines, 1):
        if line.startswith(b">") or line.strip() == b"##FASTA":
            found.sequences = [line] * line.startswith(b">")
            found.sequences += lines
            break
        text = as_text(line)
        if text.startswith("#"):
            if header := CONTIG_OF_CODE.search(text):
                contig = header[1]
            if contig and (code := CODE.search(text)):
                found.codes[contig] = int(code[1])
            continue
        if not text.strip():
            continue
        fields = text.rstrip("\n").split("\t")
        if len(fields) == 8:  # without attributes
            fields.append("")
        if len(fields) != 9:
            found.bad_lines.append(f"line {number}: {len(fields)} columns, GFF has 9, between tabs")
        elif OF_GTF.match(fields[8]):
            found.bad_lines.append(f'line {number}: key "value", as in GTF; GFF3 has key=value')
        else:
            add_row(found, number, fields)
    return found


def add_row(found: Annotation, number: int, fields: Sequence[str]) -> None:
    """Add a row to what a file says."""
    seqid, _, kind, start, end, _, strand, phase, column = (each.strip() for each in fields)
    attributes = {
        key.strip(): unquote(value).strip()
        for key, _, value in (item.partition("=") for item in column.split(";"))
        if key.strip()
    }
    contig = unquote("".join(seqid.split()[:1]))  # GeneMark writes the whole header
    row = Row(number, contig, kind, start, end, strand, phase, attributes)
    identifier, parent = attributes.get("ID", ""), attributes.get("Parent", "")
    if kind.upper() in CODING:
        # rows of one CDS share its ID; one ID on two contigs, or of two genes, is two CDS
        own = (identifier, parent) if identifier or parent else (str(number),)
        key = (row.contig, attributes.get("locus_tag", ""), *own)
        found.coding.setdefault(key, []).append(row)
        return
    if attributes.get("Is_circular", "").lower() == "true":
        found.circular.add(row.contig)
    found.parents[identifier] = names(attributes, "Parent")
    if kind.startswith("pseudogen") or is_pseudo(attributes):
        found.pseudo.update(names(attributes, "ID"), names(attributes, "locus_tag"))


def names(attributes: Mapping[str, str], key: str) -> list[str]:
    """The names in an attribute, none where it is missing."""
    return [name for name in attributes.get(key, "").split(",") if name]


def read_gff(name: str, path: Path, fasta: Path | None, calling: Calling | None = None) -> Genome:
    """Genes of a GFF3: its CDS, translated from its own sequences, else from those of `fasta`.

    The genetic code is the row's (transl_table), else that of Prodigal's comment on the contig,
    else that of `calling`. Pseudogenes are counted, CDS that cannot be read are listed. Raises
    `GlmError` where there is no sequence, and if most CDS cannot be read.
    """
    found = read_annotation(path)
    if found.sequences:
        sequences = found.named(read_contigs(parse_fasta(found.sequences, path), path))
    elif fasta is not None:
        sequences = found.named(read_contigs(read_fasta(fasta), fasta))
    else:
        raise GlmError(
            f"{path}: no sequence: list the FASTA of the same name ({name}.fna) beside it, or add "
            "a ##FASTA section"
        )
    reading = GenomeReading(name, path, (calling or Calling()).genetic_code)
    reading.unreadable += found.bad_lines
    reading.contigs = {
        contig: Contig(
            contig,
            sequence,
            len(sequence),
            contig in found.circular or None,
            found.codes.get(contig),
        )
        for contig, sequence in sequences.items()
    }
    for rows in found.coding.values():
        if any(found.is_pseudogene(row) for row in rows):
            reading.pseudogenes += 1
            continue
        first = rows[0]
        label = first.attributes.get("locus_tag") or first.attributes.get("ID") or "without a name"
        with reading.reporting(f"line {first.line}: CDS {label} of {first.contig}"):
            if (contig := reading.contigs.get(first.contig)) is None:
                raise GlmError(f"contig {first.contig} has no sequence")
            reading.add(coding(rows, first.contig), contig)
    return reading.finish()


def coding(rows: Sequence[Row], contig: str) -> Coding:
    """A CDS of its rows; raises `GlmError` for a bad strand, place or phase."""
    parts = sorted({part_of(row) for row in rows})
    notes = rows[0].attributes
    left, right = cut_ends(rows)
    return Coding(
        name=notes.get("ID")
        or notes.get("Name")
        or notes.get("Parent")
        or f"{contig}_line_{rows[0].line}",
        parts=parts if parts[0].forward else parts[::-1],
        qualifiers=notes,
        cut_left=left,
        cut_right=right,
    )


def part_of(row: Row) -> Part:
    """A row's stretch; raises `GlmError` for a strand, coordinates or a phase that are none."""
    if row.strand not in ("+", "-"):
        raise GlmError(f"strand {row.strand!r}, allowed are + and -")
    if not (row.start.isdecimal() and row.end.isdecimal() and int(row.start) and int(row.end)):
        raise GlmError(f"no coordinates from 1 on ({row.start!r}, {row.end!r})")
    if row.phase not in ("0", "1", "2", ".", ""):
        raise GlmError(f"phase {row.phase!r}, allowed are 0, 1, 2 and .")
    frame = int(row.phase) if row.phase.isdecimal() else 0
    return Part(int(row.start) - 1, int(row.end), row.strand == "+", frame)


def cut_ends(rows: Sequence[Row]) -> tuple[bool | None, bool | None]:
    """At which ends a gene is cut: Prodigal's partial=10, NCBI's start_range and end_range.

    NCBI's start_range is of the lower coordinate, end_range of the higher (`.,2` and `124,.`).
    """
    notes: dict[str, str] = {}
    for row in rows:
        notes = {**row.attributes, **notes}
    partial = notes.get("partial", "")
    if re.fullmatch("[01]{2}", partial):
        return partial[0] == "1", partial[1] == "1"
    left, right = "start_range" in notes, "end_range" in notes
    if partial.lower() == "true" and not (left or right):
        return None, None
    return left, right
