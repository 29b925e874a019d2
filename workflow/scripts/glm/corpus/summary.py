"""What a run's corpus and reference genome are: counts, and why they are not the paper's."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from glm import tables
from glm.errors import NotRunError
from glm.files import of_run
from glm.model.directory import PUBLISHED, read_provenance
from glm.report.paper import paper_values
from glm.scorecard_entries import CORPUS, Number

RELEASE = "peptide_database/2022_05"  # where the paper's release lies, in any address of it
K12 = re.compile("GC[AF]_000005845|NC_000913|U00096")  # MG1655, by its assembly or chromosome


def release(run: Path) -> str:
    """Address of the release's folder, or how many genomes of RefSeq were taken."""
    if not (run / "metagenomes" / "release").exists():
        raise NotRunError("no release: one's own genomes, or not fetched yet")
    manifest = of_run(run, "metagenomes", "release", "manifest.parquet")
    if (chosen := manifest.with_name("genomes.parquet")).exists():
        genomes = tables.read(chosen, tables.TAXONOMY_GENOMES, ["genome"])
        return f"RefSeq, {len(genomes):,} genomes chosen"
    urls = tables.read(manifest, tables.MANIFEST, ["url"])["url"].to_pylist()
    if not urls:
        raise NotRunError(f"{manifest.name} lists no file")
    return str(urls[0]).rsplit("/", 1)[0]


def obstacle(run: Path) -> str | None:
    """Why numbers of this corpus cannot be compared with the paper's; None if they can.

    Without a corpus it is the one that the pretrained gLM was trained on.
    """
    if not (run / "metagenomes").exists() and (run / "glm").exists():
        if read_provenance(run / "glm").get(PUBLISHED, {}).get("verified"):
            return None
        return "the pretrained gLM is not seen to be the published one"
    another = "another corpus than the paper's MGnify release"
    try:
        found = release(run)
    except NotRunError:
        return f"{another}: the user's own genomes"
    if found.endswith(f"/{RELEASE}"):
        return None
    if "://" not in found:
        return f"{another}: {found}"
    return f"{another}: {Path(found).name!r} of {Path(found).parent.name!r}"


def reference_obstacle(run: Path) -> str | None:
    """Why numbers of this reference genome cannot be compared; None if they can, or if there
    is none.

    By the names of its files and contigs: that in the configuration is the user's word.
    """
    folder = run / "reference"
    named = []
    for path, table, column in (
        (folder / "release" / "manifest.parquet", tables.MANIFEST, "url"),
        (folder / "contigs.parquet", tables.CONTIGS, "name"),
    ):
        if path.exists():
            found = tables.read(path, table, [column])[column].to_pylist()
            named += [name.rsplit("/", 1)[-1] for name in found]
    if not named or any(K12.search(name) for name in named):
        return None
    return f"another reference genome than the paper's E. coli K-12 MG1655: {named[0]}"


def named_release(run: Path) -> Number:
    """The release, by the paper's name of it where it is the paper's."""
    found = release(run)
    of_paper = found.endswith(f"/{RELEASE}")
    return Number(paper_values()["corpus.release"].value if of_paper else found, setting=True)


def count(run: Path, what: str) -> Number:
    """Subcontigs, or representatives; 1 % more or less is the same."""
    rows = pq.read_metadata(of_run(run, "metagenomes", f"{what}.parquet")).num_rows
    return Number(rows, n=rows, unit=what, needs=(CORPUS,), tolerance=0.01 * rows)


def without_representative(run: Path) -> Number:
    """Share of the genes that have none, as they were counted when the subcontigs were cut."""
    counts = tables.read_counts(of_run(run, "metagenomes", "subcontigs.parquet"))
    if "genes" not in counts:
        raise NotRunError("missing the counts of genes in the subcontigs")
    share = counts["genes_without_representative"] / counts["genes"]
    return Number(share, n=counts["genes"], unit="genes", needs=(CORPUS,))


NUMBERS = {
    "corpus.release": named_release,
    "corpus.subcontigs": partial(count, what="subcontigs"),
    "corpus.representative_proteins": partial(count, what="representatives"),
    "corpus.genes_without_representative": without_representative,
}
