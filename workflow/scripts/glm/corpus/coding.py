"""Where a coding sequence lies on its contig, and the protein that it codes for.

The readers of GenBank and GFF describe a CDS as `Coding`, so that one gene gets the same place and
protein from both. A gene over the origin of a circular contig has the coordinates of GFF3: it
starts where it starts, and its end is counted on beyond the contig's length. It stands last.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from glm.corpus.fasta import RESIDUES
from glm.corpus.genetic_code import codons, residue, translate
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.errors import GlmError

COMPLEMENT = str.maketrans("ACGTRYKMBDHVU", "TGCAYRMKVHDBA")
EXCEPTION = re.compile(r"pos:(.*?),\s*aa:(\w+)", re.DOTALL)


class Part(NamedTuple):
    """A stretch of a coding sequence: 0-based, half-open, and whether on the forward strand.

    frame: bases before its first whole codon; it matters for the part at the 5' end.
    """

    start: int
    end: int
    forward: bool
    frame: int = 0


@dataclass(frozen=True)
class Contig:
    """A contig and its nucleotides in upper case, which a GenBank record may leave out.

    circular: None where the file does not say. code: the genetic code that the file says it has.
    """

    name: str
    sequence: str
    length: int
    circular: bool | None
    code: int | None = None


@dataclass(frozen=True)
class Coding:
    """A CDS as its file describes it; `parts` are in coding order, origin of a circle apart.

    cut_left, cut_right: whether the gene is cut at its lower or higher coordinate; None where the
    file says that it is cut, and not where.
    """

    name: str
    parts: Sequence[Part]
    qualifiers: Mapping[str, str]
    cut_left: bool | None
    cut_right: bool | None

    @property
    def cut_start(self) -> bool:
        """Whether its first codon is no start codon; so too where the file does not say."""
        return (self.cut_left if self.parts[0].forward else self.cut_right) is not False

    @property
    def partial(self) -> str | None:
        """Prodigal's code of the ends at which it is cut; None where the file does not say."""
        if self.cut_left is None or self.cut_right is None:
            return None
        return f"{self.cut_left:d}{self.cut_right:d}"


def unroll(parts: Sequence[Part], contig: Contig) -> list[Part]:
    """Parts in coding order, those after the origin of a circular contig moved on by its length.

    Parts in the order of their coordinates may be those of a gene over the origin: they begin
    after the widest gap between them on the circle. So they do where a file does not say that the
    contig is a circle, if they stand at both ends of it and far apart. They begin within the contig
    and are no longer than it. Raises `GlmError` for parts that are, for a part outside the contig,
    and for one over the end of a contig that is not circular.
    """
    whole = [on_contig(part, contig) for part in parts]
    ascending = whole if whole[0].forward else whole[::-1]
    turns = range(len(whole)) if ascending == sorted(ascending) else range(1)
    turned = [moved_on(ascending[turn:] + ascending[:turn], contig.length) for turn in turns]
    shortest = min(turned, key=span)
    at_both_ends = span(whole) == contig.length
    trans_spliced = len({part.forward for part in whole}) > 1  # its parts lie far apart
    longest = span(whole) * (1 if contig.circular else 0.5 * at_both_ends)
    if span(shortest) < longest and not trans_spliced:
        whole = shortest if whole[0].forward else shortest[::-1]
    if span(whole) > contig.length:
        raise GlmError("its parts lie around the contig more than once")
    return whole


def on_contig(part: Part, contig: Contig) -> Part:
    """A part that starts on its contig, and ends beyond it if it passes the origin."""
    start, end, length = part.start, part.end, contig.length
    over_origin = end <= start or end > length
    if over_origin and not (contig.circular or (contig.circular is None and end <= start)):
        raise GlmError(
            f"{start + 1}..{end} is not within 1..{length}, and nothing says that the contig is "
            "circular"
        )
    rounds = length * (length <= start < end)  # GFF3 counts on beyond the origin
    end += length * (end <= start) - rounds
    start -= rounds
    if not (0 <= start < length and end <= start + length):
        raise GlmError(f"{part.start + 1}..{part.end} is not on the contig of 1..{length}")
    return part._replace(start=start, end=end)


def moved_on(parts: Sequence[Part], length: int) -> list[Part]:
    """Parts that follow each other around a circle, each moved on past the one before."""
    moved, turns = [parts[0]], 0
    for before, part in itertools.pairwise(parts):
        turns += length * (part.start < before.start)
        moved.append(part._replace(start=part.start + turns, end=part.end + turns))
    return moved


def span(parts: Sequence[Part]) -> int:
    """Bases from the lowest to the highest of the parts."""
    return max(part.end for part in parts) - min(part.start for part in parts)


def coding_sequence(sequence: str, parts: Sequence[Part]) -> str:
    """Nucleotides of a CDS, in coding order and direction; unrolled parts may pass the origin."""
    pieces = []
    for start, end, forward, _ in parts:
        around = sequence if end <= len(sequence) else sequence + sequence
        piece = around[start:end]
        pieces.append(piece if forward else piece.translate(COMPLEMENT)[::-1])
    return "".join(pieces)


