"""The whole analysis on planted embeddings: what the context knows must be found, and only that."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from glm.configuration.analyses import Perceptron
from glm.enzymes import figures as drawing
from glm.enzymes.analysis import ALONE, WITH_GLM, analyse
from glm.enzymes.examples import split_groups
from glm.enzymes.perceptron import build, fit
from glm.enzymes.summary import most_changed, numbers
from glm.errors import GlmError
from glm.inference.replicates import Replicates

SETTINGS = Perceptron(
    hidden_sizes=[32, 16, 12], dropout=0.2, learning_rate=1e-2, batch_size=64, maximum_epochs=30,
    patience=10,
)  # fmt: skip
ONE_LAYER = {
    "hidden_sizes": [8], "dropout": 0, "batch_size": 32, "maximum_epochs": 40, "patience": 5,
}  # fmt: skip
CLASSES, EACH = 6, 30


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, dict[str, Replicates]]:
    """Classes in pairs: the protein tells the pair, the trained context which of the two it is."""
    random = np.random.default_rng(0)
    label = np.repeat(np.arange(CLASSES), EACH)
    n = len(label)
    protein = np.eye(3)[label // 2] * 3 + random.normal(size=(n, 3))
    context = np.eye(2)[label % 2] * 4 + random.normal(size=(n, 2))
    noise = random.normal(size=(2, n, 2))
    labels = np.array([f"1.1.1.{one}" for one in label])
    frame = pd.DataFrame(
        {
            "example": range(n),
            "ec": labels,
            "cluster": np.arange(n) // 2 * 2,
            "stratified": split_groups(labels, np.arange(n), 1),
            "apart": split_groups(labels, np.arange(n) // 2 * 2, 1),
        }
    )
    embeddings = {
        "context_free": protein,
        "trained": context,
        "untrained": noise[0],
        "shuffled": noise[1],
    }
    return frame, {name: [rows.astype(np.float16)] for name, rows in embeddings.items()}


@pytest.fixture(scope="module")
def analysed(
    planted: tuple[pd.DataFrame, dict[str, Replicates]],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return analyse(*planted, SETTINGS, [1, 2], 60, 1)


def test_the_context_is_found_and_the_controls_are_not(
    analysed: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    results = analysed[0].set_index(["split", "classifier", "measure", "features"])
    for split in ("stratified", "apart"):
        for classifier in ("perceptron", "linear"):
            for measure in ("accuracy", "micro_average_precision"):
                rows = results.sort_index().loc[(split, classifier, measure)]
                assert rows.loc[ALONE, "value"] < 0.65  # of two classes it cannot tell
                assert rows.loc[WITH_GLM, "value"] > 0.75
                assert rows.loc[WITH_GLM, "difference_lower"] > 0.1
                for control in set(rows.index) - {ALONE, WITH_GLM}:
                    assert rows.loc[control, "difference_lower"] < 0.1
                assert (rows["lower"] <= rows["value"]).all()
                assert (rows["value"] <= rows["upper"]).all()
                assert (rows["seeds"] == 2).all()


def test_every_class_gains(analysed: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    classes = analysed[1].query("split == 'stratified'")
    assert len(classes) == CLASSES
    assert classes["difference"].mean() > 0.2
    assert (classes["train"] + classes["test"] < EACH).all()
    gains, losses = most_changed(analysed[1], 2)
    assert gains["difference"].is_monotonic_decreasing
    assert len(gains) == 3
    assert (losses["difference"] < 0).all()


def test_the_same_seeds_give_the_same_numbers(
    planted: tuple[pd.DataFrame, dict[str, Replicates]],
    analysed: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    again, _ = analyse(*planted, SETTINGS, [1, 2], 60, 1)
    pd.testing.assert_frame_equal(again, analysed[0])


def test_an_empty_part_says_so(planted: tuple[pd.DataFrame, dict[str, Replicates]]) -> None:
    frame, embeddings = planted
    with pytest.raises(GlmError, match="the stratified split has no validation protein"):
        analyse(frame.assign(stratified="train"), embeddings, SETTINGS, [1], 10, 1)


def test_the_paper_s_network(root: Path) -> None:
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    paper = config["enzymes"]["perceptron"]
    made = build(1280, 2637, Perceptron(**paper))
    kinds = [type(layer).__name__ for layer in made]
    assert kinds == ["Linear", "BatchNorm1d", "ReLU", "Dropout"] * 3 + ["Linear"]
    assert [layer.out_features for layer in made[::4]] == [2048, 1024, 514, 2637]
    assert made[3].p == 0.2


def test_training_goes_back_to_the_best_epoch(
    planted: tuple[pd.DataFrame, dict[str, Replicates]],
) -> None:
    frame, embeddings = planted
    labels = np.unique(frame["ec"], return_inverse=True)[1]
    parts = frame["stratified"].to_numpy(dtype=str)
    made = fit(embeddings["trained"][0], labels, parts, SETTINGS.model_copy(update=ONE_LAYER), 1)
    assert 1 <= made.best_epoch <= 40
    np.testing.assert_allclose(made.probabilities.sum(1), 1, rtol=1e-5)
    # labels at random: it stops early, and no better than by chance
    random = np.random.default_rng(1).permutation(labels)
    long = SETTINGS.model_copy(update={**ONE_LAYER, "maximum_epochs": 400})
    poor = fit(embeddings["untrained"][0], random, parts, long, 1)
    assert poor.best_epoch < 400
    accuracy = (poor.probabilities.argmax(1) == random[parts == "test"]).mean()
    assert accuracy < 0.45


def test_the_scorecard_and_the_figures(
    planted: tuple[pd.DataFrame, dict[str, Replicates]],
    analysed: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    results, classes = analysed
    about = {"reference": "r", "assigned": 0.18, "representatives": 1000}
    told = {row["id"]: row for row in numbers(results, classes, planted[0], 2, about)}
    assert json.loads(told["enzyme_classes.classes"]["value"]) == CLASSES
    assert json.loads(told["enzyme_classes.split"]["value"]) == pytest.approx(
        [0.72, 0.08, 0.2], abs=0.03
    )
    gain = [
        json.loads(told[f"enzyme_classes.test_accuracy.{k}"]["value"]) for k in ("plm", "plm_glm")
    ]
    assert gain[1] > gain[0] + 0.1
    found = json.loads(told["enzyme_classes.test_accuracy.gain"]["value"])
    assert found == pytest.approx(gain[1] - gain[0])
    assert "enzymes by r, not by DEEPre's" in told["enzyme_classes.test_accuracy.gain"]["obstacle"]
    assert told["enzyme_classes.best_epoch.plm"]["lower"] is None
    _, caption = drawing.results(results, {"partial_numbers": 4, "of_small_classes": 2})
    assert "n = 36" in caption
    _, caption = drawing.classes(classes, 2)
    assert f"of {CLASSES} classes" in caption
