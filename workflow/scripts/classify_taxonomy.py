"""Predict the taxa of contigs from their embeddings, out of fold, and draw Figure 5."""

import logging
from pathlib import Path

import pandas as pd

from glm import figures as drawing
from glm import step, tables
from glm.inference import replicates
from glm.inference.names import CONTEXT_FREE, CONTEXTUALISED, REPRESENTATIONS
from glm.projection import Layout, project
from glm.scorecard_entries import write_numbers
from glm.taxonomy import figures as taxonomy_figures
from glm.taxonomy.classification import analyse
from glm.taxonomy.figures import TOO_FEW, label_name
from glm.taxonomy.summary import numbers as summarise


def classify_taxonomy(
    contigs: Path,
    features: Path,
    label: str,
    group: str,
    folds: int,
    seeds: int,
    bootstrap_rounds: int,
    projection: Layout,
    seed: int,
    *,
    results: Path,
    curves: Path,
    confusion: Path,
    coordinates: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Classify, lay out in the plane, summarise and draw.

    label: the column of the contigs that is predicted. group: the one that no two folds share.
    seeds: ways of folding.
    """
    chosen = tables.read(contigs, tables.TAXONOMY_CONTIGS).to_pandas()
    embeddings = replicates.from_table(features, tables.TAXONOMY_FEATURES)
    ways = range(seed, seed + seeds)
    found = analyse(chosen, embeddings, label, group, folds, ways, bootstrap_rounds)
    if not found.results:
        logging.warning(
            "nothing to tell apart: under two %s labels have %d contigs; take more genomes, "
            "or fewer taxonomy.folds", label_name(label), folds,
        )  # fmt: skip
    judged = tables.TAXONOMY_RESULTS.joined(found.results)
    layout = pd.concat(
        pd.DataFrame(
            project(embeddings[REPRESENTATIONS[name]][0], projection, seed), columns=["x", "y"]
        ).assign(features=name, subcontig=chosen["subcontig"])
        for name in (CONTEXT_FREE, CONTEXTUALISED)
    )
    by_threshold = tables.TAXONOMY_CURVES.joined(found.curves)
    mistaken = tables.TAXONOMY_CONFUSION.joined(found.confusion)
    of_refseq = tables.read_stamp(contigs)["producer"] == "collect_genomes"
    summary = summarise(chosen, judged, label_name(label), of_refseq)
    for data, path, declared in (
        (judged, results, tables.TAXONOMY_RESULTS),
        (by_threshold, curves, tables.TAXONOMY_CURVES),
        (mistaken, confusion, tables.TAXONOMY_CONFUSION),
        (layout, coordinates, tables.TAXONOMY_PROJECTION),
    ):
        tables.write(data, path, declared, step.stamp())
    write_numbers(summary, numbers, step.stamp())
    drawn = {
        "taxonomy_projection": taxonomy_figures.projection(
            layout, chosen, label, judged, projection
        ),
        "taxonomy_precision_recall": drawing.nothing("Precision and recall", TOO_FEW),
        "taxonomy_confusion": drawing.nothing("Confusion", TOO_FEW),
        "taxonomy_viruses": taxonomy_figures.viruses(judged),
    }
    if (judged["task"] == label_name(label)).any():
        drawn["taxonomy_precision_recall"] = taxonomy_figures.precision_recall(
            by_threshold, judged, label, group
        )
        drawn["taxonomy_confusion"] = taxonomy_figures.confusion(mistaken, label)
    drawing.save_all(drawn, figures[0].parent)


if __name__ == "__main__":
    step.run(classify_taxonomy)
