"""The user's own genomes: FASTA (genes are called), GenBank, or GFF with its FASTA."""

from __future__ import annotations

import functools
import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import gb_io

from glm.corpus.fasta import OPENERS, Record, clean_protein, read_fasta, read_lines
from glm.corpus.gene_calling import Calling, call_genes
from glm.corpus.genetic_code import CODONS, translate
from glm.corpus.genome_tables import Gene, Genome, Protein
from glm.errors import GlmError

FASTA, GENBANK, GFF = (
    {".fna", ".fa", ".fasta", ".fas", ".fsa"},
    {".gb", ".gbk", ".gbf", ".gbff", ".genbank"},
    {".gff", ".gff3"},
)
GENES_ALONE = {".ffn": "genes' nucleotides", ".faa": "proteins"}
ACCESSION = re.compile(r"GC[AF]_\d+\.\d+")
NUCLEOTIDES = b"ACGTUNRYSWKMBDHV"
COMPLEMENT = str.maketrans("ACGTRYKMBDHVU", "TGCAYRMKVHDBA")


def suffix_and_stem(path: Path) -> tuple[str, str]:
    """The suffix that tells the format, and the name without it and without `.gz` and its like.

    NCBI Datasets calls every genome's files `genomic`, in a folder of the genome's accession, its
    FASTA apart (`ACCESSION_ASSEMBLY_genomic`): their name is the folder's.
    """
    bare = path.with_suffix("") if path.suffix.lower() in OPENERS else path
    folder = path.absolute().parent.name
    of_datasets = ACCESSION.fullmatch(folder) and bare.stem.startswith(f"{folder}_")
    if bare.stem == "genomic" or (of_datasets and bare.stem.endswith("_genomic")):
        return bare.suffix.lower(), folder or bare.stem
    return bare.suffix.lower(), bare.stem


def read_genomes(paths: Sequence[Path], calling: Calling | None = None) -> Iterator[Genome]:
    """Genomes of files: a GFF is paired with the FASTA of its name, or carries its own.

    Raises `GlmError` naming the file whose format is not known or whose partner is missing.
    """
    for _, read in genome_readers(paths, calling):
        yield read()


def genome_readers(
    paths: Sequence[Path], calling: Calling | None = None
) -> Iterator[tuple[Path, Callable[[], Genome]]]:
    """The file of each genome and what reads it; only reading a bad file raises `GlmError`."""
    fastas = {suffix_and_stem(p)[1]: p for p in reversed(paths) if suffix_and_stem(p)[0] in FASTA}
    annotated = {suffix_and_stem(p)[1] for p in paths if suffix_and_stem(p)[0] in GFF}
    for path in paths:
        suffix, stem = suffix_and_stem(path)
        if suffix in FASTA:
            if stem not in annotated:
                yield path, functools.partial(call_genome, stem, path, calling)
        elif suffix in GENBANK:
            yield path, functools.partial(read_genbank, stem, path, calling)
        elif suffix in GFF:
            yield path, functools.partial(read_gff, stem, path, fastas.get(stem), calling)
        else:
            yield path, functools.partial(refuse_format, path)


def refuse_format(path: Path) -> Genome:
    """Raise `GlmError` for a file whose format nobody knows."""
    suffix = suffix_and_stem(path)[0]
    if suffix in GENES_ALONE:
        raise GlmError(f"{path}: {GENES_ALONE[suffix]}, not a genome; give its contigs")
    known, compressed = (" ".join(sorted(names)) for names in (FASTA | GENBANK | GFF, OPENERS))
    raise GlmError(f"{path}: what format is {suffix!r}? Known are {known} (also {compressed})")


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
            raise GlmError(f"{path}: record {record.name}: this contig is listed twice")
        contigs[record.name] = sequence.decode("ascii")
    return contigs


