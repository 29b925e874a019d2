"""Context variance of proteins that occur often (Methods, Variance of contextualized protein
embedding analysis; Figure 3D), its log-normal fit, and the words of its tails."""

import argparse
import logging
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from glm import command, tables
from glm.errors import GlmError
from glm.provenance import derive_seed, stamp
from glm.semantics import distribution, variance


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--annotations", type=Path, required=True)
    made.add_argument(
        "--contextual",
        action="append",
        nargs=3,
        metavar=("VARIANT", "FOLDER", "SHARDS"),
        required=True,
        help="contextualised embeddings: FOLDER/0.parquet …; the trained model's first",
    )
    made.add_argument("--minimum-occurrences", type=int, default=100)
    made.add_argument("--sample-size", type=int, default=100)
    made.add_argument("--samples", type=int, default=10)
    made.add_argument("--seeds", type=int, default=3, help="how often all samples are drawn")
    made.add_argument("--maximum-proteins", type=int, default=20000)
    made.add_argument("--tail-share", type=float, default=0.05)
    made.add_argument("--minimum-word", type=int, default=5)
    made.add_argument("--bootstrap-rounds", type=int, default=1000)
    made.add_argument("--variances", type=Path, required=True, help="output")
    made.add_argument("--fits", type=Path, required=True, help="output")
    made.add_argument("--words", type=Path, required=True, help="output")
    made.add_argument("--numbers", type=Path, required=True, help="output: for the scorecard")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Count, draw, measure each variant on the same proteins, fit, write."""
    seed = derive_seed(arguments.seed, "measure_context_variance")
    reason, parts = None, []
    try:
        draws = variance.draw(
            variance.count_occurrences(arguments.subcontigs),
            arguments.minimum_occurrences,
            arguments.samples,
            arguments.sample_size,
            arguments.maximum_proteins,
            seed,
            arguments.seeds,
        )
    except GlmError as error:
        reason = str(error)
        logging.warning("nothing to measure: %s", reason)
    else:
        about = variance.annotate(draws, arguments.annotations)
        for name, folder, shards in arguments.contextual:
            paths = [Path(folder, f"{shard}.parquet") for shard in range(int(shards))]
            measured = variance.variances(paths, draws, arguments.variances.parent)
            parts += [
                about.assign(variant=name, seed=number, variance=values)
                for number, values in enumerate(measured.T)
            ]
            logging.info("%s: %s proteins", name, f"{len(measured):,}")
    made = stamp(
        "measure_context_variance",
        inputs=[arguments.subcontigs, arguments.annotations],
        parameters={
            **{name: vars(arguments)[name] for name in ("minimum_occurrences", "sample_size",
               "samples", "seeds", "maximum_proteins", "tail_share", "minimum_word")},
            "reason": reason,
        },
        seed=seed,
    )  # fmt: skip
    rounds = arguments.bootstrap_rounds
    for declared, path, rows in (
        (tables.CONTEXT_VARIANCE, arguments.variances, parts),
        (
            tables.VARIANCE_FIT,
            arguments.fits,
            distribution.over_seeds(
                [
                    fits(part, parts[number % arguments.seeds], rounds, seed)
                    for number, part in enumerate(parts)
                ]
            ),
        ),
        (
            tables.VARIANCE_WORDS,
            arguments.words,
            [
                words(part, arguments.tail_share, arguments.minimum_word)
                for part in parts[:: arguments.seeds]  # of one draw, as the paper's
            ],
        ),
    ):
        whole = pd.concat(rows, ignore_index=True) if rows else declared.frame()
        tables.write(whole, path, declared, made)
        if declared is tables.VARIANCE_FIT:
            found = distribution.numbers(whole, vars(arguments)) if parts else []
            tables.write(tables.NUMBERS.frame(found), arguments.numbers, tables.NUMBERS, made)


def fits(part: pd.DataFrame, trained: pd.DataFrame, rounds: int, seed: int) -> pd.DataFrame:
    """VARIANCE_FIT of one variant and seed but the spread: annotated, unannotated, all."""
    values, annotated = part["variance"].to_numpy(), part["annotated"].to_numpy(bool)
    rows = []
    for name, chosen in (("annotated", annotated), ("unannotated", ~annotated),
                         ("all", np.ones(len(part), bool))):  # fmt: skip
        row = {"variant": part["variant"].iloc[0], "proteins": name}
        row |= distribution.fit(values[chosen], rounds, seed)
        pair = values[chosen], trained["variance"].to_numpy()[chosen]
        known = chosen.sum() > 2 and all(np.ptp(side) > 0 for side in pair)
        row["correlation"] = float(stats.spearmanr(*pair).statistic) if known else np.nan
        if name == "all":
            logs = np.log(np.where(values > 0, values, 1))
            kept = values > 0
            row |= distribution.mean_difference(logs[kept], annotated[kept], rounds, seed)
        rows.append(row)
    return pd.DataFrame(rows)


def words(part: pd.DataFrame, tail_share: float, minimum: int) -> pd.DataFrame:
    """VARIANCE_WORDS of one variant."""
    known = part[part["annotated"] & part["product"].notna()]
    found = distribution.enriched_words(
        known["product"].tolist(), known["variance"].to_numpy(), tail_share, minimum
    )
    return found.assign(variant=part["variant"].iloc[0])


if __name__ == "__main__":
    command.run(parser(), main)
