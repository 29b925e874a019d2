"""Train the genomic language model on the training subcontigs (Methods, gLM training).

Started again with the same arguments after any end but success, it resumes from its last
checkpoint. One process trains on one GPU or on the processor; for several GPUs and several nodes
see the launch lines in workflow/scripts/glm/training/trainer.py.
"""

from argparse import Namespace

from glm import command
from glm.model import GenomicLanguageModel, GenomicLanguageModelConfig
from glm.training import launch


def train_glm(arguments: Namespace) -> int:
    """Train, and write the model directory."""
    return launch.main(arguments, GenomicLanguageModelConfig, GenomicLanguageModel, "train_glm")


if __name__ == "__main__":
    command.run(launch.parser(__doc__), train_glm)
