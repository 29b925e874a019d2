from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.plant import plant

from glm import tables
from glm.errors import GlmError
from glm.evaluation.curves import baselines, collect_curves, draw

BASELINES = {"baseline.chance": 0.03, "baseline.copy_neighbour": 0.06}


def write_metrics(path: Path, accuracy: float | None) -> Path:
    """Metrics of three steps; training rows have no accuracy."""
    found = [None, accuracy, accuracy] * 3
    return plant(
        path,
        tables.METRICS,
        step=np.repeat([10, 20, 30], 3),
        split=["train", "validation", "reference"] * 3,
        pseudo_accuracy=found,
        pseudo_accuracy_closest=found,
    )


def curves_of_both(folder: Path) -> pd.DataFrame:
    """Curves of a gLM at 0.4 and of a biLSTM at 0.2."""
    accuracies = {"glm": 0.4, "bilstm": 0.2}
    return collect_curves(
        {model: write_metrics(folder / f"{model}.parquet", of) for model, of in accuracies.items()}
    )


def test_what_is_drawn_is_what_was_measured(tmp_path: Path) -> None:
    drawn = curves_of_both(tmp_path)
    assert len(drawn) == 2 * 2 * 2 * 3  # models, splits with an accuracy, readings, steps
    assert drawn.groupby("model").value.unique().str[0].to_dict() == {"glm": 0.4, "bilstm": 0.2}
    assert "train" not in set(drawn.split)


def test_metrics_without_an_accuracy_are_refused(tmp_path: Path) -> None:
    path = write_metrics(tmp_path / "glm.parquet", None)
    with pytest.raises(GlmError, match="holds no accuracy"):
        collect_curves({"glm": path})


def test_both_panels_have_the_curves_and_the_baselines(tmp_path: Path) -> None:
    drawn = curves_of_both(tmp_path)
    figure, _ = draw(drawn, BASELINES, "n = 3 genes")
    for axes, value in zip(figure.axes, (40, 20), strict=True):
        heights = {
            round(float(line.get_ydata()[-1]), 6) for line in axes.lines if len(line.get_ydata())
        }
        assert heights == {value, 3.0, 6.0}
    assert figure.axes[0].get_title(loc="left").endswith("gLM, 30 steps")


def test_the_baselines_are_those_of_the_reference_genome(tmp_path: Path) -> None:
    path = plant(
        tmp_path / "a.parquet",
        tables.ACCURACY,
        model=["baseline.chance"] * 2 + ["baseline.copy_neighbour"] * 2,
        genes_of=["heldout", "reference", "reference", "reference"],
        measure=["pseudo_accuracy"] * 3 + ["pseudo_accuracy_closest"],
        value=[0.5, 0.03, 0.06, 0.1],
    )
    assert baselines(path) == BASELINES
