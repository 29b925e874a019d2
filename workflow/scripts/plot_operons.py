"""Draw the operon figures: Figure 4A-C, Extended Data 5, the comparison and the calibration."""

import argparse
from pathlib import Path

import numpy as np

from glm import command, figures, tables
from glm.operons import examples, reading
from glm.operons import figures as drawing
from glm.operons.heads import best
from glm.provenance import derive_seed


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    for name in ("heads", "comparison", "scores", "transfer", "calibration", "genes", "pairs"):
        made.add_argument(f"--{name}", type=Path, required=True)
    made.add_argument("--proteins", type=Path, required=True, help="with the genes' symbols")
    made.add_argument("--attention", type=Path, nargs="+", required=True, help="of the trained gLM")
    made.add_argument("--genome", required=True, help="name of the reference genome")
    made.add_argument("--examples", type=int, default=3, help="operons drawn (default: 3)")
    made.add_argument("--folder", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read the tables, draw."""
    heads = tables.read(arguments.heads, tables.ATTENTION_HEADS).to_pandas()
    comparison = tables.read(arguments.comparison, tables.OPERON_COMPARISON).to_pandas()
    scores = tables.read(arguments.scores, tables.OPERON_SCORES).to_pandas()
    transfer = tables.read(arguments.transfer, tables.OPERON_TRANSFER).to_pandas()
    bins = tables.read(arguments.calibration, tables.OPERON_CALIBRATION).to_pandas()
    genes = tables.read(arguments.genes, tables.OPERON_GENES).to_pandas()
    named = reading.names_of(arguments.proteins, genes["protein"])
    symbols = {protein["protein"]: protein["symbol"] or protein["locus_tag"] for protein in named}
    genes["symbol"] = genes["protein"].map(symbols).fillna("")
    pairs, labels = reading.read_pairs(arguments.pairs)
    attention = reading.read_attention(arguments.attention)
    seed = derive_seed(arguments.seed, "plot_operons")

    trained = heads[(heads["model"] == "trained") & (heads["pairs"] == "neighbours")]
    strongest = best(trained.reset_index(drop=True))
    neighbours = pairs["neighbours"].to_numpy()
    column = (int(strongest["layer"]) - 1) * attention.heads + int(strongest["head"]) - 1
    by_attention = scores[
        (scores["features"] == drawing.ATTENTION) & (scores["folds"] == "stretches")
    ]["score"].to_numpy()
    chosen = examples.choose(
        genes,
        pairs[neighbours].reset_index(drop=True),
        attention.values[neighbours, column],
        by_attention,
        arguments.examples,
        seed,
    )
    subcontig = int(np.random.default_rng(seed).choice(pairs["subcontig"].unique()))
    of_one = (pairs["subcontig"] == subcontig).to_numpy()
    members = np.unique(pairs.loc[of_one, ["first_gene", "second_gene"]].to_numpy())
    drawn = {
        "attention_heads": drawing.heads(heads, labels),
        "operon_examples": drawing.examples(chosen, str(strongest["name"]), labels),
        "operon_precision_recall": drawing.precision_recall(scores, comparison, labels),
        "operon_comparison": drawing.comparison(comparison, labels),
        "operon_calibration": drawing.calibration(bins, transfer, arguments.genome),
        "attention_of_one_subcontig": drawing.one_subcontig(
            attention.values[of_one],
            genes["operon"].to_numpy()[members],
            attention.layers,
            attention.heads,
            f"subcontig {subcontig} of {arguments.genome}",
        ),
    }
    for name, (figure, caption) in drawn.items():
        figures.save(figure, arguments.folder, name, caption)


if __name__ == "__main__":
    command.run(parser(), main)
