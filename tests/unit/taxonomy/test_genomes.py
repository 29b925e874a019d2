from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.plant import plant, plant_subcontigs

from glm import tables
from glm.corpus.genome_tables import Gene
from glm.errors import GlmError
from glm.taxonomy.contigs import from_corpus, from_windows, read_lineages
from glm.taxonomy.genomes import random_stretch, sample_genomes


def gene(contig: str, place: int) -> Gene:
    return Gene(
        contig=contig, protein=place, start=place * 10 + 1, end=place * 10 + 9, forward=True,
        partial="00",
    )  # fmt: skip


def test_every_stretch_is_equally_likely() -> None:
    genes = [gene("a", n) for n in range(4)] + [gene("b", n) for n in range(3)] + [gene("c", 0)]
    random = np.random.default_rng(0)
    seen = Counter()
    for _ in range(3000):
        found = random_stretch(genes[::-1], 3, 3, random)
        seen[(found.genes[0].contig, found.first_rank)] += 1
        assert [g.start for g in found.genes] == sorted(g.start for g in found.genes)
        assert len({g.contig for g in found.genes}) == 1
    assert set(seen) == {("a", 0), ("a", 1), ("b", 0)}
    assert max(seen.values()) / min(seen.values()) < 1.2


def test_a_short_genome_is_taken_whole_or_not_at_all() -> None:
    genes = [gene("a", n) for n in range(4)] + [gene("b", n) for n in range(2)]
    assert len(random_stretch(genes, 30, 4, np.random.default_rng(0)).genes) == 4
    assert random_stretch(genes, 30, 5, np.random.default_rng(0)) is None
    assert random_stretch([], 30, 1, np.random.default_rng(0)) is None


@pytest.fixture
def refseq(root: Path, tmp_path: Path) -> Path:
    """Three genome folders: a real one, one without annotation, and a short one."""
    source = root / "resources" / "demo" / "reference"
    folder = tmp_path / "refseq"
    shutil.copytree(source, folder / "whole")
    (folder / "bare").mkdir()
    (folder / "bare" / "md5checksums.txt").write_text("0" * 32 + "  ./x_genomic.fna.gz\n")
    return folder


def test_a_genome_without_annotation_is_skipped_and_counted(refseq: Path, tmp_path: Path) -> None:
    rows = [
        {"genome": n, "accession": name, "address": str(refseq / name)}
        for n, name in enumerate(("whole", "bare"))
    ]
    windows, skipped = sample_genomes(rows, tmp_path / "kept", 30, 30, 1)
    assert len(windows) == 30
    assert [row["rank"] for row in windows] == list(range(30))
    assert {row["genome"] for row in windows} == {0}
    assert [row["accession"] for row in skipped] == ["bare"]
    assert "not annotated" in skipped[0]["reason"]
    # started again it fetches nothing anew, and chooses the same
    kept = next((tmp_path / "kept/whole").glob("*.faa.gz"))
    before = (kept.stat().st_mtime_ns, hashlib.md5(kept.read_bytes()).hexdigest())
    assert sample_genomes(rows, tmp_path / "kept", 30, 30, 1)[0] == windows
    assert (kept.stat().st_mtime_ns, hashlib.md5(kept.read_bytes()).hexdigest()) == before
    assert sample_genomes(rows[:1], tmp_path / "kept", 30, 30, 2)[0] != windows


def test_a_torn_list_is_asked_for_again_and_no_genome_for_it(refseq: Path, tmp_path: Path) -> None:
    """A genome is not taken for one without annotation because its list came to us damaged."""
    rows = [{"genome": 0, "accession": "whole", "address": str(refseq / "whole")}]
    kept = tmp_path / "kept/whole/md5checksums.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("0123")
    windows, skipped = sample_genomes(rows, tmp_path / "kept", 30, 30, 1)
    assert (len(windows), skipped) == (30, [])
    kept.unlink()
    (refseq / "whole/md5checksums.txt").write_text("<html>maintenance</html>")
    with pytest.raises(GlmError, match="is not an MD5 sum"):
        sample_genomes(rows, tmp_path / "kept", 30, 30, 1)
    assert not kept.exists()


