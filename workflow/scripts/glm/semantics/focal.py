"""Focal genes: which proteins an entry of the configuration means, and where they occur.

A set is named by query sequences (DIAMOND finds what is like them), by words of annotation, or by
accessions. The representatives are DIAMOND's queries and the few focal sequences its database, so
that its memory does not grow with the corpus.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from glm import tables, tools
from glm.corpus.fasta import clean_protein, read_fasta, write_fasta
from glm.corpus.release import one_file
from glm.errors import GlmError
from glm.files import workspace

SEPARATOR = "|"  # between the number of a set and the name of its query
HITS = ("query", "target", "identity", "bits")
COLUMNS = ("representative", "protein", "set", "found_by", "identity")


@dataclass(frozen=True)
class FocalSet:
    """A set as the configuration names it: at least one of queries, words, accessions.

    group: what it counts as where sets are compared; its own name if not given.
    """

    name: str
    group: str | None = None
    queries: str | None = None
    words: Sequence[str] = field(default_factory=tuple)
    accessions: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        """Refuse a set that names nothing."""
        if not (self.queries or self.words or self.accessions):
            raise GlmError(
                f"semantics: set {self.name!r} has neither queries nor words nor accessions"
            )

    def matches(self, products: pa.Array) -> np.ndarray:
        """Whether each product name holds one of the words, whole and in any case; (n,) bool."""
        pattern = "|".join(rf"\b{re.escape(word)}\b" for word in self.words)
        found = pc.match_substring_regex(products, pattern, ignore_case=True)
        return np.asarray(pc.fill_null(found, False))


def search_queries(
    sets: Sequence[FocalSet],
    sequences: Path,
    declared: tables.Table,
    identifier: str,
    *,
    e_value: float,
    coverage: float,
    threads: int,
) -> pd.DataFrame:
    """Proteins that are like the sets' queries: identifier, set, identity; the best hit decides.

    sequences: a table with `identifier` and `sequence`. coverage: of protein and query, 0 to 1.
    """
    with workspace(sequences.parent, "focal") as work:
        residues = write_queries(sets, work / "focal.faa")
        write_fasta(sequences, declared, identifier, work / "proteins.faa")
        quiet = ["--threads", str(threads), "--quiet"]
        tools.run(["diamond", "makedb", "--in", work / "focal.faa", "--db", work / "focal", *quiet])
        options = {
            "--query": work / "proteins.faa",
            "--db": work / "focal",
            "--out": work / "hits.tsv",
            "--evalue": str(e_value),
            "--query-cover": str(100 * coverage),
            "--subject-cover": str(100 * coverage),
            "--max-target-seqs": "1",
            "--masking": "0",  # a protein of 70 residues has none to lose
        }
        flags = [str(part) for pair in options.items() for part in pair]
        form = ["--outfmt", "6", "qseqid", "sseqid", "pident", "bitscore", "--very-sensitive"]
        tools.run(["diamond", "blastp", *flags, *form, *quiet])
        hits = pd.read_csv(work / "hits.tsv", sep="\t", header=None, names=list(HITS))
    logging.info("queries: %s residues; proteins like them: %s", f"{residues:,}", f"{len(hits):,}")
    best = hits.sort_values("bits", ascending=False).drop_duplicates("query")
    number = best["target"].astype(str).str.split(SEPARATOR, n=1, regex=False).str[0].astype(int)
    return pd.DataFrame(
        {
            identifier: best["query"].astype(np.int64),
            "set": [sets[index].name for index in number],
            "identity": best["identity"] / 100,
        }
    )


def write_queries(sets: Sequence[FocalSet], fasta: Path) -> int:
    """Write all sets' queries, each headed by the number of its set; returns the residues."""
    residues = 0
    with fasta.open("w") as handle:
        for number, each in enumerate(sets):
            path = one_file(Path(each.queries)) if each.queries else None
            for record in read_fasta(path) if path else ():
                sequence = clean_protein(record, str(path))
                handle.write(f">{number}{SEPARATOR}{record.name}\n{sequence}\n")
                residues += len(sequence)
    return residues


