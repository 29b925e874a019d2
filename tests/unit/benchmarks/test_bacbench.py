from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity

from glm.benchmarks.bacbench import OPERONS, against_windows
from glm.errors import GlmError

GENES = 40
CONTIG = [f"{number}" for number in range(GENES)]


def write(path: Path, **columns: list[object]) -> Path:
    """A row a genome, lists by contig, as the benchmark's own code reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def one_genome(path: Path, **changed: list[object]) -> Path:
    given: dict[str, list[object]] = {
        "taxid": ["83333"],
        "contig_name": [["NC_1", "NC_2", "NC_3"]],
        "protein_sequence": [[CONTIG, ["short"] * 11, ["none"]]],
        "operon_names": [[["abc", "de", "f"], ["gh"], None]],
        "operon_protein_indices": [[[[3, 4, 5], [20, 21], [9]], [[0, 1]], None]],
    }
    return write(path, **{**given, **changed})


def test_a_local_copy_is_read_by_contig_and_what_cannot_be_judged_is_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = OPERONS.read([one_genome(tmp_path / "data" / "train-00000-of-00001.parquet")])["all"]
    assert data["operons"] == [[[3, 4, 5], [20, 21]], [], []]
    assert data["genome"] == [0, 0, 0]
    assert len(OPERONS.sequences({"all": data})) == GENES + 12
    assert "2 operons are left out" in caplog.text


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"operon_protein_indices": [[[[3, GENES]], [], []]]}, "row 1 names operons outside its"),
        ({"operon_protein_indices": [[[[3, 4]]]]}, "row 1 names operons outside its contigs"),
        ({"protein_sequence": [["MK", "MV", "MA"]]}, "row 1: protein_sequence lists proteins, not"),
        ({"operon_protein_indices": [[[], [], []]]}, "no operon in the local copy; fetch it by hf"),
    ],
)
def test_what_a_copy_lacks_is_named(
    tmp_path: Path, changed: dict[str, list[object]], message: str
) -> None:
    with pytest.raises(GlmError, match=message):
        OPERONS.read([one_genome(tmp_path / "a.parquet", **changed)])
    other = write(tmp_path / "b.parquet", contig_name=[["a"]], dna_sequence=["acgt"])
    with pytest.raises(GlmError, match=r"b.parquet: .*this file contig_name, dna_sequence"):
        OPERONS.read([other])


def test_an_operon_is_judged_against_the_windows_that_the_benchmark_draws() -> None:
    vectors = np.random.default_rng(1).normal(size=(GENES, 5))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def score(genes: list[int]) -> float:
        pairs = cosine_similarity(vectors[genes])[np.triu_indices(len(genes), 1)]
        return float((pairs.mean() + 1) / 2)

    operon = [3, 4, 6]
    expected = []
    for seed in (1, 12, 123, 1234, 12345):
        random.seed(seed)
        starts = random.sample(range(GENES - 3), 10)
        others = [score([*range(start, start + 3)]) for start in starts]
        expected.append(roc_auc_score([1] + [0] * 10, [score(operon), *others]))
    assert 0.05 < np.mean(expected) < 0.95
    assert against_windows(vectors, operon) == pytest.approx(np.mean(expected))
    backwards = [against_windows(vectors, [*range(3 + start, start, -1)]) for start in range(20)]
    forwards = [against_windows(vectors, [*range(1 + start, 4 + start)]) for start in range(20)]
    assert backwards == forwards


def test_planted_operons_are_found_and_noise_is_not() -> None:
    noise = np.random.default_rng(2).normal(size=(GENES, 8))
    operons = [[start, start + 1, start + 2] for start in range(0, 36, 6)]
    planted = noise.copy()
    for number, operon in enumerate(operons):
        planted[operon] = 5 * np.eye(8)[number] + 0.1 * noise[operon]
    data = {"all": {"genome": [0], "Sequence": [CONTIG], "operons": [operons]}}
    found, groups = OPERONS.judge(data, lambda sequences: planted[[*map(int, sequences)]])
    assert found(None)[0] > 0.85
    assert len({*groups}) == len(operons)  # of one genome, operons are drawn
    of_noise, _ = OPERONS.judge(data, lambda sequences: noise[[*map(int, sequences)]])
    assert of_noise(None)[0] < 0.75
    two = {name: values * 2 for name, values in data["all"].items()} | {"genome": [0, 1]}
    _, by_genome = OPERONS.judge({"all": two}, lambda sequences: planted[[*map(int, sequences)]])
    assert [*by_genome] == [0] * 6 + [1] * 6
