"""Gene names of an operon list to the proteins of a genome."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from glm.corpus.fasta import read_lines
from glm.errors import GlmError
from glm.operons.sources import Operon, split_table

LEAST_SHARE_MAPPED = 0.5
LEAST_SHARE_ALIGNED = 0.9
UNMAPPED, AMBIGUOUS, PLACE = "unmapped", "ambiguous", "place"


@dataclass(frozen=True)
class NamedProtein:
    """What a genome calls one of its proteins."""

    protein: int
    symbol: str
    locus_tag: str
    accession: str = ""


class Mapped(NamedTuple):
    """One gene name of one operon: the protein it was mapped to (None if to none), and how."""

    operon: str
    gene: str
    protein: int | None
    how: str


def read_synonyms(path: Path) -> dict[str, set[str]]:
    """Other names of genes, by locus tag or symbol.

    NCBI's gene_info (columns Symbol, LocusTag, Synonyms, the last separated by bars), or a table
    with the columns `gene` and `synonym`. Raises `GlmError` for anything else.
    """
    lines = (line.decode("utf-8", "replace") for line in read_lines(path) if line.strip())
    header = split_table(next(lines, "").lstrip("#"))
    synonyms: dict[str, set[str]] = defaultdict(set)
    if {"Symbol", "LocusTag", "Synonyms"} <= set(header):
        wanted = [header.index(name) for name in ("LocusTag", "Symbol", "Synonyms")]
        for line in lines:
            fields = line.split("\t")
            tag, symbol, others = (fields[place].strip() for place in wanted)
            names = {name for name in (symbol, *others.split("|")) if name not in ("-", "")}
            synonyms[symbol if tag in ("-", "") else tag] |= names
    elif {"gene", "synonym"} <= set(header):
        for line in lines:
            fields = split_table(line)
            synonyms[fields[header.index("gene")]].add(fields[header.index("synonym")])
    else:
        raise GlmError(
            f"{path}: neither NCBI's gene_info nor a table with the columns gene and synonym; its "
            f"columns are {', '.join(header)}"
        )
    return dict(synonyms)


def by_name(pairs: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """Proteins by name, empty names left out."""
    found: dict[str, set[int]] = defaultdict(set)
    for name, protein in pairs:
        if name:
            found[name].add(protein)
    return found


def name_tables(
    proteins: Sequence[NamedProtein], synonyms: dict[str, set[str]]
) -> list[tuple[str, dict[str, set[int]]]]:
    """The tables that a name is looked up in, in this order, and what each is called.

    Symbol, then synonym, then locus tag, then accession (for genomes that have nothing else);
    then the same again without regard to case.
    """
    exact = [
        ("symbol", by_name((p.symbol, p.protein) for p in proteins)),
        (
            "synonym",
            by_name(
                (name, p.protein)
                for p in proteins
                for key in {p.locus_tag, p.symbol} - {""}
                for name in synonyms.get(key, ())
            ),
        ),
        ("locus tag", by_name((p.locus_tag, p.protein) for p in proteins)),
        ("accession", by_name((p.accession, p.protein) for p in proteins)),
    ]
    regardless = [
        (f"{how}, other case", by_name((n.casefold(), p) for n, found in t.items() for p in found))
        for how, t in exact
    ]
    return exact + regardless


def align(symbols: Sequence[str], genome: Sequence[NamedProtein]) -> dict[int, int]:
    """The protein of each row of a list in genome order, for rows that have a place in the genome.

    genome: its proteins in order. The symbols of both are aligned, since releases of one genome's
    annotation differ by a few genes; between two genes that agree, as many renamed genes as
    there are rows are those rows. A genome without symbols that has as many proteins as the list
    has rows is taken by position. Empty if fewer than nine in ten agree: it is another genome.
    """
    if len(symbols) == len(genome) and not any(each.symbol for each in genome):
        return {row: each.protein for row, each in enumerate(genome)}
    theirs = [name.casefold() for name in symbols]
    ours = [each.symbol.casefold() for each in genome]
    found: dict[int, int] = {}
    agreeing = 0
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    for how, begin, end, first, last in matcher.get_opcodes():
        agreeing += end - begin if how == "equal" else 0
        if end - begin == last - first:
            found |= zip(range(begin, end), (p.protein for p in genome[first:last]), strict=True)
    return found if agreeing >= LEAST_SHARE_ALIGNED * len(symbols) else {}


def map_operons(
    operons: Sequence[Operon],
    proteins: Sequence[NamedProtein],
    synonyms: dict[str, set[str]] | None = None,
    by_row: Mapping[int, int] | None = None,
) -> list[Mapped]:
    """Map each gene name of each operon. A name that fits several proteins maps to none.

    by_row: proteins by the row that a gene has in its list, which go before names. Raises
    `GlmError` if fewer than half of the names map: then the file is of another organism, or the
    genome carries no names.
    """
    tables = name_tables(proteins, synonyms or {})

    def look_up(name: str) -> tuple[int | None, str]:
        ambiguous = False
        for how, table in tables:
            found = table.get(name.casefold() if how.endswith("case") else name, set())
            if len(found) == 1:
                return next(iter(found)), how
            ambiguous |= len(found) > 1
        return None, AMBIGUOUS if ambiguous else UNMAPPED

    by_row = by_row or {}
    mapped = [
        Mapped(operon.name, gene, by_row[row], PLACE)
        if row in by_row
        else Mapped(operon.name, gene, *look_up(gene))
        for operon in operons
        for gene, row in zip_longest(operon.genes, operon.rows)
    ]
    hits = sum(entry.protein is not None for entry in mapped)
    if hits < LEAST_SHARE_MAPPED * len(mapped):
        named = sum(bool(protein.symbol) for protein in proteins)
        raise GlmError(
            f"operons: only {hits:,} of {len(mapped):,} gene names map to the genome (first that "
            f"does not: {next(m.gene for m in mapped if m.protein is None)!r}); of its "
            f"{len(proteins):,} proteins {named:,} have a symbol. Is the operon file of this "
            "organism? Give a genome with gene symbols or a file of synonyms (operons.synonyms), "
            "or leave operons.source empty for the silver standard"
        )
    return mapped


def count_mapped(mapped: Sequence[Mapped]) -> dict[str, int]:
    """How many gene names were mapped in which way."""
    return {"gene_names": len(mapped), **Counter(f"by {entry.how}" for entry in mapped)}
