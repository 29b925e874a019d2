from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from glm.errors import GlmError
from glm.operons import classification, features
from glm.operons.features import ATTENTION, COMBINED, COUPLING, STRAND_DISTANCE

GENES = 1500


@pytest.fixture(scope="module")
def genome() -> tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray]:
    """Neighbours with operons, gaps that tell half of the truth, and heads that tell the rest."""
    random = np.random.default_rng(11)
    unit = np.repeat(np.arange(GENES // 3), 3)
    same_operon = np.tile([True, True, False], GENES // 3) & (random.random(GENES) < 0.8)
    strand = np.where(same_operon, True, random.random(GENES) < 0.6)
    gap = np.where(same_operon, random.normal(20, 60, GENES), random.normal(120, 80, GENES))
    pairs = pd.DataFrame(
        {
            "same_operon": same_operon,
            "same_strand": strand,
            "gap": gap,
            "unit": unit,
            "stretch": np.arange(GENES) // 60,
        }
    )
    signal = same_operon[:, None] * 0.02 + random.normal(0, 0.02, (GENES, 6)) + 0.07
    attention = {
        "trained": signal,
        "untrained": random.normal(0.07, 0.02, (GENES, 6)),
        "reordered_by_place": random.permutation(signal),
    }
    return pairs, attention, random.normal(size=(GENES + 1, 20))


def compare(
    genome: tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray],
) -> classification.Comparison:
    pairs, attention, embeddings = genome
    random = np.random.default_rng(3)
    corrected = pairs["same_operon"] * 0.5 + random.normal(0, 0.5, GENES)
    noise = dict.fromkeys(("change", "coupling"), random.normal(size=GENES))
    coupled = pd.DataFrame({**noise, "corrected": corrected})
    sets = features.feature_sets(pairs, attention, embeddings[:-1], embeddings[1:], coupled)
    return classification.compare(
        sets, pairs["same_operon"].to_numpy(), pairs["unit"].to_numpy(),
        pairs["stretch"].to_numpy(), rounds=100, seed=4,
    )  # fmt: skip


@pytest.fixture(scope="module")
def comparison(
    genome: tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray],
) -> classification.Comparison:
    return compare(genome)


def row(comparison: classification.Comparison, name: str, folds: str = "stretches") -> pd.Series:
    table = comparison.table
    return table[(table["features"] == name) & (table["folds"] == folds)].iloc[0]


def test_planted_signals_are_found_and_noise_is_not(
    comparison: classification.Comparison,
) -> None:
    base = row(comparison, "none")["average_precision"]
    assert base == pytest.approx(comparison.table["positives"][0] / GENES)
    for noise in (
        "attention, untrained", "attention, reordered by place", "embedding pairs",
        "coupling, not corrected",
    ):  # fmt: skip
        assert row(comparison, noise)["average_precision"] == pytest.approx(base, abs=0.06)
    for signal in ("strand", STRAND_DISTANCE, "distance rule 50 bp", COUPLING, ATTENTION, COMBINED):
        assert row(comparison, signal)["average_precision"] > base + 0.08


def test_attention_that_adds_to_distance_is_said_to(
    comparison: classification.Comparison,
) -> None:
    combined = row(comparison, COMBINED)
    assert combined["difference"] > 0.02
    assert combined["difference_lower"] > 0
    assert classification.verdict(comparison.table, COMBINED, "planted").startswith(
        "attention + distance + strand is better than strand and distance: +"
    )


def test_attention_that_knows_only_distance_is_said_to_add_nothing(
    genome: tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray],
) -> None:
    pairs, _, embeddings = genome
    random = np.random.default_rng(1)
    near = (pairs["same_strand"] & (pairs["gap"] < 50)).to_numpy()[:, None]
    attention = {"trained": near * 0.05 + random.normal(0.07, 0.02, (GENES, 6))}
    found = compare((pairs, attention, embeddings))
    assert (
        row(found, ATTENTION)["average_precision"] > row(found, "none")["average_precision"] + 0.1
    )
    assert row(found, COMBINED)["difference_lower"] <= 0
    said = classification.verdict(found.table, COMBINED, "planted")
    assert "is better than" not in said


def test_folds_of_stretches_share_no_stretch(
    genome: tuple[pd.DataFrame, dict[str, np.ndarray], np.ndarray],
    comparison: classification.Comparison,
) -> None:
    stretch = genome[0]["stretch"].to_numpy()
    fold = comparison.fold["stretches"]
    assert len(np.unique(fold)) == 5
    assert (pd.Series(fold).groupby(stretch).nunique() == 1).all()
    assert (pd.Series(comparison.fold["random"]).groupby(stretch).nunique() > 1).any()


def test_random_folds_flatter_features_that_name_the_stretch() -> None:
    random = np.random.default_rng(2)
    stretch = np.repeat(np.arange(60), 20)
    same_operon = random.random(60)[stretch] < 0.4  # whole stretches are alike
    names = random.normal(size=(60, 60))[stretch]
    named = features.FeatureSet("name of the stretch", "", names)
    scores = {
        kind: classification.out_of_fold(
            named, same_operon, classification.make_folds(kind, stretch, 1)
        )
        for kind in classification.FOLD_KINDS
    }
    assert np.mean((scores["random"] > 0.5) == same_operon) > 0.99
    assert np.mean((scores["stretches"] > 0.5) == same_operon) < 0.75


def test_too_small_a_genome_is_refused() -> None:
    with pytest.raises(GlmError, match="3 stretches of the genome cannot make 5 folds"):
        classification.make_folds("stretches", np.repeat([0, 1, 2], 10), 1)


def test_labels_of_one_kind_are_refused() -> None:
    nothing = np.zeros(20, bool)
    with pytest.raises(GlmError, match="0 of 20 neighbouring pairs are of one operon"):
        classification.compare([], nothing, np.arange(20), np.arange(20), 2, 1)


def test_a_distance_rule_is_the_rule() -> None:
    pairs = pd.DataFrame({"same_strand": [True, True, True, False], "gap": [100.0, 101, -4, 3]})
    assert features.rule(pairs, 100)[:, 0].tolist() == [1, 0, 1, 0]


def test_embedding_features_do_not_know_which_gene_is_first() -> None:
    random = np.random.default_rng(8)
    one, other = random.normal(size=(2, 30, 12))
    assert np.allclose(
        features.embedding_features(one, other), features.embedding_features(other, one)
    )


def test_silver_labels_are_judged_beside_what_the_model_reads(
    comparison: classification.Comparison,
) -> None:
    assert classification.judged("silver standard (…)") == ATTENTION
    assert classification.judged("RegulonDB (version 12 or later)") == COMBINED
    said = classification.verdict(comparison.table, ATTENTION, "silver standard (…)")
    assert said.startswith("attention is better than the embeddings and strands that the gLM reads")
