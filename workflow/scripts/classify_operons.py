"""Compare attention with operons: each head alone (Figure 4A), and logistic regressions of
neighbouring genes (Figure 4C) beside what a sceptic asks for: strand, distance, embeddings, an
untrained gLM, genes in another order. And fit the predictor that reads other genomes."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from glm import figures as drawing
from glm import step, tables
from glm.data.features import read_feature_builder
from glm.data.genes import Genes
from glm.inference.names import ATTENTION_VARIANTS
from glm.model.directory import read_config
from glm.operons import figures as operon_figures
from glm.operons import reading, summary
from glm.operons.classification import Comparison, compare, judged, verdict
from glm.operons.examples import choose
from glm.operons.features import PAPER, feature_sets
from glm.operons.heads import best, correlate_models, of_trained
from glm.operons.predictor import MODELS, fit, save
from glm.scorecard_entries import write_numbers
from glm.seeds import derive_seed


def classify_operons(
    genes: Path,
    pairs: Path,
    proteins: Path,
    trained: list[Path],
    untrained: list[Path],
    reordered_by_place: list[Path],
    reordered_by_gene: list[Path],
    couplings: Path,
    model: Path,
    subcontigs: Path,
    store: Path,
    standardisation: Path,
    label_components: Path,
    genome: str,
    examples: int,
    bootstrap_rounds: int,
    run_seed: int,
    seed: int,
    *,
    heads: Path,
    comparison: Path,
    scores: Path,
    predictor: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Compare all that may know the operons of the reference genome, summarise and draw.

    trained, untrained, reordered_by_place, reordered_by_gene: shards of attention. examples:
    operons that are drawn.
    """
    labelled, labels = reading.read_pairs(pairs)
    shards = dict(
        zip(
            ATTENTION_VARIANTS,
            (trained, untrained, reordered_by_place, reordered_by_gene),
            strict=True,
        )
    )
    attention = {variant: reading.read_attention(paths) for variant, paths in shards.items()}
    coupled = reading.read_couplings(couplings)
    for read in (*(each.keys for each in attention.values()), coupled):
        reading.check_same_pairs(labelled, read, pairs)
    of_heads = correlate_models(
        labelled, attention, bootstrap_rounds, derive_seed(run_seed, "correlate_heads")
    )
    kept = labelled["neighbours"].to_numpy()
    neighbours = labelled[kept].reset_index(drop=True)
    of_neighbours = {name: read.values[kept].astype(float) for name, read in attention.items()}
    builder = read_feature_builder(
        standardisation, label_components, read_config(model.parent).to_dict()
    )
    embeddings = reading.neighbour_embeddings(neighbours, Genes.read(subcontigs, store, builder))
    found = compare(
        feature_sets(neighbours, of_neighbours, *embeddings, coupled[kept]),
        neighbours["same_operon"].to_numpy(),
        neighbours["unit"].to_numpy(),
        neighbours["stretch"].to_numpy(),
        bootstrap_rounds,
        seed,
    )
    for row in found.table.itertuples():
        logging.info(
            "%-28s %-10s AP %.3f (%.3f to %.3f)",
            *(row.features, row.folds, row.average_precision, row.lower, row.upper),
        )
    logging.info("%s", verdict(found.table, judged(labels), labels))
    made = step.stamp(labels=labels)
    fitted = fit(
        neighbours,
        of_neighbours["trained"],
        attention["trained"].layers,
        attention["trained"].heads,
        scores={name: found.scores[name, "stretches"] for name in MODELS},
        model=attention["trained"].model,
        labels=labels,
        genome=genome,
        stamp=made,
    )
    rows = summary.numbers(
        of_heads, found.table, tables.read_stamp(pairs)["parameters"]["operons"], labels
    )
    out_of_fold = score_rows(neighbours, found)
    tables.write(of_heads, heads, tables.ATTENTION_HEADS, made)
    tables.write(found.table, comparison, tables.OPERON_COMPARISON, made)
    tables.write(out_of_fold, scores, tables.OPERON_SCORES, made)
    save(fitted, predictor)
    write_numbers(rows, numbers, made)
    drawn = {
        "attention_heads": operon_figures.heads(of_heads, labels),
        "operon_precision_recall": operon_figures.precision_recall(
            out_of_fold, found.table, labels
        ),
        "operon_comparison": operon_figures.comparison(found.table, labels),
        **draw_attention(
            read_named_genes(genes, proteins), labelled, attention["trained"], of_heads,
            found.scores[PAPER, "random"], labels, genome, examples,
            derive_seed(run_seed, "plot_operons"),
        ),
    }  # fmt: skip
    drawing.save_all(drawn, figures[0].parent)


def score_rows(neighbours: pd.DataFrame, found: Comparison) -> pd.DataFrame:
    """Rows of OPERON_SCORES: each pair's score out of fold, by features and kind of folds."""
    keys = neighbours[["subcontig", "first", "same_operon"]]
    return pd.concat(
        keys.assign(features=name, folds=folds, fold=found.fold[folds], score=score)
        for (name, folds), score in found.scores.items()
    )


def read_named_genes(genes: Path, proteins: Path) -> pd.DataFrame:
    """Rows of OPERON_GENES with the genes' symbols, or their locus tags where they have none."""
    rows = tables.read(genes, tables.OPERON_GENES).to_pandas()
    named = reading.names_of(proteins, rows["protein"])
    symbols = {protein["protein"]: protein["symbol"] or protein["locus_tag"] for protein in named}
    return rows.assign(symbol=rows["protein"].map(symbols).fillna(""))


def draw_attention(
    genes: pd.DataFrame,
    pairs: pd.DataFrame,
    attention: reading.Attention,
    heads: pd.DataFrame,
    probability: np.ndarray,
    labels: str,
    genome: str,
    examples: int,
    seed: int,
) -> dict[str, drawing.Drawn]:
    """Random operons with the best head's attention (Figure 4B), and all heads on one subcontig.

    heads: rows of ATTENTION_HEADS. probability: of each pair of neighbours, out of fold.
    """
    strongest = best(of_trained(heads))
    column = (int(strongest["layer"]) - 1) * attention.heads + int(strongest["head"]) - 1
    neighbours = pairs["neighbours"].to_numpy()
    chosen = choose(
        genes,
        pairs[neighbours].reset_index(drop=True),
        attention.values[neighbours, column],
        probability,
        examples,
        seed,
    )
    subcontig = int(np.random.default_rng(seed).choice(pairs["subcontig"].unique()))
    of_one = (pairs["subcontig"] == subcontig).to_numpy()
    members = np.unique(pairs.loc[of_one, ["first_gene", "second_gene"]].to_numpy())
    return {
        "operon_examples": operon_figures.examples(chosen, strongest, labels),
        "attention_of_one_subcontig": operon_figures.one_subcontig(
            attention.values[of_one],
            genes["operon"].to_numpy()[members],
            attention.layers,
            attention.heads,
            f"subcontig {subcontig} of {genome}",
        ),
    }


if __name__ == "__main__":
    step.run(classify_operons)
