from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.plant import STAMP, plant, plant_splits, plant_subcontigs

from glm import tables
from glm.decontamination.split import count_by_assembly, flag, sized_share, split
from glm.errors import GlmError

RESOURCES = {"threads": 1, "memory_mb": 200}


def flags_of(
    folder: Path, genes: Sequence[Sequence[int]], identities: dict[int, float], **settings: Any
) -> pd.DataFrame:
    """The flags of planted subcontigs whose representatives have hits at these identities."""
    subcontigs = plant_subcontigs(folder / "subcontigs.parquet", genes)
    hits = plant(
        folder / "hits.parquet",
        tables.REFERENCE_HITS,
        representative=identities.keys(),
        reference=[100 + representative for representative in identities],
        identity=identities.values(),
    )
    settings = {"identity": 0.7, "share": 0.5, **settings}
    flag(subcontigs, hits, folder / "flags.parquet", STAMP, **settings, **RESOURCES)
    return tables.read(folder / "flags.parquet", tables.FLAGS).to_pandas()


def test_more_than_half_of_the_genes_is_removed_and_exactly_half_is_not(tmp_path: Path) -> None:
    flags = flags_of(tmp_path, [[1, 1, 2, 2], [1, 1, 1, 2], [2, 2, 2, 2]], {1: 0.95})
    assert flags.genes_like_reference.tolist() == [2, 3, 0]
    assert flags.removed.tolist() == [False, True, False]
    assert flags.share.tolist() == [0.5, 0.75, 0.0]


def test_half_of_an_odd_number_of_genes_is_judged_by_the_true_half(tmp_path: Path) -> None:
    flags = flags_of(tmp_path, [[1] * 7 + [2] * 8, [1] * 8 + [2] * 7], {1: 0.95})
    assert flags.removed.tolist() == [False, True]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9])
def test_the_identity_itself_is_not_over_it(tmp_path: Path, threshold: float) -> None:
    flags = flags_of(
        tmp_path, [[1], [2], [3]], {1: threshold, 2: threshold + 1e-4, 3: 0.1}, identity=threshold
    )
    assert flags.removed.tolist() == [False, True, False]


def test_a_gene_without_representative_counts_as_a_gene_that_is_like_nothing(
    tmp_path: Path,
) -> None:
    flags = flags_of(tmp_path, [[1, 1, -1, -1], [1, 1, -1]], {1: 0.95})
    assert flags.genes.tolist() == [4, 3]
    assert flags.removed.tolist() == [False, True]


def test_a_representative_counts_as_often_as_it_occurs(tmp_path: Path) -> None:
    assert flags_of(tmp_path, [[1, 1, 1, 1, 2]], {1: 0.8}).genes_like_reference.tolist() == [4]


def test_the_share_is_configured(tmp_path: Path) -> None:
    genes = [[1, 2, 2, 2], [1, 1, 2, 2]]
    assert flags_of(tmp_path, genes, {1: 0.8}, share=0.25).removed.tolist() == [False, True]


def test_flags_come_in_the_order_of_the_subcontigs(tmp_path: Path) -> None:
    flags = flags_of(tmp_path, [[number % 7] * 15 for number in range(3000)], {3: 0.9})
    assert flags.subcontig.tolist() == list(range(3000))
    assert flags.removed.tolist() == [number % 7 == 3 for number in range(3000)]


def splits_of(folder: Path, removed: Sequence[bool], share: float | None, seed: int) -> list[str]:
    """The splits of planted flags, after checking the counts that are returned."""
    numbers = range(len(removed))
    flags = plant(folder / "flags.parquet", tables.FLAGS, subcontig=numbers, removed=removed)
    output = folder / "splits.parquet"
    counts = split(flags, output, STAMP, validation_share=share, seed=seed)
    found: list[str] = tables.read(output, tables.SPLITS)["split"].to_pylist()
    assert counts == {name: found.count(name) for name in ("train", "validation", "removed")}
    return found


def test_what_is_flagged_is_removed_and_nothing_else(tmp_path: Path) -> None:
    removed = [number % 5 == 0 for number in range(1000)]
    found = splits_of(tmp_path, removed, 0.2, seed=1)
    assert [name == "removed" for name in found] == removed


def test_the_validation_share_is_of_what_is_kept(tmp_path: Path) -> None:
    found = splits_of(tmp_path, [number < 10_000 for number in range(20_000)], 0.1, seed=1)
    # 1000 expected, standard deviation 30: six of them either side
    assert 820 < found.count("validation") < 1180


def test_the_same_seed_gives_the_same_split_and_another_another(tmp_path: Path) -> None:
    kept = [False] * 500
    first = splits_of(tmp_path, kept, 0.3, seed=5)
    assert splits_of(tmp_path, kept, 0.3, seed=5) == first
    assert splits_of(tmp_path, kept, 0.3, seed=6) != first


def test_a_small_share_still_holds_one_subcontig_out(tmp_path: Path) -> None:
    found = splits_of(tmp_path, [True, False, False, False], 1e-9, seed=3)
    assert found.count("validation") == 1
    assert found[0] == "removed"


def test_without_a_share_it_goes_by_the_number_of_subcontigs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shares = [sized_share(kept) for kept in (0, 50, 200, 400, 10_000, 400_000)]
    assert shares == pytest.approx([0.2, 0.2, 0.1, 0.05, 0.05, 0.025])
    found = splits_of(tmp_path, [False] * 400_000, None, seed=1).count("validation")
    assert found == pytest.approx(10_000, rel=0.05)
    assert "fewer than a gLM learns" not in caplog.text
    splits_of(tmp_path, [False] * 52, 0.001, seed=1)
    assert "only 1 of 52 subcontigs are held out: an accuracy on so few" in caplog.text
    assert "51 subcontigs to train on are fewer than a gLM learns anything from" in caplog.text


def test_no_share_holds_nothing_out(tmp_path: Path) -> None:
    assert splits_of(tmp_path, [False] * 50, 0.0, seed=3) == ["train"] * 50


def test_nothing_left_to_train_on_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="no subcontig is left to train on"):
        splits_of(tmp_path, [True] * 3, 0.1, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["flags.parquet"]


def test_counts_of_each_assembly_are_stored_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assemblies = ["DH1", "DH1", "DH1", "N315", "N315"]
    subcontigs = plant_subcontigs(tmp_path / "subcontigs.parquet", [[1]] * 5, assembly=assemblies)
    names = ["removed", "removed", "train", "train", "validation"]
    splits = plant_splits(tmp_path / "splits.parquet", names)
    output = tmp_path / "removed_by_assembly.parquet"
    with caplog.at_level(logging.INFO):
        count_by_assembly(subcontigs, splits, output, STAMP, **RESOURCES)
    rows = tables.read(output, tables.REMOVED_BY_ASSEMBLY).to_pylist()
    assert rows == [
        {"assembly": "DH1", "subcontigs": 3, "removed": 2, "train": 1, "validation": 0},
        {"assembly": "N315", "subcontigs": 2, "removed": 0, "train": 1, "validation": 1},
    ]
    lines = [record.getMessage().split() for record in caplog.records]
    assert ["DH1", "3", "2", "1", "0"] in lines
    assert ["all", "5", "2", "2", "1"] in lines
