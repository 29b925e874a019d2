"""Focal genes in genomes of NCBI (Figure 2E, F): fetched by accession, and cut around the genes.

Methods, "McrA protein analysis": subcontigs hold the focal gene and at most 15 genes on each side.
"""

from __future__ import annotations

import csv
import logging
import zipfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa

from glm import tables
from glm.corpus import download, streams
from glm.corpus.release import RemoteFile
from glm.errors import GlmError
from glm.files import writing
from glm.logs import progress_bar
from glm.semantics.focal import FocalSet, search_queries

KINDS = "include_annotation_type=GENOME_FASTA&include_annotation_type=GENOME_GFF"


def read_accessions(path: Path) -> list[str]:
    """Assemblies of a tab-separated table with the column assembly; each once.

    Raises `GlmError` for a table without that column, and for an accession that is none.
    """
    with path.open(newline="") as handle:
        rows = csv.DictReader(handle, delimiter="\t")
        if "assembly" not in (rows.fieldnames or ()):
            raise GlmError(f"{path}: no column 'assembly' in its first line")
        found = [row["assembly"] for row in rows]
    for number, accession in enumerate(found, 2):
        if not accession.startswith(("GCA_", "GCF_")):
            raise GlmError(
                f"{path}: line {number}: {accession!r} is not an accession GCA_… or GCF_…"
            )
    return list(dict.fromkeys(found))


class Fetched(NamedTuple):
    """Files of the genomes that came, and the accessions that the service does not have."""

    paths: list[Path]
    missing: list[str]


def fetch(accessions: Sequence[str], folder: Path, address: str) -> Fetched:
    """Fetch genomes into `folder` as ACCESSION.fna, with ACCESSION.gff where they are annotated.

    What is there already is kept, so that a killed run goes on. Genomes that the service at
    `address` does not have are logged and left out. Raises `GlmError` if there is none at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = Fetched([], [])
    with streams.client() as client, progress_bar(unit="B") as bar:
        for accession in accessions:
            sequence = folder / f"{accession}.fna"
            if not sequence.is_file() and not fetch_one(client, accession, folder, address, bar):
                logging.warning("%s: the service has no such genome; left out", accession)
                found.missing.append(accession)
                continue
            annotation = folder / f"{accession}.gff"
            found.paths.extend(path for path in (sequence, annotation) if path.is_file())
    if not found.paths:
        raise GlmError(f"{address}: none of {len(accessions)} genomes; are the accessions right?")
    return found


def fetch_one(
    client: httpx.Client, accession: str, folder: Path, address: str, bar: object
) -> bool:
    """Fetch and unpack one genome, its sequence last; whether there was one."""
    url = f"{address}/{accession}/download?{KINDS}"
    try:
        file = RemoteFile(url, f"{accession}.zip", "genome", None)
        path = download.fetch(client, file, folder, bar)  # type: ignore[arg-type]
    except streams.NotFoundError:
        return False
    try:
        with zipfile.ZipFile(path) as packed:
            for ending in (".gff", ".fna"):
                names = [name for name in packed.namelist() if name.endswith(ending)]
                if not names:
                    continue
                with writing(folder / f"{accession}{ending}") as beside:
                    beside.write_bytes(packed.read(names[0]))
    except zipfile.BadZipFile as error:
        path.unlink()
        raise GlmError(
            f"{url}: no whole zip file came ({error}); run the same command again"
        ) from (error)
    path.unlink()
    download.address_of(path).unlink(missing_ok=True)
    return (folder / f"{accession}.fna").is_file()


def focal_proteins(sets: Sequence[FocalSet], proteins: Path, **search: object) -> pd.DataFrame:
    """Proteins of the genomes that the sets mean: protein, set, found_by, identity; each once.

    Queries and words count; words are looked for in the genomes' own product names.
    """
    found = []
    if any(each.queries for each in sets):
        hits = search_queries(sets, proteins, tables.PROTEINS, "protein", **search)  # type: ignore[arg-type]
        found.append(hits.assign(found_by="query"))
    named = tables.read(proteins, tables.PROTEINS, ["protein", "product"]).combine_chunks()
    for each in sets:
        if each.words:
            chosen = named["protein"].filter(pa.array(each.matches(named["product"])))
            found.append(
                pd.DataFrame({"protein": chosen.to_numpy()}).assign(
                    set=each.name, found_by="word", identity=np.nan
                )
            )
    everything = pd.concat(found, ignore_index=True)
    return everything.drop_duplicates("protein").reset_index(drop=True)


def cut_windows(genes: pd.DataFrame, focal: pd.DataFrame, each_side: int) -> pd.DataFrame:
    """A window around each focal gene, cut at the ends of its contig.

    genes: sorted by contig and rank, with protein and forward. focal: of `focal_proteins`. Returns
    one row a window: contig, first_rank, rank (of the focal gene in it), set, found_by, identity,
    protein and forward as lists.
    """
    at = genes.reset_index(drop=True).reset_index(names="row").merge(focal, on="protein")
    contig = genes["contig"].to_numpy()
    begin = np.searchsorted(contig, at["contig"], "left")
    end = np.searchsorted(contig, at["contig"], "right")
    row = at["row"].to_numpy()
    first, last = np.maximum(begin, row - each_side), np.minimum(end, row + each_side + 1)
    protein, forward = genes["protein"].to_numpy(), genes["forward"].to_numpy()
    rank = genes["rank"].to_numpy()
    windows = at[["contig", "set", "found_by", "identity"]].assign(
        first_rank=rank[first],
        rank=row - first,
        protein=[protein[a:b] for a, b in zip(first, last, strict=True)],
        forward=[forward[a:b] for a, b in zip(first, last, strict=True)],
    )
    return windows.sort_values(["contig", "first_rank", "rank"]).reset_index(drop=True)


def representatives_of(windows: pd.DataFrame, proteins: Path) -> pd.DataFrame:
    """REPRESENTATIVES of the windows' proteins: each stands for itself, sorted by length."""
    needed = np.unique(np.concatenate(windows["protein"].to_list()))
    table = tables.read(proteins, tables.PROTEINS, ["protein", "sequence"]).to_pandas()
    kept = table[table["protein"].isin(needed)]
    kept = kept.assign(
        length=kept["sequence"].str.len(),
        sha256=[sha256(text.encode()).hexdigest() for text in kept["sequence"]],
    )
    kept = kept.sort_values(["length", "protein"], ignore_index=True)
    return kept.assign(representative=kept.index)
