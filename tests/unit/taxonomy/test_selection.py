from __future__ import annotations

import pandas as pd

from glm.taxonomy.selection import select

GENOMES = pd.DataFrame(
    {
        "genome": range(60),
        "accession": [f"GCF_{n}.1" for n in range(60)],
        "genus": [f"g{n % 20}" if n < 58 else None for n in range(60)],
        "family": [f"f{n % 5}" if n < 58 else None for n in range(60)],
        "level": ["Complete Genome" if n in (23, 44) else "Contig" for n in range(60)],
    }
)


def test_one_of_each_taxon_a_complete_one_where_there_is_one() -> None:
    chosen = select(GENOMES, "genus", None, 1)
    assert sorted(chosen["genus"]) == sorted(GENOMES["genus"].dropna().unique())
    assert {"GCF_23.1", "GCF_44.1"} <= set(chosen["accession"])
    assert chosen["genome"].tolist() == list(range(20))
    assert len(select(GENOMES, None, None, 1)) == 60


def test_of_one_seed_the_smaller_choice_is_within_the_larger() -> None:
    few, many = (set(select(GENOMES, "genus", n, 7)["accession"]) for n in (4, 9))
    assert len(few) == 4
    assert few < many
    assert few != set(select(GENOMES, "genus", 4, 8)["accession"])
    assert len(select(GENOMES, "family", 100, 7)) == 5  # all that there are
