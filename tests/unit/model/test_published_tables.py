"""operon_predictor.pkl: what scikit-learn says of pairs is what the predictor says of them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from tests.published import Size, old_pickle, operon_predictor

from glm.errors import GlmError
from glm.model.published_tables import read_operon_predictor
from glm.operons.features import ATTENTION
from glm.operons.predictor import load, save

PAIRS = np.random.default_rng(5).gamma(1, 0.07, (50, 20))


@pytest.mark.parametrize(
    "dumped",
    [pickle.dumps, lambda fitted: pickle.dumps(fitted, 2), old_pickle],
    ids=["of today", "protocol 2", "of scikit-learn 1.1.2"],
)
def test_it_says_what_scikit_learn_says(tmp_path: Path, dumped: Callable[[Any], bytes]) -> None:
    fitted = operon_predictor(Size())
    path = tmp_path / "operon_predictor.pkl"
    path.write_bytes(dumped(fitted))
    save(read_operon_predictor(path, 2, 10, "abc"), tmp_path / "predictor.json")
    read = load(tmp_path / "predictor.json")
    found = read.predict(pd.DataFrame({"same_strand": True, "gap": 0.0}, range(50)), PAIRS)
    assert list(found) == [ATTENTION]
    np.testing.assert_allclose(found[ATTENTION], fitted.predict_proba(PAIRS)[:, 1], rtol=1e-12)
    assert read.regressions[ATTENTION].features[9:11] == ["L1-H10", "L2-H1"]
    assert (read.model, read.pairs) == ("abc", None)


def regression(classes: list[Any], **state: Any) -> LogisticRegression:
    labels = np.array(classes)[np.arange(50) % len(classes)]
    fitted = LogisticRegression().fit(PAIRS, labels)
    vars(fitted).update(state)
    return fitted


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (regression([0, 1, 2]), "not a regression of class 1 against class 0"),
        (regression([1, 2]), "not a regression of class 1 against class 0"),
        (regression(["a", "b"]), "an array of objects|holds no numbers"),
        (regression([0, 1], multi_class="multinomial"), "not a regression of class 1 against"),
        (regression([0, 1], coef_=np.full((1, 20), np.nan)), "coef_ is .*, not finite numbers"),
        (regression([0, 1], coef_=np.zeros((1, 19))), "19 coefficients, but the gLM has 2 x 10"),
        (
            LogisticRegression(),
            "LogisticRegression without classes_, coef_, intercept_; was",
        ),
        ({"coef_": 1}, "holds a dict, not scikit-learn's LogisticRegression"),
    ],
)
def test_another_regression_is_refused(tmp_path: Path, made: Any, message: str) -> None:
    path = tmp_path / "operon_predictor.pkl"
    path.write_bytes(pickle.dumps(made))
    with pytest.raises(GlmError, match=rf"operon_predictor.pkl: .*({message})"):
        read_operon_predictor(path, 2, 10, "abc")
