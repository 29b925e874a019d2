"""Fetch one shard of the genomes, resumably, and choose a random stretch of genes of each."""

import argparse
from pathlib import Path

from glm import cluster, command, tables
from glm.provenance import derive_seed, stamp
from glm.taxonomy.genomes import sample_genomes


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--genomes", type=Path, required=True)
    made.add_argument("--shard", type=int, default=0)
    made.add_argument("--shards", type=int, default=1)
    made.add_argument("--genes", type=int, default=30, help="of a stretch (default: 30)")
    made.add_argument("--minimum-genes", type=int, default=30, help="of a genome's longest contig")
    made.add_argument("--folder", type=Path, required=True, help="where the genomes are kept")
    made.add_argument("--windows", type=Path, required=True)
    made.add_argument("--skipped", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Fetch, choose, write."""
    cluster.requeue_in_time()
    seed = derive_seed(arguments.seed, "sample_genomes")
    genomes = tables.read(arguments.genomes, tables.TAXONOMY_GENOMES).to_pandas()
    mine = genomes[genomes["genome"] % arguments.shards == arguments.shard]
    rows = mine.to_dict("records")
    found = sample_genomes(rows, arguments.folder, arguments.genes, arguments.minimum_genes, seed)
    declared = (tables.TAXONOMY_WINDOWS, tables.TAXONOMY_SKIPPED)
    outputs = (arguments.windows, arguments.skipped)
    made = stamp("sample_genomes", inputs=[arguments.genomes], seed=seed)
    for rows, kind, output in zip(found, declared, outputs, strict=True):
        tables.write(kind.frame(rows), output, kind, made)


if __name__ == "__main__":
    command.run(parser(), main)
