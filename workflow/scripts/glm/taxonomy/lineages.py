"""Which genomes RefSeq holds, and where they stand in NCBI's taxonomy (facts of both formats:
assembly_summary.txt is read by its header, which has grown over the years; taxdump's fields are
parted by tab, bar, tab)."""

from __future__ import annotations

import tarfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from glm.corpus.fasta import read_lines
from glm.corpus.release import required_paths
from glm.errors import GlmError

DOMAINS = {"bacteria": "Bacteria", "archaea": "Archaea", "viral": "Viruses"}
REPRESENTATIVE = ("reference genome", "representative genome")
NEEDED = ("assembly_accession", "refseq_category", "taxid", "version_status", "ftp_path")
MISSING = ("na", "")
RANKS = {"class": "taxonomic_class", "family": "family", "genus": "genus"}
"""Columns of `TAXONOMY_GENOMES` by the ranks of NCBI's taxonomy."""


def read_summary(path: Path) -> Iterator[dict[str, str]]:
    """Rows of an assembly_summary.txt by column name.

    Raises `GlmError` naming the file and the column that is missing, or a line that is cut off.
    """
    header: list[str] = []
    for number, line in enumerate(read_lines(path), 1):
        text = line.decode("utf-8", "replace")
        if text.startswith("##") or not text:
            continue
        fields = text.split("\t")
        if not header:
            header = [fields[0].lstrip("# "), *fields[1:]]
            for column in NEEDED:
                if column not in header:
                    raise GlmError(f"{path}: no column {column!r}; not an assembly_summary.txt")
            place = max(header.index(column) for column in NEEDED)
            continue
        if len(fields) <= place:
            raise GlmError(
                f"{path}: line {number}: {len(fields)} columns of {len(header)}; cut off"
            )
        yield dict(zip(header, fields, strict=False))
    if not header:
        raise GlmError(f"{path}: empty; fetch it again")


def choose(path: Path, group: str, accessions: Collection[str] = ()) -> list[dict[str, str]]:
    """Latest assemblies of a group: those named, else representative prokaryotes, all viruses."""
    return [
        row
        for row in read_summary(path)
        if row["version_status"] == "latest"
        and row["ftp_path"] not in MISSING
        and (
            row["assembly_accession"] in accessions
            if accessions
            else group == "viral" or row["refseq_category"] in REPRESENTATIVE
        )
    ]


def read_dump(taxdump: Path, name: str) -> Iterator[list[str]]:
    """Fields of a file of taxdump.tar.gz; raises `GlmError` if the archive is none or lacks it."""
    try:
        with tarfile.open(taxdump) as archive:
            member = archive.extractfile(name)
            if member is None:
                raise KeyError(name)
            for line in member:
                text = line.decode("utf-8", "replace").rstrip("\n").removesuffix("\t|")
                yield text.split("\t|\t")
    except FileNotFoundError as error:
        raise GlmError(f"{taxdump}: no such file") from error
    except (tarfile.TarError, EOFError, OSError, KeyError) as error:
        raise GlmError(f"{taxdump}: no whole taxdump.tar.gz ({error}); fetch it again") from error


def read_ranks(taxdump: Path, taxids: Iterable[int], ranks: Iterable[str]) -> pd.DataFrame:
    """Names at some ranks above each taxon, indexed by taxid; None where a lineage lacks the rank.

    A taxid that the dump does not know has no name at all.
    """
    parents: dict[int, int] = {}
    of_rank: dict[int, str] = {}
    wanted_ranks = set(ranks)
    for fields in read_dump(taxdump, "nodes.dmp"):
        taxid, parent, rank = int(fields[0]), int(fields[1]), fields[2]
        parents[taxid] = parent
        if rank in wanted_ranks:
            of_rank[taxid] = rank
    lineages = {taxid: ancestors(taxid, parents, of_rank) for taxid in set(taxids)}
    needed = {above for lineage in lineages.values() for above in lineage.values()}
    names = {
        int(fields[0]): fields[1]
        for fields in read_dump(taxdump, "names.dmp")
        if fields[3] == "scientific name" and int(fields[0]) in needed
    }
    rows = {
        taxid: {rank: names.get(lineage.get(rank, -1)) for rank in wanted_ranks}
        for taxid, lineage in lineages.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=sorted(wanted_ranks), dtype=object)


def ancestors(taxid: int, parents: Mapping[int, int], of_rank: Mapping[int, str]) -> dict[str, int]:
    """The taxon itself or its ancestor at each known rank."""
    found: dict[str, int] = {}
    while taxid in parents:
        if taxid in of_rank:
            found.setdefault(of_rank[taxid], taxid)
        if parents[taxid] == taxid:
            break
        taxid = parents[taxid]
    return found


def list_genomes(
    summaries: Mapping[str, Path], taxdump: Path, accessions: Collection[str] = ()
) -> pd.DataFrame:
    """Rows of `TAXONOMY_GENOMES`: summaries by group (bacteria, archaea, viral), with lineages.

    accessions: only these, whether RefSeq calls them representative or not. Raises `GlmError` if
    none is left, or naming those of `accessions` that are not there.
    """
    rows = [
        (
            *(row["assembly_accession"], row.get("organism_name") or None, DOMAINS[group]),
            *(int(row["taxid"]), row.get("assembly_level") or None, row["ftp_path"]),
        )
        for group, path in summaries.items()
        for row in choose(path, group, accessions)
    ]
    if unknown := sorted(set(accessions) - {row[0] for row in rows}):
        raise GlmError(
            f"{', '.join(map(str, summaries.values()))}: no latest assembly {', '.join(unknown)}; "
            "was it replaced by another version, or is it not in RefSeq (GCA_…)?"
        )
    if not rows:
        raise GlmError(
            f"{', '.join(map(str, summaries.values()))}: no representative or reference genome; "
            "are these RefSeq's assembly summaries?"
        )
    columns = ["accession", "organism", "domain", "taxid", "level", "ftp_path"]
    table = pd.DataFrame(rows, columns=columns)
    ranks = read_ranks(taxdump, table["taxid"], RANKS).reindex(table["taxid"])
    return pd.DataFrame(
        {
            "genome": range(len(table)),
            "accession": table["accession"],
            "organism": table["organism"],
            "domain": table["domain"],
            **{column: ranks[rank].to_numpy() for rank, column in RANKS.items()},
            "level": table["level"],
            # RefSeq lists ftp addresses of what its server gives by https just as well
            "address": table["ftp_path"].str.replace(r"^ftp://", "https://", regex=True),
        }
    )


def list_fetched(
    manifest: Path, groups: Iterable[str], accessions: Collection[str] = ()
) -> pd.DataFrame:
    """As `list_genomes`, of the lists that `download_refseq_lists` fetched."""
    [names] = required_paths(manifest, "taxdump")
    summaries = {group: required_paths(manifest, group)[0] for group in groups}
    return list_genomes(summaries, names, accessions)
