"""Train the biLSTM baseline, with the trainer, data and losses of train_glm (Extended Data 2)."""

from pathlib import Path

from glm import step
from glm.model import BidirectionalLSTM
from glm.training.launch import Files, train_model


def train_bilstm(
    files: Files,
    settings: str,
    wall_time: float | None,
    threads: int,
    gpus: int = 0,
    seed: int = 1,
    *,
    output: Path,
    state: Path,
) -> int:
    """Train, and write the model directory `output`; arguments are those of train_glm."""
    run = settings, seed, gpus, threads, wall_time
    return train_model(BidirectionalLSTM, files, output, state, *run)


if __name__ == "__main__":
    step.run(train_bilstm)
