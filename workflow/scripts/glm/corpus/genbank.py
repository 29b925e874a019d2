"""GenBank files, record by record: gb-io reads the table of features, which is the hard part.

The rest is read here, since gb-io refuses a whole file for what programs write around that table:
a LOCUS line with name and length run together (Prokka's long contigs), a date of another form, a
WGS master's lines. A feature that gb-io cannot read is left out alone.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import gb_io

from glm.corpus.coding import Coding, Contig, GenomeReading, Part, is_pseudo, number
from glm.corpus.fasta import as_text, read_lines
from glm.corpus.gene_calling import Calling
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError

HEADER = b"LOCUS       x 1 bp DNA linear UNK 01-JAN-1980\nFEATURES             Location/Qualifiers"
NO_NAMES = {".", "unknown", "<unknown", "xxx"}
"""What programs write where a record has no name: Biopython `<unknown id>`, ENA's forms XXX."""
FULL_LINE = 58
"""Characters from which on a wrapped line without a blank was cut inside a word."""


@dataclass
class Record:
    """The lines of one record by section, and what its header says."""

    header: dict[str, str] = field(default_factory=dict)
    features: list[list[bytes]] = field(default_factory=list)
    sequence: list[bytes] = field(default_factory=list)
    closed: bool = False


class Feature(NamedTuple):
    """A gene or CDS: its location as the file writes it and as gb-io reads it, its qualifiers."""

    kind: str
    where: str
    location: gb_io.Location
    notes: dict[str, str]

    @property
    def names(self) -> set[str]:
        """What a gene and its CDS have in common: the locus tag, or strand and both ends."""
        ends = re.findall(r"\d+", self.where)
        place = f"{'complement' in self.where}:{ends[:1]}..{ends[-1:]}"
        return {self.notes.get("locus_tag", ""), place} - {""}


def read_genbank(
    name: str, path: Path, calling: Calling | None = None, lines: Iterable[bytes] | None = None
) -> Genome:
    """Genes of a GenBank file: its CDS, with their translation, or translated.

    lines: of a file of another format, in GenBank's form.
    The genetic code is the one that the CDS has (transl_table), else that of `calling`. A CDS is a
    pseudogene by /pseudo or /pseudogene, its own or its gene's, whatever the value; pseudogenes are
    counted, and CDS that cannot be read are listed. Raises `GlmError` for a file that is no
    GenBank, for a contig listed twice, and if most CDS cannot be read.
    """
    reading = GenomeReading(name, path, (calling or Calling()).genetic_code)
    for count, record in enumerate(records(path, lines or read_lines(path)), 1):
        if (contig := contig_of(record, f"contig_{count}", path)) is None:
            reading.unreadable.append(f"record {count}: a protein (aa), not a genome")
            continue
        if contig.name in reading.contigs:
            raise GlmError(f"{path}: record {contig.name}: this contig is listed twice")
        reading.contigs[contig.name] = contig
        read_features(record, contig, reading)
    return reading.finish()


def records(path: Path, lines: Iterable[bytes]) -> Iterator[Record]:
    """Records of the lines of a file; raises `GlmError` if it has none."""
    record: Record | None = None
    section = ""
    for line in lines:
        keyword = line[:12].decode("latin-1")
        if keyword[:6].rstrip() == "LOCUS":
            if record is not None:
                yield record
            record, section = Record(), ""
        if record is None:
            if line.strip():
                raise GlmError(f"{path}: not a GenBank file, which begins with LOCUS")
            continue
        if keyword.startswith("//"):
            section, record.closed = "", True
        elif keyword[:1].strip():
            section = keyword.split()[0]
            record.header.setdefault(section, as_text(line[len(section) :]))
        elif section == "FEATURES" and line[:5] == b"     " and line[5:6].strip():
            record.features.append([line])
        elif section == "FEATURES" and record.features:
            record.features[-1].append(line)
        elif section == "ORIGIN":
            record.sequence.append(line)
    if record is None:
        raise GlmError(f"{path}: empty, not a single record")
    yield record


def contig_of(record: Record, otherwise: str, path: Path) -> Contig | None:
    """The contig of a record, under the first name that it has; None for a protein's record.

    Raises `GlmError` for a record that is cut off.
    """
    sequence = re.sub(rb"[^A-Za-z]", b"", b"".join(record.sequence)).upper().decode()
    words = record.header["LOCUS"].split()
    unit = next((i for i, word in enumerate(words) if word.lower() in ("bp", "aa")), 0)
    if words[unit : unit + 1] == ["aa"]:
        return None
    if unit > 1:
        locus, length = "_".join(words[: unit - 1]), words[unit - 1]
    else:  # no blank between name and length, or length and bp: the sequence says how long it is
        locus, length = "".join(words[:1]).removesuffix(str(len(sequence) or "")), ""
    declared = int(length) if length.isdecimal() else 1
    if not record.closed and len(sequence) < declared:
        where = f"{path}: record {locus or otherwise}"
        raise GlmError(f"{where}: cut off after {len(sequence)} bases, without a //")
    words_of = [record.header.get(key, "").split() for key in ("VERSION", "ACCESSION")]
    known = [names[0] for names in (*words_of, [locus]) if names and names[0]]
    return Contig(
        name=next((name for name in known if name.lower() not in NO_NAMES), otherwise),
        sequence=sequence,
        length=len(sequence) or declared,
        circular={"circular": True, "linear": False}.get(
            next((w.lower() for w in words[unit + 1 :] if w.lower() in ("circular", "linear")), "")
        ),
    )


