from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats
from scipy.spatial.distance import pdist
from tests.plant import plant_subcontigs

from glm import tables
from glm.errors import GlmError
from glm.semantics import distribution, variance

FEATURES, LENGTH = 6, 8


def write_corpus(folder: Path, genes: np.ndarray, embeddings: np.ndarray, groups: int = 5) -> None:
    """Subcontigs of `genes` (subcontigs, LENGTH), and their embeddings in two shards."""
    plant_subcontigs(folder / "subcontigs.parquet", genes, protein=list(genes + 100))
    kind = tables.vector_field(FEATURES, embeddings.dtype)
    half = len(genes) // 2
    for shard, part in enumerate((np.arange(half), np.arange(half, len(genes)))):
        path = folder / f"{shard}.parquet"
        with tables.TableWriter(path, tables.CONTEXTUAL, {}, embedding=kind) as writer:
            for some in np.array_split(part, groups):
                flat = embeddings[some].reshape(-1, FEATURES)
                columns = [
                    pa.array(np.repeat(some, LENGTH)),
                    pa.array(np.tile(np.arange(LENGTH), len(some)), pa.int32()),
                    pa.array(genes[some].ravel() + 100),
                    pa.array(genes[some].ravel(), pa.int32()),
                    tables.vector_array(flat),
                ]
                writer.write(pa.Table.from_arrays(columns, schema=writer.schema))


@pytest.fixture(scope="module", params=[np.float16, np.float32])
def corpus(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, np.ndarray, np.ndarray]:
    """Embeddings as they are stored."""
    folder = tmp_path_factory.mktemp("variance")
    rng = np.random.default_rng(1)
    genes = rng.integers(-1, 20, (300, LENGTH))
    spread = np.linspace(0, 3, 20)[genes] * (genes >= 0)
    embeddings = rng.normal(size=(300, LENGTH, FEATURES)) * spread[:, :, None]
    embeddings = embeddings.astype(request.param)
    write_corpus(folder, genes, embeddings)
    return folder, genes, embeddings


def test_edges_and_genes_without_representative_do_not_count(
    corpus: tuple[Path, np.ndarray, np.ndarray],
) -> None:
    folder, genes, _ = corpus
    inner = genes[:, 1:-1]
    expected = np.bincount(inner[inner >= 0])
    found = variance.count_occurrences(folder / "subcontigs.parquet")
    assert found.tolist() == expected.tolist()


def test_the_distance_is_scipys() -> None:
    points = np.random.default_rng(2).normal(size=(3, 10, 4)).astype(np.float16)
    expected = [pdist(sample.astype(float)).mean() for sample in points]
    assert variance.mean_pairwise_distance(points) == pytest.approx(expected, rel=1e-6)
    same = np.repeat(points[:1, :1], 10, axis=1)
    assert variance.mean_pairwise_distance(same) == 0


def test_the_variance_of_all_occurrences_is_known(
    corpus: tuple[Path, np.ndarray, np.ndarray],
) -> None:
    """With samples as large as the occurrences, the variance is that of all of them."""
    folder, genes, embeddings = corpus
    counts = variance.count_occurrences(folder / "subcontigs.parquet")
    shards = [folder / "0.parquet", folder / "1.parquet"]
    inner, of_inner = genes[:, 1:-1], embeddings[:, 1:-1].astype(float)
    for protein in (3, 11, 19):
        only = np.where(np.arange(len(counts)) == protein, counts, 0)
        draws = variance.draw(only, counts[protein], 2, counts[protein], 100, seed=1)
        found = variance.variances(shards, draws, folder)
        assert found[:, 0] == pytest.approx(pdist(of_inner[inner == protein]).mean(), rel=1e-4)


