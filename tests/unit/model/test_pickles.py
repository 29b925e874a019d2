from __future__ import annotations

import os
import pickle
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from glm.errors import GlmError
from glm.model.pickles import Model, read_pickle

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(40, 12))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1)[2:])
def test_arrays_and_models_are_those_of_their_libraries(tmp_path: Path, protocol: int) -> None:
    fitted = PCA(3, whiten=True).fit(POINTS)
    regression = LogisticRegression().fit(POINTS, POINTS[:, 0] > 0)
    by_columns = np.asfortranarray(POINTS.astype(">f4"))
    found: dict[str, Any] = {
        "mean": POINTS.mean(0), "scalar": np.float64(2.5), "columns": by_columns, "n": 3,
        "flags": POINTS[:, 0] > 0, "empty": np.empty((0, 4)), "pca": fitted, "fit": regression,
    }  # fmt: skip
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(found, protocol))
    read = read_pickle(path)
    for name in ("mean", "columns", "flags", "empty"):
        np.testing.assert_array_equal(read[name], found[name])
    assert (read["scalar"], read["n"]) == (2.5, 3)
    for name, model in (("pca", fitted), ("fit", regression)):
        assert isinstance(read[name], Model)
        assert read[name].name == type(model).__name__
        for key, value in vars(model).items():
            np.testing.assert_array_equal(read[name].attributes[key], value)


@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_the_names_of_older_versions_are_known(tmp_path: Path, module: str) -> None:
    """numpy before and since version 2; scikit-learn 1.1's own module is today's."""
    made = pickle.dumps({"mean": POINTS}, 3)  # has names as lines, without their lengths
    assert b"numpy._core.multiarray" in made
    path = tmp_path / "a.pkl"
    path.write_bytes(made.replace(b"numpy._core.multiarray", module.encode()))
    np.testing.assert_array_equal(read_pickle(path)["mean"], POINTS)


class Hostile:
    """Wants something called when it is read."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.wish = function, arguments

    def __reduce__(self) -> Any:
        return self.wish


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (os.system, "system"),
        (subprocess.check_call, "check_call"),
        (eval, "eval"),
        (np.load, "load"),
    ],
)
def test_nothing_else_is_called(tmp_path: Path, function: Any, name: str, protocol: int) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"mean": Hostile(function, f"touch {mark}")}, protocol))
    with pytest.raises(GlmError, match=rf"a.pkl: .*it names [\w.]+\.{name}, which is neither"):
        read_pickle(path)
    assert not mark.exists()


def test_damage_is_named(tmp_path: Path) -> None:
    whole = pickle.dumps({"mean": POINTS, "objects": 1}, 4)
    path = tmp_path / "a.pkl"
    for text in (b"", b"<html>not found</html>", whole[:200], whole[:-1]):
        path.write_bytes(text)
        with pytest.raises(GlmError, match=r"a.pkl: not a pickle that can be read"):
            read_pickle(path)
    path.write_bytes(pickle.dumps(np.array([{}, []], dtype=object), 4))
    with pytest.raises(GlmError, match="no numbers"):
        read_pickle(path)
    random = np.random.default_rng(1)
    for _ in range(500):  # whatever it says, it is either read or refused in one way
        damaged = bytearray(whole)
        for place in random.integers(0, len(damaged), 3):
            damaged[place] = random.integers(0, 256)
        path.write_bytes(bytes(damaged))
        try:
            read_pickle(path)
        except GlmError:
            continue
