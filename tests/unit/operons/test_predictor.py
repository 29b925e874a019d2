from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from glm.errors import GlmError
from glm.operons import predictor
from glm.operons.classification import regression
from glm.operons.features import ATTENTION, COMBINED, STRAND_DISTANCE

PAIRS = 3000


@pytest.fixture(scope="module")
def planted() -> tuple[pd.DataFrame, np.ndarray, predictor.Predictor]:
    random = np.random.default_rng(1)
    attention = random.normal(0.07, 0.02, (PAIRS, 6))
    same_operon = random.random(PAIRS) < 1 / (1 + np.exp(-(attention[:, 0] - 0.07) * 100))
    pairs = pd.DataFrame(
        {
            "same_operon": same_operon,
            "same_strand": random.random(PAIRS) < 0.7,
            "gap": random.normal(60, 80, PAIRS),
        }
    )
    scores = {
        name: regression().fit(values, same_operon).predict_proba(values)[:, 1]
        for name, values in predictor.inputs(pairs, attention).items()
    }
    made = predictor.fit(
        pairs, attention, layers=2, heads=3, scores=scores,
        model="abc", labels="planted", genome="planted", stamp={"producer": "test"},
    )  # fmt: skip
    return pairs, attention, made


def test_it_gives_what_scikit_learn_gives(
    planted: tuple[pd.DataFrame, np.ndarray, predictor.Predictor],
) -> None:
    pairs, attention, made = planted
    expected = regression().fit(attention, pairs["same_operon"]).predict_proba(attention)[:, 1]
    assert made.predict(pairs, attention)[ATTENTION] == pytest.approx(expected)


def test_a_file_keeps_it_whole(
    planted: tuple[pd.DataFrame, np.ndarray, predictor.Predictor], tmp_path: Path
) -> None:
    pairs, attention, made = planted
    predictor.save(made, tmp_path / "predictor.json")
    read = predictor.load(tmp_path / "predictor.json")
    assert read == made
    for name in (STRAND_DISTANCE, ATTENTION, COMBINED):
        assert read.predict(pairs, attention)[name] == pytest.approx(
            made.predict(pairs, attention)[name]
        )


def test_its_calibration_is_that_of_a_calibrated_model(
    planted: tuple[pd.DataFrame, np.ndarray, predictor.Predictor],
) -> None:
    calibration = planted[2].regressions[ATTENTION].calibration
    assert sum(calibration["count"]) == PAIRS
    assert calibration["observed"] == pytest.approx(calibration["predicted"], abs=0.08)
    assert planted[2].regressions[ATTENTION].features == [
        "L1-H1", "L1-H2", "L1-H3", "L2-H1", "L2-H2", "L2-H3",
    ]  # fmt: skip


def test_attention_of_another_model_is_refused(
    planted: tuple[pd.DataFrame, np.ndarray, predictor.Predictor],
) -> None:
    pairs, attention, made = planted
    with pytest.raises(GlmError, match=r"fitted on 2 x 3 heads, the attention has 4"):
        made.predict(pairs, attention[:, :4])


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"kind": "other", "version": 1}'])
def test_another_file_is_no_predictor(tmp_path: Path, text: str) -> None:
    path = tmp_path / "predictor.json"
    path.write_text(text)
    with pytest.raises(GlmError, match="not a glm operon predictor"):
        predictor.load(path)
