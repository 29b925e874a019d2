from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.plant import mutated, plant_splits, plant_subcontigs
from tests.unit.annotation.test_search import REAL, UNLIKE_ANY
from tests.workflow.small_run import write_representatives

from glm.enzymes import examples
from glm.errors import GlmError


def test_each_protein_counts_where_it_first_occurs(tmp_path: Path) -> None:
    genes = [[5, 1], [1, 2, -1], [2, 3], [4, 4]]
    proteins = [[100 + gene for gene in row] for row in genes]
    path = plant_subcontigs(tmp_path / "s.parquet", genes, protein=proteins)
    found = examples.first_occurrences(
        path, np.array([1, 2, 3]), {1: "1.1.1.1", 2: "2.2.2.2", 4: "4.4.4.4"}
    )
    assert found["representative"].tolist() == [1, 2, 4]
    assert found["subcontig"].tolist() == [1, 1, 3]  # subcontig 0 was not sampled
    assert found["rank"].tolist() == [0, 1, 0]
    assert found["protein"].tolist() == [101, 102, 104]


def test_only_training_subcontigs_are_sampled(tmp_path: Path) -> None:
    parts = ["train", "removed", "validation", "train", "train"]
    path = plant_splits(tmp_path / "splits.parquet", parts)
    assert examples.sample_subcontigs(path, 100, 1).tolist() == [0, 3, 4]
    assert len(examples.sample_subcontigs(path, 2, 1)) == 2
    seen = {tuple(examples.sample_subcontigs(path, 1, seed)) for seed in range(20)}
    assert seen == {(0,), (3,), (4,)}


def test_partial_numbers_and_small_classes_go() -> None:
    numbers = ["1.1.1.1"] * 3 + ["1.1.1.2"] * 2 + ["1.1.1.-"] * 5 + ["2.2.2.2"] * 4
    kept = examples.keep_classes(pd.DataFrame({"ec": numbers}), 3)
    assert kept["ec"].value_counts().to_dict() == {"2.2.2.2": 4, "1.1.1.1": 3}


def test_the_published_protocol_takes_classes_that_are_large_in_the_corpus() -> None:
    sampled = {"1.1.1.1": 3, "1.1.1.2": 3, "2.2.2.2": 2, "3.3.3.3": 4}
    found = pd.DataFrame({"ec": [ec for ec, count in sampled.items() for _ in range(count)]})
    sizes = {"1.1.1.1": 51, "1.1.1.2": 50, "2.2.2.2": 900, "3.3.3.3": 60}
    kept = examples.keep_classes(found, 3, sizes)
    assert kept["ec"].value_counts().to_dict() == {"3.3.3.3": 4, "1.1.1.1": 3}
    with pytest.raises(GlmError, match="3 proteins or more and over 50 in the corpus"):
        examples.keep_classes(found, 3, {**sizes, "1.1.1.1": 4})


def test_too_few_classes_say_what_to_do() -> None:
    with pytest.raises(GlmError, match=r"1 enzyme classes have 3 proteins or more.*subcontigs"):
        examples.keep_classes(pd.DataFrame({"ec": ["1.1.1.1"] * 9 + ["2.2.2.2"] * 2}), 3)


def test_the_paper_s_shares_class_by_class() -> None:
    labels = np.repeat(["a", "b", "c"], [100, 50, 3])
    parts = examples.split_groups(labels, np.arange(len(labels)), 1)
    counts = pd.crosstab(labels, parts)
    assert counts.loc["a"].to_dict() == {"train": 72, "validation": 8, "test": 20}
    assert counts.loc["b", "test"] == 10
    assert counts.loc["c", "train"] >= 1


def test_classes_of_three_meet_the_shares_together() -> None:
    labels = np.repeat(np.arange(2000), 3).astype(str)
    parts = examples.split_groups(labels, np.arange(len(labels)), 1)
    assert np.isin(np.unique(labels), labels[parts == "train"]).all()
    share = pd.Series(parts).value_counts(normalize=True)
    # the first of three always trains, so that the shares are only nearly met
    assert share["test"] == pytest.approx(0.20, abs=0.02)
    assert share["train"] == pytest.approx(0.72, abs=0.02)


def test_groups_stay_whole_and_lone_ones_train() -> None:
    random = np.random.default_rng(0)
    labels = np.repeat([f"c{n}" for n in range(50)], 20)
    groups = np.repeat(np.arange(250), 4)  # five groups a class
    labels[random.integers(0, 1000, 30)] = "c0"  # some groups are mixed
    labels, groups = np.append(labels, ["lone"] * 3), np.append(groups, [999] * 3)
    parts = examples.split_groups(labels, groups, 3)
    assert (pd.Series(parts).groupby(groups).nunique() == 1).all()
    assert set(parts[labels == "lone"]) == {"train"}
    marked = examples.mark_unseen(labels, parts)
    tested = np.isin(marked, ["validation", "test"])
    assert np.isin(labels[tested], labels[marked == "train"]).all()


def test_a_class_without_training_is_not_tested() -> None:
    labels = np.array(["a", "a", "b", "b"])
    parts = np.array(["train", "test", "test", "validation"], dtype=object)
    assert examples.mark_unseen(labels, parts).tolist() == ["train", "test", "unseen", "unseen"]


def test_homologues_are_found(mmseqs: str, tmp_path: Path) -> None:
    relatives = [REAL[0], UNLIKE_ANY, mutated(REAL[0], 0.2), REAL[1], mutated(REAL[1], 0.1)]
    write_representatives(tmp_path, ["MKKLLPTAAAGLLLLAAQPAMA" * 3, *relatives])
    clusters = examples.cluster_homologues(
        tmp_path / "representatives.parquet", np.arange(1, 6, dtype=np.int32), 0.5, 0.8, 1
    )
    assert clusters[0] == clusters[2]
    assert clusters[3] == clusters[4]
    assert len(set(clusters.tolist())) == 3
