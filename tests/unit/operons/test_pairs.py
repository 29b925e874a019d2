from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glm.errors import GlmError
from glm.operons.pairs import (
    in_order,
    listed_operons,
    silver_operons,
    subcontig_pairs,
    transcription_units,
)


@pytest.fixture
def genes() -> pd.DataFrame:
    """Two contigs: on the first, gaps of 10, 49, 50 and -4, the last on the other strand."""
    return in_order(
        pd.DataFrame(
            {
                "contig": [1, 1, 1, 1, 1, 2, 2],
                "rank": [0, 1, 2, 3, 4, 0, 1],
                "protein": [10, 11, 12, 13, 14, 15, 16],
                "start": [1, 111, 260, 410, 506, 1, 20],
                "end": [100, 210, 359, 509, 700, 90, 60],
                "forward": [True, True, True, True, False, False, False],
            }
        )
    )


def labelled(genes: pd.DataFrame) -> pd.DataFrame:
    operon = silver_operons(genes)
    return genes.assign(operon=operon, unit=transcription_units(operon))


def test_gaps_are_bases_between_neighbours(genes: pd.DataFrame) -> None:
    assert genes["gap"].tolist()[1:5] == [10, 49, 50, -4]
    assert np.isnan(genes["gap"][[0, 5]]).all()
    assert genes["gap"][6] == -71  # one gene inside another


def test_the_silver_standard_joins_one_strand_under_fifty_bases(genes: pd.DataFrame) -> None:
    operon = silver_operons(genes)
    assert operon[0] == operon[1] == operon[2] >= 0
    assert operon[3] == operon[4] == -1  # 50 bases are too many; the next is on the other strand
    assert operon[5] == operon[6] not in (-1, operon[0])


def test_listed_operons_by_protein(genes: pd.DataFrame) -> None:
    operon, names = listed_operons(genes, {11: "b", 12: "b", 16: "a"})
    assert names == ["a", "b"]
    assert operon.tolist() == [-1, 1, 1, -1, -1, -1, 0]


def test_units_are_operons_and_lone_genes() -> None:
    assert transcription_units(np.array([-1, 0, 0, -1])).tolist() == [1, 0, 0, 4]


def subcontigs(**changed: object) -> pd.DataFrame:
    rows = {
        "subcontig": [7, 8],
        "contig": [1, 2],
        "first_rank": [1, 0],
        "protein": [[11, 12, 13, 14], [15, 16]],
    }
    return pd.DataFrame({**rows, **changed})


def test_pairs_of_a_subcontig(genes: pd.DataFrame) -> None:
    pairs = subcontig_pairs(subcontigs(), labelled(genes), genes_per_stretch=120)
    assert len(pairs) == 6 + 1
    first = pairs[pairs["subcontig"] == 7]
    assert list(zip(first["first"], first["second"], strict=True)) == [
        (0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
    assert first["same_operon"].tolist() == [True, False, False, False, False, False]
    assert first["same_strand"].tolist() == [True, True, False, True, False, False]
    assert first["neighbours"].tolist() == [True, False, False, True, False, True]
    assert first["gap"].dropna().tolist() == [49, 50, -4]
    assert pairs["stretch"].nunique() == 2


def test_genes_without_operon_make_no_operon_together(genes: pd.DataFrame) -> None:
    pairs = subcontig_pairs(subcontigs(), labelled(genes), 120)
    lone = pairs[(pairs["first_gene"] == 3) & (pairs["second_gene"] == 4)]
    assert not lone["same_operon"].any()


def test_subcontigs_of_another_run_are_refused(genes: pd.DataFrame) -> None:
    with pytest.raises(GlmError, match="subcontig 8: its genes are not those"):
        subcontig_pairs(subcontigs(protein=[[11, 12, 13, 14], [15, 99]]), labelled(genes), 120)
    with pytest.raises(GlmError, match="subcontig 8: its genes are not those"):
        subcontig_pairs(subcontigs(first_rank=[1, 1]), labelled(genes), 120)
