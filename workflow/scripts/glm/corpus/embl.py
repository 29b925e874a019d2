"""EMBL flat files, as ENA, Artemis and antiSMASH write them.

They have INSDC's table of features as GenBank files have it; the lines around it, which say the
same in other words, are handed to the reader of GenBank in its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from glm.corpus.fasta import as_text, read_lines
from glm.corpus.genbank import read_genbank
from glm.corpus.gene_calling import Calling
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError

LENGTH = re.compile(r"(\d+) (bp|aa)\b", re.IGNORECASE)
VERSION = re.compile(r"(\w+); SV (\d+);")


def read_embl(name: str, path: Path, calling: Calling | None = None) -> Genome:
    """Genes of an EMBL file; all that `read_genbank` says of a GenBank file holds for it."""
    return read_genbank(name, path, calling, as_genbank(path))


def as_genbank(path: Path) -> Iterator[bytes]:
    """Lines of an EMBL file as GenBank has them: header, features, sequence, end of a record.

    Raises `GlmError` for a file that is no EMBL.
    """
    before = None
    for line in read_lines(path):
        code, rest = line[:2], line[5:]
        if before is None and code != b"ID":
            if line.strip():
                raise GlmError(f"{path}: not an EMBL file, which begins with ID")
            continue
        if code == b"ID":
            yield from header(as_text(rest))
        elif code in (b"AC", b"SV"):
            # a submission to ENA names its contig in a line of its own, `AC * _contig1`
            names = rest.replace(b";", b" ").split() or [b"."]
            keyword = b"VERSION" if code == b"SV" or line.startswith(b"AC *") else b"ACCESSION"
            yield b"%-12s%s" % (keyword, names[0].removeprefix(b"_"))
        elif code == b"FT":
            yield from [b"FEATURES"] * (before != b"FT")
            yield b"     " + rest
        elif code == b"SQ":
            yield b"ORIGIN"
        elif code in (b"  ", b"//"):
            yield line
        before = code


def header(identification: str) -> Iterator[bytes]:
    """The LOCUS line, and VERSION where there is one, of what an ID line says.

    `X56734; SV 1; circular; genomic DNA; STD; PRO; 1859 BP.`, before 2006 `X56734 standard;
    circular DNA; PRO; 1859 BP.`
    """
    name = re.split(r"[;\s]", identification, maxsplit=1)[0]
    size = LENGTH.search(identification)
    topology = "circular" if "circular" in identification.lower() else "linear"
    yield f"LOCUS       {name} {size[0] if size else 'bp'} DNA {topology}".encode()
    if version := VERSION.match(identification):
        yield f"VERSION     {version[1]}.{version[2]}".encode()
