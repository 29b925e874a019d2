"""Annotation transfer potential in a random share of the corpus, context-free and contextualised
(Figure 3A, B), and whether context does harm to the same product in another genome."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from glm import figures as drawing
from glm import step, tables
from glm.inference.names import CONTEXTUALISED, HiddenLayer
from glm.inference.opening import Reading
from glm.inference.reader import Precision
from glm.projection import Layout, project
from glm.scorecard_entries import write_numbers
from glm.semantics import context_effect, transfer_figure
from glm.semantics import share as sampling
from glm.semantics import transfer as measuring


def measure_annotation_transfer(
    reading: Reading,
    annotations: Path,
    share: float,
    target_precision: float,
    bootstrap_rounds: int,
    seeds: int,
    maximum_drawn: int,
    projection: Layout,
    precision: Precision,
    layer: HiddenLayer,
    threads: int,
    seed: int,
    *,
    points: Path,
    transfer: Path,
    same_product: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Take the share of the subcontigs, represent its genes, measure, write and draw.

    seeds: of halves and of controls. maximum_drawn: points of the figure.
    """
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    reader = reading.open(precision, layer, sampling.draw(reading.subcontigs, share, seed))
    genes = sampling.annotate(sampling.list_genes(reader.genes.corpus), annotations)
    one_each = sampling.one_of_each_protein(genes, seed)
    genome = sampling.genomes_of(genes.iloc[one_each], reading.subcontigs)
    proteins = sampling.proteins_of(genes.iloc[one_each], genome)
    reason = proteins.reason_against
    parts: list[pd.DataFrame] = []
    table, effect = tables.TRANSFER.frame(), tables.SAME_PRODUCT.frame()
    if reason:
        logging.warning("nothing to measure: %s", reason)
    else:
        measured = {}
        drawn = sampling.draw_points(genes, one_each, maximum_drawn, seed)
        replicas = sampling.represent_share(reader, one_each, range(seed, seed + seeds))
        for name, embeddings, replicates in replicas:
            measured[name] = measuring.measure(
                replicates, proteins, target_precision, bootstrap_rounds, seed
            )
            part = points_of(genes, one_each, proteins.annotated, measured[name], name)
            if embeddings is not None:
                at = drawn[name]
                plane = project(embeddings[at], projection, seed)
                part.iloc[at, part.columns.get_indexer(["x", "y"])] = plane
            parts.append(part)
        table = measuring.table(measured)
        gain = table.set_index("representation").loc[CONTEXTUALISED]
        logging.info(
            "potential, contextualised: %.3f (gain %+.3f)", gain["potential"], gain["gain"]
        )
        by_layer = context_effect.represent_layers(reader, one_each, range(seed, seed + seeds))
        effect = context_effect.measure(by_layer, proteins, genome, layer, bootstrap_rounds, seed)
        logging.info("same product in another genome:\n%s", effect.to_string(index=False))
    made = step.stamp(reason=reason)
    tables.write(tables.TRANSFER_POINTS.joined(parts), points, tables.TRANSFER_POINTS, made)
    tables.write(table, transfer, tables.TRANSFER, made)
    tables.write(effect, same_product, tables.SAME_PRODUCT, made)
    found = context_effect.numbers(effect, layer) + measuring.numbers(table)
    write_numbers(found, numbers, made)
    if reason:
        figure, caption = drawing.nothing("Unannotated proteins", reason)
    else:
        figure, caption = transfer_figure.draw(
            tables.read(points, tables.TRANSFER_POINTS).to_pandas(),
            tables.read(transfer, tables.TRANSFER).to_pandas(),
            made["parameters"],
        )
    drawing.save(figure, figures[0].parent, "annotation_transfer", caption)


def points_of(
    genes: pd.DataFrame,
    one_each: np.ndarray,
    annotated: np.ndarray,
    measured: measuring.Transferred,
    name: str,
) -> pd.DataFrame:
    """TRANSFER_POINTS of one representation, not yet laid out; one gene of each protein counts."""
    part = genes[["subcontig", "rank", "representative", "annotated"]].assign(
        representation=name, distance=np.nan, same_product=None, x=np.nan, y=np.nan
    )
    part.iloc[one_each, part.columns.get_loc("distance")] = measured.distance
    same = pd.array(measured.same_product, dtype="boolean")
    same[~annotated] = pd.NA
    part["same_product"] = pd.array([pd.NA] * len(part), dtype="boolean")
    part.iloc[one_each, part.columns.get_loc("same_product")] = same
    return part


if __name__ == "__main__":
    step.run(measure_annotation_transfer)
