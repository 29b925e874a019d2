"""Find ABC transporters' ATPase and permease side by side in genomes: pairs to match."""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.corpus.sequences import read_sequences
from glm.paralogs.transporters import find
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument(
        "--corpus",
        action="append",
        nargs=3,
        type=Path,
        required=True,
        metavar=("GENES", "CONTIGS", "SEQUENCES"),
        help="genes, contigs, and a manifest or a table of proteins; once for each corpus",
    )
    made.add_argument("--output", type=Path, required=True)
    return made


def pairs_of(genes_path: Path, contigs_path: Path, sequences_path: Path) -> pd.DataFrame:
    """Pairs of one corpus, named by contig and rank."""
    genes = tables.read(genes_path, tables.GENES).to_pandas()
    genes = genes.sort_values(["contig", "rank"], ignore_index=True)
    contigs = tables.read(contigs_path, tables.CONTIGS, ["contig", "name", "assembly"]).to_pandas()
    contigs = contigs.set_index("contig")
    sequences = dict(read_sequences(sequences_path))
    found = find(genes, sequences)
    sides = {}
    for side, rows in (("a", [p.atpase for p in found]), ("c", [p.permease for p in found])):
        chosen = genes.loc[rows]
        name = contigs.loc[chosen["contig"], "name"].to_numpy()
        sides[side] = [f"{n}:{rank}" for n, rank in zip(name, chosen["rank"], strict=True)]
        sides[f"{side}_sequence"] = [sequences[protein] for protein in chosen["protein"]]
    origin = contigs.loc[genes.loc[[p.atpase for p in found], "contig"], "assembly"].to_numpy()
    return pd.DataFrame({**sides, "origin": origin})


def main(arguments: argparse.Namespace) -> None:
    """Search each corpus, write all pairs."""
    found = pd.concat([pairs_of(*paths) for paths in arguments.corpus], ignore_index=True)
    for origin, count in found["origin"].value_counts().items():
        logging.info("%s: %s pairs", origin, f"{count:,}")
    logging.info("pairs: %s", f"{len(found):,}")
    inputs = [path for paths in arguments.corpus for path in paths]
    tables.write(
        found, arguments.output, tables.PARALOG_CANDIDATES, stamp("find_paralogs", inputs=inputs)
    )


if __name__ == "__main__":
    command.run(parser(), main)
