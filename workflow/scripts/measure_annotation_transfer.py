"""Annotation transfer potential in a random share of the corpus, context-free and contextualised
(Figure 3A, B)."""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from glm import command, tables
from glm.contextualisation.names import CONTEXT_FREE, CONTEXTUALISED
from glm.contextualisation.options import add_reader_options, open_reader
from glm.projection import LAYOUTS, project
from glm.provenance import derive_seed, stamp
from glm.semantics import share, transfer


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--annotations", type=Path, required=True)
    made.add_argument("--share", type=float, default=0.0015, help="of the subcontigs")
    made.add_argument("--target-precision", type=float, default=0.5)
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--seeds", type=int, default=3, help="of halves and of controls")
    made.add_argument("--maximum-drawn", type=int, default=50000, help="points of the figure")
    made.add_argument("--projection", choices=LAYOUTS, default="umap")
    made.add_argument("--points", type=Path, required=True, help="output")
    made.add_argument("--transfer", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Draw the share, represent its genes, measure, write."""
    torch.set_num_threads(arguments.threads)
    threadpool_limits(arguments.threads)
    seed = derive_seed(arguments.seed, "measure_annotation_transfer")
    reader = open_reader(arguments)
    corpus, genes = share.draw(arguments.subcontigs, len(reader.store), arguments.share, seed)
    genes = share.annotate(genes, arguments.annotations)
    one_each = share.one_of_each_protein(genes, seed)
    proteins = share.proteins_of(genes.iloc[one_each])
    reason = proteins.reason_against
    points: list[pd.DataFrame] = []
    table = tables.TRANSFER.frame()
    if reason:
        logging.warning("nothing to measure: %s", reason)
    else:
        measured = {}
        drawn = share.draw_points(genes, one_each, arguments.maximum_drawn, seed)
        seeds = range(seed, seed + arguments.seeds)
        for name, embeddings, replicates in share.represent(reader, corpus, one_each, seeds):
            measured[name] = transfer.measure(
                replicates,
                proteins,
                arguments.target_precision,
                arguments.bootstrap_rounds,
                seed,
            )
            about = genes[["subcontig", "rank", "representative", "annotated"]].assign(
                representation=name, distance=np.nan, same_product=None, x=np.nan, y=np.nan
            )
            column = about.columns.get_loc("distance")
            about.iloc[one_each, column] = measured[name].distance
            same = pd.array(measured[name].same_product, dtype="boolean")
            same[~proteins.annotated] = pd.NA
            about["same_product"] = pd.array([pd.NA] * len(about), dtype="boolean")
            about.iloc[one_each, about.columns.get_loc("same_product")] = same
            if embeddings is not None:
                at = drawn[name]
                plane = project(embeddings[at], arguments.projection, seed)
                about.iloc[at, about.columns.get_indexer(["x", "y"])] = plane
            points.append(about)
        table = transfer.table(measured, CONTEXT_FREE)
        gain = table.set_index("representation").loc[CONTEXTUALISED]
        logging.info(
            "potential, contextualised: %.3f (gain %+.3f)", gain["potential"], gain["gain"]
        )
    made = stamp(
        "measure_annotation_transfer",
        inputs=[arguments.subcontigs, arguments.annotations, arguments.model / "model.safetensors"],
        parameters={
            "share": arguments.share,
            "target_precision": arguments.target_precision,
            "projection": arguments.projection,
            "precision": arguments.precision,
            "seeds": arguments.seeds,
            "reason": reason,
        },
        seed=seed,
    )
    drawn = pd.concat(points, ignore_index=True) if points else tables.TRANSFER_POINTS.frame()
    tables.write(drawn, arguments.points, tables.TRANSFER_POINTS, made)
    tables.write(table, arguments.transfer, tables.TRANSFER, made)


if __name__ == "__main__":
    command.run(parser(), main)
