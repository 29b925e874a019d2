from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import average_precision_score, f1_score
from sklearn.metrics.pairwise import (
    cosine_similarity,
    paired_cosine_distances,
    paired_euclidean_distances,
    paired_manhattan_distances,
)

from glm.benchmarks.comparison import judge_all, published, to_numbers
from glm.benchmarks.dgeb_tasks import TASKS, macro_f1
from glm.errors import GlmError

OPERONS, PARALOGS, CLASSES = TASKS


def encoder(vectors: Mapping[str, np.ndarray]) -> Callable[[Sequence[str]], np.ndarray]:
    return lambda sequences: np.stack([vectors[sequence] for sequence in sequences])


def random_vectors(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    return dict(
        zip(
            map(str, range(count)), np.random.default_rng(seed).normal(size=(count, 6)), strict=True
        )
    )


def write(path: Path, **columns: Sequence[object]) -> Path:
    """As the hub has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
    return path


def test_a_local_copy_is_read_and_what_it_lacks_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "ec_classification" / "data"
    train = write(folder / "train-00000-of-00001.parquet", Entry="ab", Sequence="MK", Label="12")
    test = write(folder / "test-00000-of-00001.parquet", Entry="c", Sequence="V", Label="1")
    data = CLASSES.read([train, test])
    assert data["train"] == {"Sequence": ["M", "K"], "Label": ["1", "2"]}
    assert CLASSES.sequences(data) == ["M", "K", "V"]
    with pytest.raises(GlmError, match=r"no data/test-\*.parquet in the local copy"):
        CLASSES.read([train])
    with pytest.raises(GlmError, match=r"no column 'Seq1'; modac_paralogy_bigene has Seq1, Seq2"):
        PARALOGS.read([train])
    train.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(GlmError, match=r"train-00000-of-00001.parquet: no Parquet file"):
        OPERONS.read([train])


def test_operons_are_judged_by_the_best_of_four_likenesses() -> None:
    vectors = random_vectors(40)
    genes, labels = [*vectors], np.random.default_rng(5).integers(0, 2, 40)
    data = {"train": {"Sequence": genes, "Label": labels.tolist()}}
    statistic, groups = OPERONS.judge(data, encoder(vectors))
    values = np.stack([*vectors.values()])
    first, second, joined = values[:-1], values[1:], labels[:-1]
    expected = [
        average_precision_score(joined, score)
        for score in (
            1 - paired_cosine_distances(first, second),
            -paired_manhattan_distances(first, second),
            -paired_euclidean_distances(first, second),
            (first * second).sum(1),
        )
    ]
    assert statistic(None) == pytest.approx([max(expected)])
    # two pairs are of one run where the gene between them is joined to the one before
    assert (np.diff(groups) == 0).tolist() == (joined[:-1] == 1).tolist()


def test_partners_are_looked_for_among_fifty() -> None:
    vectors = random_vectors(140, seed=2)
    first, second = [*vectors][:70], [*vectors][70:]
    data = {"train": {"Seq1": first, "Seq2": second}}
    values = np.stack([*vectors.values()])
    cosine = cosine_similarity(values[:70], values[70:])
    rank = (cosine > np.diag(cosine)[:, None]).sum(1)
    statistic, _ = PARALOGS.judge(data, encoder(vectors))
    assert 0.2 < np.mean(rank < 50) < 0.95
    assert statistic(None) == pytest.approx([np.mean(rank < 50)])


def test_classes_that_can_be_reported_apart_are_and_noise_is_not() -> None:
    train, test = [str(n) for n in range(40)], [str(n) for n in range(40, 60)]
    label = {name: f"1.1.1.{int(name) % 2}" for name in (*train, *test)}
    data = {
        split: {"Sequence": names, "Label": [label[name] for name in names]}
        for split, names in (("train", train), ("test", test))
    }
    reported = encoder({name: np.eye(2)[int(name) % 2] for name in label})
    noise = encoder(random_vectors(60))
    table = judge_all(CLASSES, data, {"protein": noise, "contextual": reported}, 50, 1)
    by_model = table.set_index("model")
    assert by_model.loc["contextual", "value"] == 1
    assert by_model.loc["protein", "value"] < 0.8
    assert by_model.loc["contextual", "difference_lower"] > 0
    assert by_model.loc["ESM-2 650M", "value"] == 0.6372
    assert by_model.loc["ESM-2 650M", "source"] != "this run"
    [protein, contextual] = to_numbers([table], [CLASSES], ["of planted proteins"])
    assert protein["id"] == "benchmarks.ec_classification.protein"
    assert (contextual["value"], contextual["n"]) == ("1.0", 20)
    assert "of planted proteins; published: ESM-2 650M 0.637, ESM-2 3B 0.680" in contextual["note"]


def test_macro_f1_is_scikit_learns() -> None:
    random = np.random.default_rng(0)
    truth, called = random.integers(0, 4, 30), random.integers(0, 5, 30)
    weights = random.integers(1, 4, (3, 30))
    found = macro_f1(truth, called, weights)
    expected = [f1_score(truth, called, average="macro", sample_weight=row) for row in weights]
    assert found == pytest.approx(expected)
    assert macro_f1(truth, called, None) == pytest.approx(
        [f1_score(truth, called, average="macro")]
    )


def test_each_task_has_what_was_published() -> None:
    assert [*published()] == [task.name for task in TASKS]
    assert published()["ecoli_operonic_pair"]["values"]["ProtT5-XL-BFD"] == 0.6256
