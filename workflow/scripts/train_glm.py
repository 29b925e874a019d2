"""Train the genomic language model on the training subcontigs (Methods, gLM training).

Started again with the same arguments after any end but success, it resumes from its last
checkpoint. One process trains on one GPU or on the processor; for several GPUs and several nodes
see the launch lines in workflow/scripts/glm/training/launch.py.
"""

from pathlib import Path

from glm import step
from glm.model import GenomicLanguageModel
from glm.training.launch import Files, train_model


def train_glm(
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
    """Train, and write the model directory `output`.

    settings: JSON, or a file of it: {"model": section glm of the configuration, "training": section
    training, with its part glm merged into it}. wall_time: minutes; a little before, the training
    is saved and ends with status 85 (default: what SLURM gives the job, if anything). gpus: of this
    node; 0 is the processor. state: the folder of checkpoints, which outlive a failed run.
    """
    run = settings, seed, gpus, threads, wall_time
    return train_model(GenomicLanguageModel, files, output, state, *run)


if __name__ == "__main__":
    step.run(train_glm)
