from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from glm import tables
from glm.errors import GlmError
from glm.evaluation.curves import baselines_on_reference, collect_curves, draw

STAMP = {"producer": "test"}
BASELINES = {"baseline.chance": 0.03, "baseline.copy_neighbour": 0.06}


def write_metrics(path: Path, accuracy: float | None) -> Path:
    """Metrics of three steps; training rows have no accuracy."""
    rows = [
        {
            "step": step,
            "epoch": step / 10,
            "subcontigs": step,
            "seconds": 1.0,
            "split": split,
            "loss": 1.0,
            "mean_squared_error": 1.0,
            "cross_entropy": 1.0,
            "pseudo_accuracy": accuracy if split != "train" else None,
            "pseudo_accuracy_closest": accuracy if split != "train" else None,
            "learning_rate": 1e-3,
            "memory": 1,
            "subcontigs_per_second": 1.0,
        }
        for step in (10, 20, 30)
        for split in ("train", "validation", "reference")
    ]
    tables.write(pd.DataFrame(rows), path, tables.METRICS, STAMP)
    return path


def test_what_is_drawn_is_what_was_measured(tmp_path: Path) -> None:
    drawn = collect_curves(
        {
            "glm": write_metrics(tmp_path / "glm.parquet", 0.4),
            "bilstm": write_metrics(tmp_path / "bilstm.parquet", 0.2),
        }
    )
    assert len(drawn) == 2 * 2 * 2 * 3  # models, splits with an accuracy, readings, steps
    assert drawn.groupby("model").value.unique().str[0].to_dict() == {"glm": 0.4, "bilstm": 0.2}
    assert "train" not in set(drawn.split)


def test_metrics_without_an_accuracy_are_refused(tmp_path: Path) -> None:
    path = write_metrics(tmp_path / "glm.parquet", None)
    with pytest.raises(GlmError, match="holds no accuracy"):
        collect_curves({"glm": path})


def test_both_panels_have_the_curves_and_the_baselines(tmp_path: Path) -> None:
    drawn = collect_curves(
        {
            "glm": write_metrics(tmp_path / "glm.parquet", 0.4),
            "bilstm": write_metrics(tmp_path / "bilstm.parquet", 0.2),
        }
    )
    figure, _ = draw(drawn, BASELINES, "n = 3 genes")
    for axes, value in zip(figure.axes, (40, 20), strict=True):
        heights = {
            round(float(line.get_ydata()[-1]), 6) for line in axes.lines if len(line.get_ydata())
        }
        assert heights == {value, 3.0, 6.0}
    assert figure.axes[0].get_title(loc="left").endswith("gLM")


def test_the_baselines_are_those_of_the_reference_genome(tmp_path: Path) -> None:
    rows = [
        {
            "model": model,
            "genes_of": genes_of,
            "measure": measure,
            "value": value,
            "lower": 0.0,
            "upper": 1.0,
            "standard_error": 0.1,
            "n": 10,
        }
        for model, genes_of, measure, value in (
            ("baseline.chance", "heldout", "pseudo_accuracy", 0.5),
            ("baseline.chance", "reference", "pseudo_accuracy", 0.03),
            ("baseline.copy_neighbour", "reference", "pseudo_accuracy", 0.06),
            ("baseline.copy_neighbour", "reference", "pseudo_accuracy_closest", 0.1),
        )
    ]
    tables.write(pd.DataFrame(rows), tmp_path / "a.parquet", tables.ACCURACY, STAMP)
    assert baselines_on_reference(tmp_path / "a.parquet") == BASELINES
