"""Tell the taxa of contigs from their embeddings, out of fold, and lay them out in the plane."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.contextualisation import draws
from glm.contextualisation.names import CONTEXT_FREE, CONTEXTUALISED
from glm.projection import LAYOUTS, project
from glm.provenance import derive_seed, stamp
from glm.taxonomy.classification import FEATURES, analyse
from glm.taxonomy.figures import label_name
from glm.taxonomy.summary import numbers


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--features", type=Path, required=True)
    made.add_argument("--label", required=True, help="column of the contigs: what is told")
    made.add_argument("--group", required=True, help="column: what no two folds share")
    made.add_argument("--folds", type=int, default=5)
    made.add_argument("--seeds", type=int, default=3, help="ways of folding (default: 3)")
    made.add_argument("--genes", type=int, default=30, help="of a contig, for the scorecard")
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--projection", choices=LAYOUTS, default="umap")
    for name in ("results", "curves", "confusion", "coordinates", "numbers"):
        made.add_argument(f"--{name}", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Classify, lay out, write."""
    seed = derive_seed(arguments.seed, "classify_taxonomy")
    contigs = tables.read(arguments.contigs, tables.TAXONOMY_CONTIGS).to_pandas()
    table = tables.read(arguments.features, tables.TAXONOMY_FEATURES)
    embeddings = draws.from_table(table)
    found = analyse(
        contigs,
        embeddings,
        arguments.label,
        arguments.group,
        arguments.folds,
        range(seed, seed + arguments.seeds),
        arguments.bootstrap_rounds,
    )
    if not found.results:
        logging.warning(
            "nothing to tell apart: under two %s labels have %d contigs; take more genomes, "
            "or fewer taxonomy.folds", label_name(arguments.label), arguments.folds,
        )  # fmt: skip
    laid_out = [
        pd.DataFrame(
            project(embeddings[FEATURES[name]][0], arguments.projection, seed),
            columns=["x", "y"],
        ).assign(features=name, subcontig=contigs["subcontig"])
        for name in (CONTEXT_FREE, CONTEXTUALISED)
    ]
    results = tables.TAXONOMY_RESULTS.frame(found.results)
    told = numbers(contigs, results, label_name(arguments.label), arguments.genes, arguments.folds)
    made = stamp(
        "classify_taxonomy",
        inputs=[arguments.contigs, arguments.features],
        parameters={
            "label": arguments.label,
            "group": arguments.group,
            "folds": arguments.folds,
            "seeds": arguments.seeds,
            "projection": arguments.projection,
        },
        seed=seed,
    )
    tables.write(results, arguments.results, tables.TAXONOMY_RESULTS, made)
    for rows_of, path, declared in (
        (found.curves, arguments.curves, tables.TAXONOMY_CURVES),
        (found.confusion, arguments.confusion, tables.TAXONOMY_CONFUSION),
    ):
        tables.write(pd.concat(rows_of) if rows_of else declared.frame(), path, declared, made)
    tables.write(pd.concat(laid_out), arguments.coordinates, tables.TAXONOMY_PROJECTION, made)
    tables.write(tables.NUMBERS.frame(told), arguments.numbers, tables.NUMBERS, made)


if __name__ == "__main__":
    command.run(parser(), main)
