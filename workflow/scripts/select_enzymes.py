"""Choose the enzymes to learn from: the first occurrence of each in random training subcontigs."""

import logging
from collections import Counter
from pathlib import Path

import numpy as np

from glm import step, tables, tools
from glm.enzymes import examples as choosing
from glm.errors import GlmError

HOMOLOGUE_COVERAGE = 0.8  # of both proteins


def select_enzymes(
    enzymes: Path,
    subcontigs: Path,
    splits: Path,
    representatives: Path,
    sampled: int,
    minimum_proteins: int,
    homologue_identity: float,
    protocol: str,
    threads: int,
    seed: int,
    *,
    examples: Path,
) -> None:
    """Sample subcontigs, keep classes of enough enzymes, cluster them, and split them twice.

    protocol: of the perceptron; the published one leaves out small classes of the corpus too.
    """
    columns = ["representative", "ec"]
    assigned = tables.read(enzymes, tables.ENZYMES, columns)
    ec_of = dict(zip(*(assigned[column].to_pylist() for column in columns), strict=True))
    chosen = choosing.sample_subcontigs(splits, sampled, seed)
    logging.info("training subcontigs sampled: %s", f"{len(chosen):,}")
    found = choosing.first_occurrences(subcontigs, chosen, ec_of)
    reason, table = None, tables.ENZYME_EXAMPLES.frame()
    try:
        sizes = Counter(ec_of.values()) if protocol == "published" else None
        kept = choosing.keep_classes(found, minimum_proteins, sizes)
    except GlmError as error:
        reason = str(error)
        logging.warning("nothing to tell apart: %s", reason)
    else:
        labels, alone = kept["ec"].to_numpy(dtype=str), np.arange(len(kept))
        clusters = choosing.cluster_homologues(
            representatives,
            kept["representative"].to_numpy(),
            homologue_identity,
            HOMOLOGUE_COVERAGE,
            threads,
        )
        apart = choosing.mark_unseen(labels, choosing.split_groups(labels, clusters, seed))
        logging.info(
            "left out of the test of homologues apart, as their class is not trained: %d",
            (apart == choosing.UNSEEN).sum(),
        )
        table = kept.assign(
            example=alone,
            cluster=clusters,
            stratified=choosing.split_groups(labels, alone, seed),
            apart=apart,
        )
    made = step.stamp(
        tools.versions(["mmseqs"]),
        subcontigs=len(chosen),
        assigned=assigned.num_rows,
        **choosing.left_out(found, len(table)),
        reason=reason,
    )
    tables.write(table, examples, tables.ENZYME_EXAMPLES, made)


if __name__ == "__main__":
    step.run(select_enzymes)