def test_a_genome_that_is_gone_or_damaged_never_costs_the_others(
    refseq: Path, tmp_path: Path
) -> None:
    shutil.copytree(refseq / "whole", refseq / "damaged")
    next((refseq / "damaged").glob("*.faa.gz")).write_bytes(b"not the file that the list names")
    rows = [
        {"genome": n, "accession": name, "address": (refseq / name).as_uri()}
        for n, name in enumerate(("gone", "damaged", "whole"))
    ]
    windows, skipped = sample_genomes(rows, tmp_path / "kept", 30, 30, 1)
    assert {row["genome"] for row in windows} == {2}
    assert [row["accession"] for row in skipped] == ["gone", "damaged"]
    assert "no such file" in skipped[0]["reason"]
    assert "wrong checksum" in skipped[1]["reason"]


def test_a_genome_of_too_few_genes_is_skipped(refseq: Path, tmp_path: Path) -> None:
    rows = [{"genome": 0, "accession": "whole", "address": str(refseq / "whole")}]
    windows, skipped = sample_genomes(rows, tmp_path / "kept", 10_000, 10_000, 1)
    assert windows == []
    assert skipped[0]["reason"] == "no contig of 10000 genes"


def test_windows_become_a_corpus() -> None:
    windows = pd.DataFrame(
        [
            {"genome": g, "contig": "c", "rank": r, "first_rank": 5, "forward": r == 0,
             "sequence": s}
            for g, genes in ((3, ["MKLV", "MA"]), (7, ["MA", "MKK"]))
            for r, s in enumerate(genes)
        ]
    )  # fmt: skip
    genomes = pd.DataFrame(
        {
            "genome": [3, 7],
            "accession": ["A", "B"],
            "domain": "Bacteria",
            "taxonomic_class": ["x", None],
            "genus": None,
        }
    )
    subcontigs, representatives, contigs = from_windows(windows, genomes)
    assert representatives["sequence"].tolist() == ["MA", "MKK", "MKLV"]  # by length, each once
    assert subcontigs["representative"].tolist() == [[2, 0], [0, 1]]
    assert subcontigs["forward"].tolist() == [[True, False], [True, False]]
    assert contigs["accession"].tolist() == ["A", "B"]
    assert contigs["taxonomic_class"].isna().tolist() == [False, True]
    with pytest.raises(GlmError, match="no genome has a stretch"):
        from_windows(windows.iloc[:0], genomes)


def test_subcontigs_of_the_corpus_keep_their_embeddings(tmp_path: Path) -> None:
    path = plant_subcontigs(tmp_path / "s.parquet", [[5, 9], [9, -1], [2, 7], [4]], assembly="a")
    (tmp_path / "l.tsv").write_text(
        "assembly\tdomain\tclass\tgenus\na\tBacteria\tBacilli\tBacillus\n"
    )
    kept, contigs, rows = from_corpus(path, tmp_path / "l.tsv", 10, 2, 1)
    assert rows.tolist() == [2, 5, 7, 9]  # the subcontig of one gene is left out
    assert kept["representative"].tolist() == [[1, 3], [3, -1], [0, 2]]
    assert contigs["genus"].tolist() == ["Bacillus"] * 3
    few, _, _ = from_corpus(path, tmp_path / "l.tsv", 2, 2, 1)
    assert len(few) == 2


def test_lineages_of_refseqs_genomes(tmp_path: Path) -> None:
    listed = plant(
        tmp_path / "genomes.parquet", tables.TAXONOMY_GENOMES, accession=["GCF_1.1"],
        taxonomic_class="Bacilli", genus="Bacillus", domain="Bacteria",
    )  # fmt: skip
    found = read_lineages(listed).loc["GCF_1.1"]
    assert found.to_dict() == {"domain": "Bacteria", "class": "Bacilli", "genus": "Bacillus"}


def test_lineages_of_the_wrong_kind_are_named(tmp_path: Path) -> None:
    (tmp_path / "l.tsv").write_text("name\tgenus\nx\ty\n")
    with pytest.raises(GlmError, match=r"l.tsv: no column 'assembly'"):
        read_lineages(tmp_path / "l.tsv")
    (tmp_path / "m.tsv").write_text("assembly\tdomain\tclass\tgenus\nother\ta\tb\tc\n")
    path = plant_subcontigs(tmp_path / "s.parquet", [[5, 9]], assembly="a")
    with pytest.raises(GlmError, match=r"m.tsv: has none of the corpus's assemblies \(a"):
        from_corpus(path, tmp_path / "m.tsv", 1, 2, 1)
