"""Find ABC transporters' ATPase and permease side by side in genomes: pairs to match."""

import logging
from pathlib import Path

import pandas as pd

from glm import step, tables
from glm.corpus.sequences import read_sequences
from glm.paralogs.transporters import find


def find_paralogs(
    genes: list[Path], contigs: list[Path], sequences: list[Path], *, candidates: Path
) -> None:
    """Search each corpus, whose three files stand at one place of the lists, and write all pairs.

    sequences: a manifest or a table of proteins.
    """
    corpora = zip(genes, contigs, sequences, strict=True)
    found = pd.concat([pairs_of(*corpus) for corpus in corpora], ignore_index=True)
    for origin, count in found["origin"].value_counts().items():
        logging.info("%s: %s pairs", origin, f"{count:,}")
    logging.info("pairs: %s", f"{len(found):,}")
    tables.write(found, candidates, tables.PARALOG_CANDIDATES, step.stamp())


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


if __name__ == "__main__":
    step.run(find_paralogs)
