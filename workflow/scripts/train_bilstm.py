"""Train the biLSTM baseline, with the trainer, data and losses of train_glm (Extended Data 2)."""

from pathlib import Path

from glm import step
from glm.model import BidirectionalLSTM
from glm.training.launch import Files, train_model


def train_bilstm(
    subcontigs: Path,
    splits: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    reference_subcontigs: Path | None,
    reference_store: Path | None,
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
    read = (subcontigs, splits, store, standardisation, label_components)
    files = Files(*read, reference_subcontigs, reference_store, output, state)
    return train_model(BidirectionalLSTM, files, settings, seed, gpus, threads, wall_time)


if __name__ == "__main__":
    step.run(train_bilstm)
