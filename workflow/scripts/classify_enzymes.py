"""Tell enzyme classes from embeddings with and without context, and judge how well."""

import argparse
import json
import logging
from pathlib import Path

import pyarrow.parquet as pq
import torch

from glm import command, tables
from glm.contextualisation import draws
from glm.embedding.protein_model import select_device
from glm.enzymes.analysis import analyse
from glm.enzymes.perceptron import Settings
from glm.enzymes.summary import numbers
from glm.errors import GlmError
from glm.provenance import derive_seed, stamp

MANY_EXAMPLES = 10_000


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--examples", type=Path, required=True)
    made.add_argument("--features", type=Path, required=True)
    made.add_argument("--representatives", type=Path, required=True, help="which are counted")
    made.add_argument("--settings", type=json.loads, default={}, help="of the perceptron, JSON")
    made.add_argument("--seeds", type=int, default=3, help="networks of each kind (default: 3)")
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--minimum-test", type=int, default=3, help="of a class that is shown")
    made.add_argument("--reference", required=True, help="its name, for the scorecard")
    made.add_argument("--gpus", type=int, default=0, help="0: the processor")
    made.add_argument("--results", type=Path, required=True)
    made.add_argument("--classes", type=Path, required=True)
    made.add_argument("--numbers", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Train, judge, write."""
    seed = derive_seed(arguments.seed, "classify_enzymes")
    examples = tables.read(arguments.examples, tables.ENZYME_EXAMPLES).to_pandas()
    # threads of a small network wait for each other longer than they compute
    torch.set_num_threads(arguments.threads if len(examples) > MANY_EXAMPLES else 1)
    table = tables.read(arguments.features, tables.ENZYME_FEATURES)
    settings = Settings(**arguments.settings)
    chosen = tables.read_stamp(arguments.examples)["parameters"]
    reason = chosen["reason"]
    results, classes = tables.ENZYME_RESULTS.frame(), tables.ENZYME_CLASSES.frame()
    if not reason:
        try:
            results, classes = analyse(
                examples,
                draws.from_table(table),
                settings,
                range(seed, seed + arguments.seeds),
                arguments.bootstrap_rounds,
                seed,
                select_device(arguments.gpus, "contextualisation"),
            )
        except GlmError as error:
            reason = str(error)
    if reason:
        logging.warning("nothing to measure: %s", reason)
    representatives = pq.read_metadata(arguments.representatives).num_rows
    about = {
        "reference": arguments.reference,
        "subcontigs": chosen["subcontigs"],
        "representatives": representatives,
        "assigned": chosen["assigned"] / representatives,
    }
    made = stamp(
        "classify_enzymes",
        inputs=[arguments.examples, arguments.features],
        parameters={
            "settings": vars(settings),
            "seeds": arguments.seeds,
            **about,
            **{name: chosen[name] for name in ("partial_numbers", "of_small_classes")},
            "reason": reason,
        },
        seed=seed,
    )
    told = [] if reason else numbers(results, classes, examples, arguments.minimum_test, about)
    tables.write(results, arguments.results, tables.ENZYME_RESULTS, made)
    tables.write(classes, arguments.classes, tables.ENZYME_CLASSES, made)
    tables.write(tables.NUMBERS.frame(told), arguments.numbers, tables.NUMBERS, made)


if __name__ == "__main__":
    command.run(parser(), main)
