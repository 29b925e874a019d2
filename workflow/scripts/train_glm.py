"""Train the genomic language model on the training subcontigs (Methods, gLM training).

Started again with the same arguments after any end but success, it resumes from its last
checkpoint. One process trains on one GPU or on the processor; for several GPUs and several nodes
see the launch lines in workflow/scripts/glm/training/trainer.py.
"""

from pathlib import Path

from glm import step
from glm.model import GenomicLanguageModel
from glm.training.launch import Files, train_model


def train_glm(
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
    """Train, and write the model directory `output`.

    subcontigs, splits, store: of the corpus. reference_subcontigs, reference_store: of the
    reference genome, if there is one. settings: JSON, or a file of it: {"model": section glm of the
    configuration, "training": section training, with its part glm merged into it}. wall_time:
    minutes; a little before, the training is saved and ends with status 85 (default: what SLURM
    gives the job, if anything). gpus: of this node; 0 is the processor. state: the folder of
    checkpoints, which outlive a failed run.
    """
    read = (subcontigs, splits, store, standardisation, label_components)
    files = Files(*read, reference_subcontigs, reference_store, output, state)
    return train_model(GenomicLanguageModel, files, settings, seed, gpus, threads, wall_time)


if __name__ == "__main__":
    step.run(train_glm)