def read_features(record: Record, contig: Contig, reading: GenomeReading) -> None:
    """Add the CDS of a record to a genome."""
    features = list(features_of(record, contig, reading))
    genes = [feature for feature in features if feature.kind == "gene"]
    pseudogenes = {name for gene in genes if is_pseudo(gene.notes) for name in gene.names}
    for feature in features:
        notes = feature.notes
        if feature.kind == "gene":
            continue
        if is_pseudo(notes) or pseudogenes & feature.names:
            reading.pseudogenes += 1
        else:
            label = notes.get("locus_tag") or notes.get("protein_id") or "without a name"
            with reading.reporting(f"CDS {label} of {contig.name}"):
                reading.add(coding(feature, f"{contig.name}_{len(reading.genes)}"), contig)


def features_of(record: Record, contig: Contig, reading: GenomeReading) -> Iterator[Feature]:
    """Genes and CDS of a record, each read alone; what gb-io cannot read is listed as left out."""
    for lines in record.features:
        kind = lines[0].split()[0].lower()
        if kind not in (b"cds", b"gene"):
            continue
        first = (number for number, line in enumerate(lines) if line.lstrip().startswith(b"/"))
        notes = next(first, len(lines))
        place = b"".join(b"".join(lines[:notes]).split()[1:])
        head = b"     %-16s%s" % (kind, place)
        text = as_text(b"\n".join([HEADER, head, *lines[notes:], b"//\n"]))
        try:
            [alone] = gb_io.load(io.BytesIO(text.encode()))
            for feature in alone.features:
                where = as_text(place)
                yield Feature(feature.kind, where, feature.location, qualifiers(feature))
        except (OSError, ValueError, RuntimeError):
            line = as_text(lines[0]).strip()
            reading.unreadable.append(f"{line} of {contig.name}: not a GenBank feature")


def qualifiers(feature: gb_io.Feature) -> dict[str, str]:
    """Qualifiers by name in small letters, the first of each (all of transl_except), their lines
    joined."""
    notes = {q.key.lower(): unwrap(q.key, q.value or "") for q in reversed(feature.qualifiers)}
    if "transl_except" in notes:
        every = [q.value or "" for q in feature.qualifiers if q.key.lower() == "transl_except"]
        notes["transl_except"] = ",".join(every)
    return notes


def unwrap(key: str, value: str) -> str:
    """A value of several lines as one.

    NCBI's programs cut a line at its last blank, which is lost; only a line without one is cut
    after a hyphen or comma, or inside a word where that does not help either.
    """
    lines = value.strip().split("\n")
    joined, first = lines[0], len(f'/{key}="')
    for before, line in itertools.pairwise(lines):
        one_word = " " not in before
        full = len(before) + first >= FULL_LINE
        inside = one_word and (full or before.endswith((",", "/")))
        hyphen = before.endswith("-") and not before.endswith(" -")
        joined = joined.rstrip() + ("" if inside or hyphen else " ") + line.strip()
        first = 0
    return joined


def coding(feature: Feature, name: str) -> Coding:
    """A CDS; raises `GlmError` for a codon_start that is none, and for what is no stretch of this
    contig: `10^11`, `one-of(…)`, another record's bases.

    gb-io ends its reading of a location where it does not understand it, and says nothing; it takes
    one-of and bond for join.
    """
    ranges = list(location_parts(feature.location))
    bases = {base for part, _ in ranges for base in (part.start + 1, part.end)}
    written = set(map(int, re.findall(r"-?\d+", feature.where)))
    if not ranges or bases != written or re.search("one-of|bond", feature.where):
        raise GlmError(f"its location ({feature.where}) is no stretch of the contig")
    frame = number(feature.notes, "codon_start", 1) - 1
    if frame not in range(3):
        raise GlmError(f"codon_start={frame + 1}, allowed are 1, 2 and 3")
    return Coding(
        name=name,
        parts=[Part(part.start, part.end, forward, frame) for part, forward in ranges],
        qualifiers=feature.notes,
        cut_left=any(part.before for part, _ in ranges),
        cut_right=any(part.after for part, _ in ranges),
    )


def location_parts(
    location: gb_io.Location, forward: bool = True
) -> Iterator[tuple[gb_io.Range, bool]]:
    """Ranges of a location in coding order, each with its strand; what is none is passed over.

    Raises `GlmError` for another record's bases.
    """
    if isinstance(location, gb_io.Range):
        yield location, forward
    elif isinstance(location, gb_io.Complement):
        inner = list(location_parts(location.location, not forward))
        yield from reversed(inner)
    elif isinstance(location, gb_io.Join | gb_io.Order):
        for part in location.locations:
            yield from location_parts(part, forward)
    elif isinstance(location, gb_io.External) and location.location is not None:
        raise GlmError(f"part of it lies on {location.accession}, another sequence")