def exceptions(transl_except: str, parts: Sequence[Part], length: int) -> dict[int, str]:
    """Residue by the offset of its codon in the coding sequence, of a `transl_except`.

    `(pos:214..216,aa:Sec)`, `(pos:complement(4..6),aa:Pyl)`, any number of them. Raises `GlmError`
    for a codon that is not in the CDS.
    """
    found = {}
    for where, letters in EXCEPTION.findall(transl_except):
        bases = [int(base) - 1 for base in re.findall(r"\d+", where)]
        offset = 0
        for start, end, forward, _ in parts:
            first = bases[0] if forward else bases[-1]
            first += length * (first < start)
            if start <= first < end:
                found[offset + (first - start if forward else end - 1 - first)] = residue(letters)
                break
            offset += end - start
        else:
            raise GlmError(f"transl_except {where} is not in the CDS")
    return found


def protein_of(coding: Coding, parts: Sequence[Part], contig: Contig, code: int) -> str:
    """The protein of a CDS: the file's own translation, or translated; without the final stop.

    Raises `GlmError` for a genetic code that NCBI does not have, for a CDS without a sequence or
    with a stop inside, and for residues that ESM-2's alphabet does not have.
    """
    protein = "".join(coding.qualifiers.get("translation", "").split()).upper()
    if not protein:
        if not contig.sequence:
            raise GlmError("no translation, and no sequence for it")
        code = number(coding.qualifiers, "transl_table", contig.code or code)
        try:
            codons(code)
        except KeyError:
            raise GlmError(f"transl_table {code} is no genetic code of NCBI") from None
        protein = translate(
            coding_sequence(contig.sequence, parts),
            parts[0].frame,
            coding.cut_start,
            code,
            exceptions(coding.qualifiers.get("transl_except", ""), parts, contig.length),
        )
    protein = protein.removesuffix("*")
    if "*" in protein:
        raise GlmError(f"a stop (*) inside, at residue {protein.index('*') + 1}, by code {code}")
    if illegal := protein.encode().translate(None, RESIDUES):
        raise GlmError(f"residue {illegal.decode()[0]!r}, which ESM-2 does not know")
    if not protein.strip("X"):
        raise GlmError("not one residue is known")
    return protein


def is_pseudo(qualifiers: Mapping[str, str]) -> bool:
    """Whether a gene or CDS is marked as a pseudogene, with whatever value."""
    return "pseudo" in qualifiers or "pseudogene" in qualifiers


def number(qualifiers: Mapping[str, str], key: str, default: int) -> int:
    """A qualifier that is a number; raises `GlmError` for one that is none."""
    value = qualifiers.get(key, "") or str(default)
    if not value.isdecimal():
        raise GlmError(f"{key}={value} is no number")
    return int(value)


@dataclass
class GenomeReading:
    """A genome while its file is read: one CDS that cannot be read does not cost the others."""

    name: str
    path: Path
    code: int
    contigs: dict[str, Contig] = field(default_factory=dict)
    genes: list[Gene] = field(default_factory=list)
    proteins: list[Protein] = field(default_factory=list)
    pseudogenes: int = 0
    unreadable: list[str] = field(default_factory=list)

    @contextmanager
    def reporting(self, what: str) -> Iterator[None]:
        """What raises `GlmError` in it is listed as left out, with the reason."""
        try:
            yield
        except GlmError as error:
            self.unreadable.append(f"{what}: {error}")

    def add(self, coding: Coding, contig: Contig) -> None:
        """Add a CDS as a gene and its protein; raises `GlmError` if it cannot be read."""
        parts = unroll(coding.parts, contig)
        sequence = protein_of(coding, parts, contig, self.code)
        notes = coding.qualifiers
        self.proteins.append(
            Protein(
                accession=notes.get("protein_id") or notes.get("locus_tag") or coding.name,
                sequence=sequence,
                symbol=notes.get("gene") or None,
                locus_tag=notes.get("locus_tag") or None,
                product=notes.get("product") or None,
            )
        )
        self.genes.append(
            Gene(
                contig=contig.name,
                protein=len(self.proteins) - 1,
                start=min(part.start for part in parts) + 1,
                end=min(part.start for part in parts) + span(parts),
                forward=parts[0].forward,
                partial=coding.partial,
            )
        )

    def finish(self) -> Genome:
        """The genome; raises `GlmError` if more CDS were left out than could be read."""
        if len(self.unreadable) > len(self.genes):
            every = len(self.unreadable) + len(self.genes)
            raise GlmError(
                f"{self.path}: {len(self.unreadable)} of {every} CDS cannot be read; the first: "
                f"{self.unreadable[0]}"
            )
        with_genes = {gene.contig for gene in self.genes}
        without = [name for name in self.contigs if name not in with_genes]
        return Genome(
            self.name, self.genes, self.proteins, without,
            pseudogenes=self.pseudogenes, unreadable=self.unreadable,
        )  # fmt: skip
