"""Which listed pairs are analysed, and why the others are not."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from glm import tools
from glm.corpus.fasta import RESIDUES
from glm.errors import GlmError
from glm.paralogs.accessions import are_adjacent, is_accession

SHORTEST = 11  # residues; CD-HIT passes over what is shorter
WORD_SIZE = ((0.7, 5), (0.6, 4), (0.5, 3), (0.4, 2))  # CD-HIT's own advice, by identity
ILLEGAL = re.compile(f"[^{RESIDUES.decode()}]")


class Listed(NamedTuple):
    """A pair as it is listed: accessions, sequences (None: there is none), where it is from."""

    a: str
    c: str
    a_sequence: str | None
    c_sequence: str | None
    origin: str


class Excluded(NamedTuple):
    """A pair that is not analysed, and why."""

    a: str
    c: str
    reason: str
    detail: str


def fault(pair: Listed, by_accession: bool) -> tuple[str, str] | None:
    """Why a pair cannot be analysed, with the detail; None if it can."""
    for accession, sequence in ((pair.a, pair.a_sequence), (pair.c, pair.c_sequence)):
        if not sequence:
            return "no sequence", accession
        if found := ILLEGAL.search(sequence):
            return "illegal residue", f"{accession}: {found[0]!r} at {found.start() + 1}"
        if len(sequence) < SHORTEST:
            return "sequence too short", f"{accession}: {len(sequence)} residues"
    if by_accession:
        for accession in (pair.a, pair.c):
            if not is_accession(accession):
                return "not an accession", accession
        if not are_adjacent(pair.a, pair.c):
            return "accessions do not differ by one", f"{pair.a}, {pair.c}"
    return None


def select(pairs: Sequence[Listed], by_accession: bool) -> tuple[list[Listed], list[Excluded]]:
    """Pairs whose genes are adjacent and whose sequences are whole; each protein in one pair only.

    by_accession: whether adjacency is judged by accessions (else it is known). Sequences are put
    in upper case, and a stop at their end goes. Raises `GlmError` if nothing is left.
    """
    kept, excluded = [], []
    seen: set[str] = set()
    for pair in pairs:
        clean = pair._replace(a_sequence=tidy(pair.a_sequence), c_sequence=tidy(pair.c_sequence))
        why = fault(clean, by_accession)
        if why is None and {clean.a_sequence, clean.c_sequence} & seen:
            why = "a protein of it is in another pair", f"{pair.a}, {pair.c}"
        if why is not None:
            excluded.append(Excluded(pair.a, pair.c, *why))
            continue
        seen |= {str(clean.a_sequence), str(clean.c_sequence)}
        kept.append(clean)
    if not kept:
        counts = ", ".join(f"{reason}: {n:,}" for reason, n in count(excluded).items())
        raise GlmError(f"paralogs: of {len(pairs):,} pairs none can be analysed ({counts})")
    return kept, excluded


def tidy(sequence: str | None) -> str | None:
    """Upper case, without a stop at the end."""
    return sequence.upper().removesuffix("*") if sequence else None


def count(excluded: Sequence[Excluded]) -> dict[str, int]:
    """Excluded pairs by reason."""
    return dict(Counter(pair.reason for pair in excluded))


def cluster(sequences: Mapping[str, str], identity: float, threads: int) -> dict[str, int]:
    """Clusters of some sequences by CD-HIT, by name; every sequence is in one.

    Raises `GlmError` if CD-HIT leaves one out.
    """
    word = next(size for least, size in WORD_SIZE if identity >= least)
    with tempfile.TemporaryDirectory(prefix="cd-hit.") as folder:
        fasta, out = Path(folder) / "proteins.fasta", Path(folder) / "clusters"
        # numbers for names: CD-HIT cuts long ones
        names = list(sequences)
        fasta.write_text(
            "".join(f">{number}\n{sequences[name]}\n" for number, name in enumerate(names))
        )
        tools.version("cd-hit")
        tools.run(
            ["cd-hit", "-i", fasta, "-o", out, "-c", str(identity), "-n", str(word),
             "-d", "0", "-M", "0", "-T", str(threads)]
        )  # fmt: skip
        found = parse_clusters(out.with_suffix(".clstr").read_text())
    if len(found) != len(names):
        raise GlmError(f"cd-hit clustered {len(found):,} of {len(names):,} sequences")
    return {name: found[number] for number, name in enumerate(names)}


def parse_clusters(text: str) -> dict[int, int]:
    """CD-HIT's .clstr file: cluster by the number that is a sequence's name."""
    found, current = {}, -1
    for line in text.splitlines():
        if line.startswith(">Cluster"):
            current = int(line.split()[1])
        elif match := re.search(r">(\d+)\.\.\.", line):
            found[int(match[1])] = current
    return found
