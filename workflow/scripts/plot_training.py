"""Plot validation accuracy against training steps, gLM beside biLSTM (Extended Data 1), and what
the gLM finds that a look-up among its training does not."""

from pathlib import Path

import pandas as pd

from glm import step, tables
from glm.evaluation import budget
from glm.evaluation.curves import baselines, caption_of, collect_curves, draw
from glm.evaluation.memory import draw as draw_memory
from glm.figures import save_all


def plot_training(
    glm: Path,
    bilstm: Path | None,
    accuracy: Path,
    memory: list[Path],
    *,
    curves: Path,
    figures: list[Path],
) -> None:
    """Collect the curves of the trainings, write them, and draw them and the memory.

    glm, bilstm: metrics of their trainings; None of a baseline that was not trained. accuracy: for
    the lines of the baselines. memory: of both kinds of accuracy.
    """
    trained = {"glm": glm, **({"bilstm": bilstm} if bilstm else {})}
    found = collect_curves(trained)
    tables.write(found, curves, tables.CURVES, step.stamp())
    by_distance = pd.concat(tables.read(path, tables.MEMORY).to_pandas() for path in memory)
    drawn = {
        "training_curves": draw(
            found,
            baselines(accuracy),
            caption_of(found, accuracy, budget.said(glm, bilstm) if bilstm else ""),
        ),
        "memory": draw_memory(by_distance),
    }
    save_all(drawn, figures[0].parent)


if __name__ == "__main__":
    step.run(plot_training)