def find_representatives(
    sets: Sequence[FocalSet],
    representatives: Path,
    annotations: Path | None,
    **search: Any,
) -> pd.DataFrame:
    """The representatives that the sets mean, with how they were found; each once.

    Where several sets or ways find one, the first of query, accession, word counts, and of sets
    the first in the configuration. Raises `GlmError` if words are asked for without annotations.
    """
    proteins = tables.read(
        representatives, tables.REPRESENTATIVES, ["representative", "protein"]
    ).to_pandas()
    found = []
    if any(each.queries for each in sets):
        hits = search_queries(
            sets, representatives, tables.REPRESENTATIVES, "representative", **search
        )
        found.append(hits.merge(proteins, on="representative").assign(found_by="query"))
    for each in sets:
        if each.accessions:
            numbers = [accession_digits(name, each.name) for name in each.accessions]
            listed = proteins[proteins["protein"].isin(numbers)]
            found.append(listed.assign(set=each.name, found_by="accession", identity=np.nan))
    if any(each.words for each in sets):
        if annotations is None:
            raise GlmError("semantics: words are asked for, but there is no annotations table")
        found += list(by_words(sets, annotations))
    everything = pd.concat(found, ignore_index=True)
    return everything.drop_duplicates("representative")[list(COLUMNS)]


def by_words(sets: Sequence[FocalSet], annotations: Path) -> Iterator[pd.DataFrame]:
    """Representatives whose product holds a set's words."""
    columns = ["representative", "protein", "product"]
    for batch in tables.open_file(annotations, tables.ANNOTATIONS).iter_batches(columns=columns):
        for each in sets:
            if each.words:
                rows = batch.filter(pa.array(each.matches(batch["product"]))).to_pandas()
                yield rows.drop(columns="product").assign(
                    set=each.name, found_by="word", identity=np.nan
                )


def accession_digits(accession: str, name: str) -> int:
    """The number of MGYP…; raises `GlmError` naming the set for anything else."""
    digits = accession.removeprefix("MGYP")
    if not digits.isdigit():
        raise GlmError(f"semantics: set {name!r}: accession {accession!r} is not MGYP and digits")
    return int(digits)


def occurrences(found: pd.DataFrame, subcontigs: Path) -> pd.DataFrame:
    """Every place of the found representatives in the subcontigs, streamed batch by batch."""
    columns = ["subcontig", "assembly", "biome", "representative", "protein"]
    parts = []
    wanted = found.drop(columns="protein")
    for batch in tables.open_file(subcontigs, tables.SUBCONTIGS).iter_batches(columns=columns):
        lengths = pc.list_value_length(batch["representative"]).to_numpy()
        number = pc.list_flatten(batch["representative"]).to_numpy()
        genes = np.flatnonzero(np.isin(number, wanted["representative"].to_numpy()))
        row = np.repeat(np.arange(len(batch)), lengths)[genes]
        first = (np.cumsum(lengths) - lengths)[row]
        about = batch.select(["subcontig", "assembly", "biome"]).take(pa.array(row)).to_pandas()
        protein = pc.list_flatten(batch["protein"]).to_numpy()[genes]
        parts.append(
            about.assign(rank=genes - first, protein=protein, representative=number[genes])
        )
    return pd.concat(parts, ignore_index=True).merge(wanted, on="representative")


def sample(places: pd.DataFrame, maximum: int, seed: int) -> pd.DataFrame:
    """At most so many places, as equally many of each set as there are, in the corpus's order."""
    rng = np.random.default_rng(seed)
    shuffled = places.iloc[rng.permutation(len(places))]
    turn = shuffled.groupby("set").cumcount()
    chosen = shuffled.iloc[np.argsort(turn.to_numpy(), kind="stable")[:maximum]]
    return chosen.sort_values(["subcontig", "rank"]).reset_index(drop=True)


def describe(places: pd.DataFrame, kept: pd.DataFrame, sets: Sequence[FocalSet]) -> dict[str, int]:
    """Counts for the log and the table's metadata: by set, and what sampling left out."""
    counts = {f"places of {each.name}": int((places["set"] == each.name).sum()) for each in sets}
    return {**counts, "places": len(places), "places kept": len(kept)}


def groups_of(sets: Sequence[FocalSet]) -> Mapping[str, str]:
    """Group of each set."""
    return {each.name: each.group or each.name for each in sets}
