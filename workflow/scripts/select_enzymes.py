"""Choose the enzymes to learn from: the first occurrence of each in random training subcontigs."""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd

from glm import command, tables, tools
from glm.enzymes import examples
from glm.errors import GlmError
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--enzymes", type=Path, required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--splits", type=Path, required=True)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--count", type=int, default=100_000, help="subcontigs (default: 100000)")
    made.add_argument("--minimum-proteins", type=int, default=3, help="of a class (default: 3)")
    made.add_argument("--homologue-identity", type=float, default=0.5, help="default: 0.5")
    made.add_argument("--homologue-coverage", type=float, default=0.8, help="default: 0.8")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Sample, keep classes, cluster, split, write."""
    seed = derive_seed(arguments.seed, "select_enzymes")
    columns = ["representative", "ec"]
    assigned = tables.read(arguments.enzymes, tables.ENZYMES, columns)
    ec_of = dict(zip(*(assigned[column].to_pylist() for column in columns), strict=True))
    chosen = examples.sample_subcontigs(arguments.splits, arguments.count, seed)
    logging.info("training subcontigs sampled: %s", f"{len(chosen):,}")
    found = examples.first_occurrences(arguments.subcontigs, chosen, ec_of)
    reason = None
    try:
        kept = examples.keep_classes(found, arguments.minimum_proteins)
    except GlmError as error:
        reason = str(error)
        logging.warning("nothing to tell apart: %s", reason)
        table = tables.ENZYME_EXAMPLES.frame()
    else:
        table = split(kept, arguments, seed)
    made = stamp(
        "select_enzymes",
        inputs=[arguments.enzymes, arguments.subcontigs, arguments.splits],
        parameters={
            "subcontigs": len(chosen),
            "assigned": assigned.num_rows,
            "minimum_proteins": arguments.minimum_proteins,
            "homologue_identity": arguments.homologue_identity,
            "homologue_coverage": arguments.homologue_coverage,
            **examples.left_out(found, len(table)),
            "reason": reason,
        },
        seed=seed,
        tools=tools.versions(["mmseqs"]),
    )
    tables.write(table, arguments.output, tables.ENZYME_EXAMPLES, made)


def split(kept: pd.DataFrame, arguments: argparse.Namespace, seed: int) -> pd.DataFrame:
    """Deal the enzymes to training, validation and test, twice: rows of `ENZYME_EXAMPLES`."""
    labels = kept["ec"].to_numpy(dtype=str)
    clusters = examples.cluster_homologues(
        arguments.representatives,
        kept["representative"].to_numpy(),
        arguments.homologue_identity,
        arguments.homologue_coverage,
        arguments.threads,
    )
    alone = np.arange(len(kept))
    apart = examples.mark_unseen(labels, examples.split_groups(labels, clusters, seed))
    logging.info("left out of the test of homologues apart, as their class is not trained: %d",
                 (apart == examples.UNSEEN).sum())  # fmt: skip
    return kept.assign(
        example=alone,
        cluster=clusters,
        stratified=examples.split_groups(labels, alone, seed),
        apart=apart,
    )


if __name__ == "__main__":
    command.run(parser(), main)
