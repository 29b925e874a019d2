"""The command line and the output of the two accuracy rules, which differ in what is masked."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from glm import command, tables
from glm.evaluation.accuracy import Inputs, evaluate
from glm.provenance import derive_seed, stamp


def parser(description: str | None) -> argparse.ArgumentParser:
    """The command line of both rules."""
    made = command.parser(description)
    for name, meaning in (
        ("subcontigs", "of the training corpus"),
        ("splits", "of these"),
        ("store", "their embedding store"),
        ("reference-subcontigs", "of the reference genome"),
        ("reference-store", "their embedding store"),
        ("standardisation", "fitted on the training proteins"),
        ("label-components", "fitted on the training proteins"),
        ("glm", "directory of the trained gLM"),
        ("bilstm", "directory of the trained biLSTM"),
        ("output", "the accuracies"),
        ("margins", "paired differences between a model and every other predictor"),
    ):
        made.add_argument(f"--{name}", type=Path, required=True, help=meaning)
    made.add_argument("--mask-rate", type=float, default=0.15, help="share masked (default: 0.15)")
    made.add_argument("--masks-per-gene", type=int, default=1, help="maskings of a gene")
    made.add_argument("--subcontigs-per-batch", type=int, default=64, help="of a forward pass")
    made.add_argument("--gpus", type=int, default=0, help="0: the processor (default)")
    return made


def run(arguments: argparse.Namespace, rule: str, whole_genome: bool) -> None:
    """Evaluate and write both tables."""
    torch.set_num_threads(arguments.threads)
    on_gpu = arguments.gpus and torch.cuda.is_available()
    given = vars(arguments)
    files = {name: given[name] for name in Inputs.__annotations__ if name != "models"}
    inputs = Inputs(**files, models={"glm": arguments.glm, "bilstm": arguments.bilstm})
    settings = {
        "mask_rate": arguments.mask_rate,
        "masks_per_gene": arguments.masks_per_gene,
        "subcontigs_per_batch": arguments.subcontigs_per_batch,
    }
    seed = derive_seed(arguments.seed, rule)
    accuracies, margins = evaluate(
        inputs,
        whole_genome=whole_genome,
        **settings,
        seed=seed,
        device=torch.device("cuda" if on_gpu else "cpu"),
    )
    made = stamp(
        rule,
        inputs=[*inputs.files(), inputs.store, inputs.reference_store],
        parameters=settings,
        seed=seed,
    )
    tables.write(accuracies, arguments.output, tables.ACCURACY, made)
    tables.write(margins, arguments.margins, tables.MARGINS, made)
