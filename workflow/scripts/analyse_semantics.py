"""How well each representation of one entry's focal genes separates its groups (Figure 2)."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from glm import figures as drawing
from glm import step, tables
from glm.inference.names import HiddenLayer
from glm.inference.opening import Reading
from glm.inference.reader import Precision
from glm.projection import Layout
from glm.seeds import derive_seed
from glm.semantics import analysis, grouping, representations
from glm.semantics import figures as semantic_figures

COMPARED = {"set": "protein set", "biome": "biome", "assembly": "the assembly's group"}


def analyse_semantics(
    focal_genes: Path,
    reading: Reading,
    groups: Path | None,
    entry: dict[str, Any],
    minimum_group: int,
    neighbours: int,
    bootstrap_rounds: int,
    permutations: int,
    seeds: int,
    projection: Layout,
    precision: Precision,
    layer: HiddenLayer,
    run_seed: int,
    threads: int,
    *,
    points: Path,
    separation: Path,
    figures: list[Path],
) -> None:
    """Group the genes, represent them, measure, write and draw.

    groups: table of assemblies, for an entry that has one.
    """
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    seed = derive_seed(run_seed, "analyse_semantics", entry["name"])
    grouped = grouping.group(
        tables.read(focal_genes, tables.FOCAL_GENES).to_pandas(),
        entry["group_by"],
        entry.get("minimum_group", minimum_group),
        entry.get("biome_level"),
        grouping.read_groups(groups) if groups else None,
    )
    reason = analysis.reason_against(grouped.genes)
    if reason:
        logging.warning("%s: nothing to compare: %s", entry["name"], reason)
        found = analysis.empty()
    else:
        named = representations.subcontigs_to_read(reading.subcontigs, grouped.genes, seed)
        reader = reading.open(precision, layer, named)
        around = representations.windows_of(
            reader.genes.corpus, grouped.genes, entry.get("genes_each_side")
        )
        found = analysis.analyse(
            grouped.genes,
            representations.represent_all(reader, around, seeds, seed),
            projection,
            neighbours=neighbours,
            rounds=bootstrap_rounds,
            permutations=permutations,
            seed=seed,
        )
    before = tables.read_stamp(focal_genes)["parameters"].get("left_out", {})
    made = step.stamp(left_out=grouped.left_out, genomes_left_out=before, reason=reason)
    tables.write(found.points, points, tables.SEMANTIC_POINTS, made)
    tables.write(found.separation, separation, tables.SEPARATION, made)
    draw(points, separation, made["parameters"], figures[0].parent)


def draw(points: Path, separation: Path, about: Mapping[str, Any], folder: Path) -> None:
    """Draw the entry into a folder, or why there is nothing to draw."""
    entry = about["entry"]
    left_out = semantic_figures.in_words(about["left_out"], about["genomes_left_out"])
    if about["reason"]:
        reason = "; ".join(filter(None, [about["reason"], left_out]))
        figure, caption = drawing.nothing(entry["title"], reason)
    else:
        drawn = tables.read(points, tables.SEMANTIC_POINTS).to_pandas()
        figure, caption = semantic_figures.entry(
            drawn,
            tables.read(separation, tables.SEPARATION).to_pandas(),
            entry["title"],
            about["projection"],
            COMPARED[entry["group_by"]],
            left_out,
        )
        caption = semantic_figures.absent(entry["sets"], drawn) + caption
    drawing.save(figure, folder, entry["name"], caption)


if __name__ == "__main__":
    step.run(analyse_semantics)