def call_genome(name: str, path: Path, calling: Calling | None = None) -> Genome:
    """Genes of a FASTA, called with pyrodigal; one that is mostly N is left out."""
    contigs = read_contigs(read_fasta(path), path)
    genes: list[Gene] = []
    proteins: list[Protein] = []
    unreadable: list[str] = []
    for contig, called in zip(contigs, call_genes(list(contigs.values()), calling), strict=True):
        for number, gene in enumerate(called, 1):
            record = Record(f"{contig}_{number}", "", gene.protein.encode())
            unknown, length = gene.protein.count("X"), len(gene.protein)
            if 2 * unknown > length:
                unreadable.append(f"{record.name}: {unknown} of its {length} residues are unknown")
                continue
            proteins.append(Protein(record.name, clean_protein(record, path)))
            genes.append(
                Gene(contig, len(proteins) - 1, gene.start, gene.end, gene.forward, gene.partial)
            )
    with_genes = {gene.contig for gene in genes}
    without_genes = [contig for contig in contigs if contig not in with_genes]
    return Genome(name, genes, proteins, without_genes, unreadable=unreadable)


def read_genbank(name: str, path: Path, calling: Calling | None = None) -> Genome:
    """Genes of a GenBank file: its CDS, with their translation, or translated.

    The genetic code is the one that the CDS names (transl_table), else that of `calling`.

    Pseudogenes are left out and counted. Raises `GlmError` for a file that is no GenBank, for a
    contig listed twice and for a CDS of a record without a sequence.
    """
    text = b"\n".join(read_lines(path)).strip()
    if not text:
        raise GlmError(f"{path}: empty, not a single record")
    try:
        records = gb_io.load(io.BytesIO(text + b"\n"))
    except (OSError, ValueError, RuntimeError) as error:
        raise GlmError(f"{path}: not a GenBank file ({error})") from error
    genes: list[Gene] = []
    proteins: list[Protein] = []
    seen: set[str] = set()
    pseudogenes = 0
    for record in records:
        contig = record.version or record.accession or record.name or ""
        if contig in seen:
            raise GlmError(f"{path}: record {contig}: this contig is listed twice")
        seen.add(contig)
        for feature in record.features:
            if feature.kind != "CDS":
                continue
            notes = {q.key: (q.value or "").strip() for q in reversed(feature.qualifiers)}
            if "pseudo" in notes or "pseudogene" in notes:
                pseudogenes += 1
                continue
            parts = list(location_parts(feature.location))
            accession = (
                notes.get("protein_id") or notes.get("locus_tag") or f"{contig}_{len(genes)}"
            )
            translation = "".join(notes.get("translation", "").split())
            if not translation:
                frame = int(notes.get("codon_start", "1")) - 1
                code = int(notes.get("transl_table", (calling or Calling()).genetic_code))
                if code not in CODONS:
                    raise GlmError(f"{path}: CDS {accession}: transl_table {code} is not known")
                nucleotides = coding_sequence(bytes(record.sequence), parts)
                translation = translate(nucleotides, frame, code=code)
            where = Record(accession, "", translation.encode())
            if not translation.strip("*X"):
                raise GlmError(f"{path}: CDS {accession}: no translation, and no sequence for it")
            proteins.append(
                Protein(
                    accession=accession,
                    sequence=clean_protein(where, path),
                    symbol=notes.get("gene"),
                    locus_tag=notes.get("locus_tag"),
                    product=notes.get("product"),
                )
            )
            before = any(part.before for part, _ in parts)
            after = any(part.after for part, _ in parts)
            genes.append(
                Gene(
                    contig=contig,
                    protein=len(proteins) - 1,
                    start=min(part.start for part, _ in parts) + 1,
                    end=max(part.end for part, _ in parts),
                    forward=parts[0][1],
                    partial=f"{before:d}{after:d}",
                )
            )
    logging.info("%s: %d CDS, %d pseudogenes left out", path, len(genes), pseudogenes)
    return Genome(name, genes, proteins)


def location_parts(location: Any, forward: bool = True) -> Iterator[tuple[gb_io.Range, bool]]:
    """Ranges (0-based, half-open) of a GenBank location in coding order, each with its strand."""
    if isinstance(location, gb_io.Range):
        yield location, forward
    elif isinstance(location, gb_io.Complement):
        inner = list(location_parts(location.location, not forward))
        yield from reversed(inner)
    elif isinstance(location, gb_io.Join | gb_io.Order):
        for part in location.locations:
            yield from location_parts(part, forward)
    else:
        raise GlmError(f"location {location}: not a range, complement or join of such")


def coding_sequence(contig: bytes, parts: Sequence[tuple[gb_io.Range, bool]]) -> str:
    """Nucleotides of a CDS, in coding order and direction."""
    pieces = []
    for part, forward in parts:
        piece = contig[part.start : part.end].decode("ascii").upper()
        pieces.append(piece if forward else piece.translate(COMPLEMENT)[::-1])
    return "".join(pieces)