def test_planted_variances_come_out_in_order(corpus: tuple[Path, np.ndarray, np.ndarray]) -> None:
    folder, _, _ = corpus
    counts = variance.count_occurrences(folder / "subcontigs.parquet")
    draws = variance.draw(counts, 40, 10, 30, 100, seed=1)
    assert len(draws.representative) == 20
    found = variance.variances([folder / "0.parquet", folder / "1.parquet"], draws, folder)[:, 0]
    assert found[0] == 0
    # standard deviation s in k dimensions: distances have the mean of a chi distribution
    expected = np.linspace(0, 3, 20) * np.sqrt(2) * stats.chi(FEATURES).mean()
    assert found[1:] == pytest.approx(expected[1:], rel=0.15)
    assert np.corrcoef(found, expected)[0, 1] > 0.99
    assert list(folder.glob(".drawn*")) == []


def test_seeds_draw_anew_and_agree_where_a_sample_is_everything(
    corpus: tuple[Path, np.ndarray, np.ndarray],
) -> None:
    folder, _, _ = corpus
    counts = variance.count_occurrences(folder / "subcontigs.parquet")
    shards = [folder / "0.parquet", folder / "1.parquet"]
    some = variance.draw(counts, 40, 2, 10, 100, seed=1, seeds=3)
    found = variance.variances(shards, some, folder)
    assert found.shape == (20, 3)
    assert (np.ptp(found[1:], axis=1) > 0).all()
    only = np.where(np.arange(len(counts)) == 9, counts, 0)
    every = variance.draw(only, counts[9], 2, counts[9], 100, seed=1, seeds=3)
    assert np.ptp(variance.variances(shards, every, folder)) == pytest.approx(0, abs=1e-9)


def test_fits_are_means_over_seeds_with_their_deviation() -> None:
    def of_seed(distance: float) -> pd.DataFrame:
        about = {"variant": "trained", "proteins": ["annotated", "all"], "n": 7, "zero": 0}
        return pd.DataFrame(about).assign(distance=distance, correlation=1.0, difference=np.nan)

    (found,) = distribution.over_seeds([of_seed(0.1), of_seed(0.2), of_seed(0.3)])
    assert found["proteins"].tolist() == ["annotated", "all"]
    assert found["distance"].tolist() == pytest.approx([0.2, 0.2])
    assert found["distance_deviation"].tolist() == pytest.approx([0.1, 0.1])
    assert found["seeds"].tolist() == [3, 3]
    assert distribution.over_seeds([]) == []


def test_too_few_occurrences_say_what_to_lower() -> None:
    with pytest.raises(GlmError, match=r"occurs 100 times .* \(the most: 7\); lower context_var"):
        variance.draw(np.array([3, 7]), 100, 10, 100, 5, seed=1)
    with pytest.raises(GlmError, match=r"minimum_occurrences \(5\) is under sample_size \(9\)"):
        variance.draw(np.array([30, 70]), 5, 10, 9, 5, seed=1)


def test_at_most_so_many_proteins_are_drawn() -> None:
    draws = variance.draw(np.full(50, 20), 10, 3, 5, 7, seed=1)
    assert draws.drawn.shape == (7, 3, 5)
    assert draws.drawn.max() < 20
    assert all(len(set(sample)) == 5 for protein in draws.drawn.tolist() for sample in protein)


def test_embeddings_of_another_corpus_are_refused(
    corpus: tuple[Path, np.ndarray, np.ndarray],
) -> None:
    folder, _, _ = corpus
    draws = variance.draw(np.full(20, 5000), 100, 10, 100, 5, seed=1)
    with pytest.raises(GlmError, match="of another corpus"):
        variance.variances([folder / "0.parquet"], draws, folder)


def test_a_log_normal_sample_fits_and_another_does_not() -> None:
    rng = np.random.default_rng(3)
    good = distribution.fit(rng.lognormal(1.5, 0.4, 800), rounds=300, seed=1)
    assert good["mean_log"] == pytest.approx(1.5, abs=0.05)
    assert good["deviation_log"] == pytest.approx(0.4, abs=0.03)
    assert good["p"] > 0.05
    assert good["distance"] < good["normal_distance"]
    bad = distribution.fit(rng.uniform(1, 9, 800), rounds=300, seed=1)
    assert bad["p"] < 0.01
    with_zeros = distribution.fit(np.append(rng.lognormal(0, 1, 50), [0, 0]), rounds=50, seed=1)
    assert (with_zeros["zero"], with_zeros["n"]) == (2, 52)
    assert np.isnan(distribution.fit(np.ones(10), rounds=10, seed=1)["p"])


