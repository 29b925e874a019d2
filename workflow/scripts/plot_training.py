"""Plot validation accuracy against training steps, gLM beside biLSTM (Extended Data 1)."""

from pathlib import Path

from glm import step, tables
from glm.evaluation.curves import baselines_on_reference, caption_of, collect_curves, draw
from glm.figures import save


def plot_training(
    glm: Path, bilstm: Path, accuracy: Path, *, curves: Path, figures: list[Path]
) -> None:
    """Collect the curves of both trainings, write them, and draw them.

    glm, bilstm: metrics of their trainings. accuracy: for the lines of the baselines.
    """
    found = collect_curves({"glm": glm, "bilstm": bilstm})
    tables.write(found, curves, tables.CURVES, step.stamp())
    figure, caption = draw(found, baselines_on_reference(accuracy), caption_of(found, accuracy))
    save(figure, figures[0].parent, "training_curves", caption)


if __name__ == "__main__":
    step.run(plot_training)