def read_gff(name: str, path: Path, fasta: Path | None, calling: Calling | None = None) -> Genome:
    """Genes of a GFF3: its CDS, translated from `fasta` or from its own ##FASTA section.

    The rows of a CDS in several parts share their ID. Pseudogenes are left out and counted. Raises
    `GlmError` naming the line for a bad strand or place, and for a contig without a sequence.
    """
    code = (calling or Calling()).genetic_code
    lines = list(read_lines(path))
    section = lines.index(b"##FASTA") if b"##FASTA" in lines else len(lines)
    if fasta is not None:
        contigs = read_contigs(read_fasta(fasta), fasta)
    elif section < len(lines):
        contigs = read_contigs(records_of(lines[section + 1 :]), path)
    else:
        raise GlmError(
            f"{path}: no sequence: list the FASTA of the same name ({name}.fna) beside it, or add "
            "a ##FASTA section"
        )
    parts: dict[str, list[tuple[gb_io.Range, bool]]] = {}
    rows: dict[str, tuple[str, dict[str, str], str]] = {}
    pseudogenes = 0
    for number, line in enumerate(lines[:section], 1):
        fields = decoded(line, path, number).split("\t")
        if line.startswith(b"#") or len(fields) != 9 or fields[2] != "CDS":
            continue
        contig, _, _, start, end, _, strand, phase, attributes = fields
        where = f"{path}: line {number}"
        if strand not in ("+", "-"):
            raise GlmError(f"{where}: strand {strand!r}, allowed are + and -")
        if not (start.isdigit() and end.isdigit() and 1 <= int(start) <= int(end)):
            raise GlmError(f"{where}: no coordinates 1 <= start <= end ({start!r}, {end!r})")
        if contig not in contigs or int(end) > len(contigs[contig]):
            raise GlmError(f"{where}: contig {contig} has no sequence up to {end}")
        notes = {
            key: unquote(value)
            for key, _, value in (item.partition("=") for item in attributes.split(";"))
        }
        if notes.get("pseudo") == "true" or "pseudogene" in notes:
            pseudogenes += 1
            continue
        key = notes.get("ID", str(number))
        parts.setdefault(key, []).append((gb_io.Range(int(start) - 1, int(end)), strand == "+"))
        rows.setdefault(key, (contig, notes, phase))
    genes: list[Gene] = []
    proteins: list[Protein] = []
    for key, (contig, notes, phase) in rows.items():
        ranges = sorted(parts[key], key=lambda part: part[0].start, reverse=not parts[key][0][1])
        partial = notes.get("partial") == "true"
        frame = int(phase) if phase.isdigit() else 0
        nucleotides = coding_sequence(contigs[contig].encode(), ranges)
        protein = translate(nucleotides, frame, partial, code)
        accession = notes.get("protein_id") or notes.get("locus_tag") or key
        proteins.append(
            Protein(
                accession=accession,
                sequence=clean_protein(Record(accession, "", protein.encode()), path),
                symbol=notes.get("gene"),
                locus_tag=notes.get("locus_tag"),
                product=notes.get("product"),
            )
        )
        genes.append(
            Gene(
                contig=contig,
                protein=len(proteins) - 1,
                start=min(part.start for part, _ in ranges) + 1,
                end=max(part.end for part, _ in ranges),
                forward=ranges[0][1],
                partial=None if partial else "00",
            )
        )
    logging.info("%s: %d CDS, %d pseudogenes left out", path, len(genes), pseudogenes)
    return Genome(name, genes, proteins)


def decoded(line: bytes, path: Path, number: int) -> str:
    """A line as text; raises `GlmError` if it is not UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise GlmError(f"{path}: line {number}: not UTF-8 text ({error.reason})") from error


def records_of(lines: Sequence[bytes]) -> Iterator[Record]:
    """Records of a GFF's ##FASTA section."""
    name, parts = "", list[bytes]()
    for line in [*lines, b">"]:
        if line.startswith(b">"):
            if parts:
                yield Record(name, "", b"".join(parts))
            name, parts = line[1:].decode("utf-8", "replace").partition(" ")[0], []
        else:
            parts.append(line)