def test_the_fit_s_distance_and_p_are_those_of_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = np.random.default_rng(4).normal(1, 2, 60)
    expected = stats.goodness_of_fit(stats.norm, logs, statistic="ks", n_mc_samples=99, rng=1)
    monkeypatch.setattr(distribution, "DRAWN_AT_ONCE", 60 * 7)  # a few rounds at a time
    found = distribution.fit(np.exp(logs), rounds=99, seed=1)
    assert found["distance"] == pytest.approx(expected.statistic)
    assert found["p"] == pytest.approx(expected.pvalue)


def test_planted_words_are_found_in_their_tail() -> None:
    rng = np.random.default_rng(5)
    values = np.arange(400.0)
    products = [
        "Putative transposase" if value >= 380 or rng.random() < 0.02
        else "ribosomal protein L2" if value < 20 else "kinase family protein"
        for value in values
    ]  # fmt: skip
    found = distribution.enriched_words(products, values, tail_share=0.05, minimum=5)
    first = found.groupby("tail").first()
    assert first.loc["most variant", "word"] == "transposase"
    assert first.loc["least variant", "word"] == "ribosomal"
    assert first["adjusted_p"].max() < 1e-6
    row = found[(found["tail"] == "most variant") & (found["word"] == "transposase")].iloc[0]
    assert (row["in_tail"], row["tail_size"], row["proteins"]) == (20, 20, 400)
    assert row["enrichment"] == pytest.approx(400 / row["with_word"])
    assert "putative" not in set(found["word"])


def test_the_difference_of_annotated_and_unannotated_is_planted() -> None:
    rng = np.random.default_rng(6)
    annotated = np.repeat([True, False], 300)
    logs = rng.normal(0, 1, 600) + 0.5 * annotated
    found = distribution.mean_difference(logs, annotated, rounds=500, seed=1)
    assert found["difference_lower"] < 0.5 < found["difference_upper"]
    assert found["difference_lower"] > 0


def test_a_difference_that_the_number_of_occurrences_explains_is_none() -> None:
    rng = np.random.default_rng(8)
    occurrences = np.exp(rng.normal(4, 1, 600))
    annotated = np.log(occurrences) + rng.normal(0, 1, 600) > 4
    logs = 0.5 * np.log(occurrences) + rng.normal(0, 0.3, 600)
    assert distribution.mean_difference(logs, annotated, 300, 1)["difference_lower"] > 0.2
    controlled = distribution.without_occurrences(logs, occurrences)
    found = distribution.mean_difference(controlled, annotated, 300, 1)
    assert found["difference_lower"] < 0 < found["difference_upper"]


def test_the_scorecard_is_reported_what_the_variances_are_distributed_as() -> None:
    rng = np.random.default_rng(7)
    skewed = np.exp(rng.gumbel(0, 0.6, 500))
    for values, said in ((rng.lognormal(1, 0.6, 500), "log-normal"),
                         (skewed, "closer to log-normal than to normal"),
                         (rng.normal(9, 2, 500), "not log-normal"),
                         (rng.gamma(20, 1, 8), None)):  # fmt: skip
        row = {"variant": "trained", **distribution.fit(values, 50, 1)}
        names = ("annotated", "unannotated", "all")
        fits = pd.DataFrame([{**row, "proteins": name} for name in names])
        found = {number["id"]: number for number in distribution.numbers(fits)}
        assert json.loads(found["context_variance.distribution"]["value"]) == said
        assert found["context_variance.distribution"]["n"] == len(values)


def test_words_end_with_a_letter() -> None:
    found = distribution.words_of(
        "Putative glyceraldehyde-3-phosphate dehydrogenase, ABC-type Cas1"
    )
    assert found == {"glyceraldehyde", "phosphate", "dehydrogenase", "abc-type", "cas"}
