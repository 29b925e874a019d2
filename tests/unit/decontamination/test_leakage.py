from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.plant import STAMP, plant, plant_splits, plant_subcontigs

from glm import tables
from glm.decontamination.leakage import audit


@pytest.fixture
def leakage(tmp_path: Path) -> pd.DataFrame:
    """Of three subcontigs, one removed; representatives 1-4 hit at 0.3, 0.55, 0.8 and 0.95."""
    genes = [[1, 2, 3, 4], [4, 4, 4, -1], [3, 3, 9, 9]]
    audit(
        plant_subcontigs(tmp_path / "subcontigs.parquet", genes),
        plant_splits(tmp_path / "splits.parquet", ["train", "removed", "validation"]),
        plant(
            tmp_path / "hits.parquet",
            tables.REFERENCE_HITS,
            representative=[1, 2, 3, 4],
            reference=[11, 12, 12, 14],
            identity=[0.3, 0.55, 0.8, 0.95],
        ),
        tmp_path / "leakage.parquet",
        STAMP,
        share=0.5,
        threads=1,
        memory_mb=200,
    )
    found = tables.read(tmp_path / "leakage.parquet", tables.LEAKAGE).to_pandas()
    found["identity"] = found.identity.round(2)
    return found


def test_training_genes_are_counted_over_each_identity(leakage: pd.DataFrame) -> None:
    train = leakage[leakage.split == "train"].set_index("identity")
    assert train.index.tolist() == pytest.approx([0.3, 0.5, 0.7, 0.9])
    assert train.genes.tolist() == [4, 4, 4, 4]
    assert train.genes_like_reference.tolist() == [3, 3, 2, 1]  # 0.30 is not over 0.30
    assert train.reference_proteins.tolist() == [2, 2, 2, 1]
    assert train.subcontigs_mostly_alike.tolist() == [1, 1, 0, 0]  # two of four are not most


def test_held_out_genes_are_counted_apart_and_removed_ones_not_at_all(
    leakage: pd.DataFrame,
) -> None:
    held_out = leakage[leakage.split == "validation"]
    assert held_out.genes_like_reference.tolist() == [2, 2, 2, 0]
    assert held_out.reference_proteins.tolist() == [1, 1, 1, 0]
    assert set(leakage.split) == {"train", "validation"}
