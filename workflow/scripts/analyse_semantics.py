"""How well each representation of one entry's focal genes parts its groups (Figure 2)."""

import argparse
import json
import logging
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from glm import command, tables
from glm.contextualisation.options import add_reader_options, open_reader
from glm.projection import LAYOUTS
from glm.provenance import derive_seed, stamp
from glm.semantics import analysis, grouping, representations
from glm.training.corpus import read_corpus


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    add_reader_options(made)
    made.add_argument("--entry", type=json.loads, required=True, help="the entry, as JSON")
    made.add_argument("--focal-genes", type=Path, required=True)
    made.add_argument("--minimum-group", type=int, default=5)
    made.add_argument("--neighbours", type=int, default=10)
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--permutations", type=int, default=999)
    made.add_argument("--seeds", type=int, default=3)
    made.add_argument("--projection", choices=LAYOUTS, default="umap")
    made.add_argument("--points", type=Path, required=True, help="output")
    made.add_argument("--separation", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Group the genes, represent them, measure, write."""
    torch.set_num_threads(arguments.threads)
    threadpool_limits(arguments.threads)
    entry = arguments.entry
    seed = derive_seed(arguments.seed, "analyse_semantics", entry["name"])
    genes = tables.read(arguments.focal_genes, tables.FOCAL_GENES).to_pandas()
    found_in = tables.read_stamp(arguments.focal_genes)["parameters"]
    groups = grouping.read_groups(Path(entry["groups"])) if entry.get("groups") else None
    grouped = grouping.group(
        genes,
        entry["group_by"],
        entry.get("minimum_group", arguments.minimum_group),
        entry.get("biome_level"),
        groups,
    )
    reason = analysis.reason_against(grouped.genes)
    if reason:
        logging.warning("%s: nothing to compare: %s", entry["name"], reason)
        found = analysis.empty()
    else:
        reader = open_reader(arguments)
        some = representations.subcontigs_to_read(arguments.subcontigs, grouped.genes, seed)
        corpus = read_corpus(arguments.subcontigs, len(reader.store), kept=some)
        windows = representations.windows_of(corpus, grouped.genes, entry.get("genes_each_side"))
        every = representations.represent(reader, corpus, windows, arguments.seeds, seed)
        found = analysis.analyse(
            grouped.genes,
            every,
            arguments.projection,
            neighbours=arguments.neighbours,
            rounds=arguments.bootstrap_rounds,
            permutations=arguments.permutations,
            seed=seed,
        )
    made = stamp(
        "analyse_semantics",
        inputs=[arguments.focal_genes, arguments.subcontigs, arguments.model / "model.safetensors"],
        parameters={
            "entry": entry,
            "projection": arguments.projection,
            "precision": arguments.precision,
            "neighbours": arguments.neighbours,
            "minimum_group": arguments.minimum_group,
            "seeds": arguments.seeds,
            "left_out": grouped.left_out,
            "genomes_left_out": found_in.get("left_out", {}),
            "reason": reason,
        },
        seed=seed,
    )
    tables.write(found.points, arguments.points, tables.SEMANTIC_POINTS, made)
    tables.write(found.separation, arguments.separation, tables.SEPARATION, made)


if __name__ == "__main__":
    command.run(parser(), main)
