"""Context variance of proteins that occur often (Methods, Variance of contextualized protein
embedding analysis; Figure 3D), its log-normal fit, and the words of its tails."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from glm import figures as drawing
from glm import step, tables
from glm.errors import GlmError
from glm.scorecard_entries import write_numbers
from glm.semantics import distribution, variance, variance_figure


def measure_context_variance(
    subcontigs: Path,
    annotations: Path,
    trained: list[Path],
    minimum_occurrences: int,
    sample_size: int,
    samples: int,
    seeds: int,
    maximum_proteins: int,
    tail_share: float,
    minimum_word: int,
    bootstrap_rounds: int,
    seed: int,
    untrained: list[Path] | None = None,
    shuffled: list[Path] | None = None,
    *,
    variances: Path,
    fits: Path,
    words: Path,
    numbers: Path,
    figures: list[Path],
) -> None:
    """Count, sample, measure each variant on the same proteins, fit, write and draw.

    trained, untrained, shuffled: shards of contextualised embeddings. seeds: how often all samples
    are drawn.
    """
    reason, parts = None, []
    try:
        draws = variance.draw(
            variance.count_occurrences(subcontigs),
            minimum_occurrences,
            samples,
            sample_size,
            maximum_proteins,
            seed,
            seeds,
        )
    except GlmError as error:
        reason = str(error)
        logging.warning("nothing to measure: %s", reason)
    else:
        about = variance.annotate(draws, annotations)
        for name, shards in (
            ("trained", trained), ("untrained", untrained), ("shuffled", shuffled),
        ):  # fmt: skip
            if not shards:
                continue
            measured = variance.variances(shards, draws, variances.parent)
            parts += [
                about.assign(variant=name, seed=number, variance=values)
                for number, values in enumerate(measured.T)
            ]
            logging.info("%s: %s proteins", name, f"{len(measured):,}")
    fitted = [
        fit(part, parts[number % seeds], bootstrap_rounds, seed)
        for number, part in enumerate(parts)
    ]
    # words are of one draw, as the paper's
    found = [enriched_words(part, tail_share, minimum_word) for part in parts[::seeds]]
    made = step.stamp(reason=reason)
    written = {}
    for declared, path, rows in (
        (tables.CONTEXT_VARIANCE, variances, parts),
        (tables.VARIANCE_FIT, fits, distribution.over_seeds(fitted)),
        (tables.VARIANCE_WORDS, words, found),
    ):
        written[path] = declared.joined(rows)
        tables.write(written[path], path, declared, made)
    summary = distribution.numbers(written[fits]) if parts else []
    write_numbers(summary, numbers, made)
    if reason:
        figure, caption = drawing.nothing("Context variance", reason)
    else:
        figure, caption = variance_figure.draw(
            tables.read(variances, tables.CONTEXT_VARIANCE).to_pandas(),
            tables.read(fits, tables.VARIANCE_FIT).to_pandas(),
            tables.read(words, tables.VARIANCE_WORDS).to_pandas(),
            made["parameters"],
            distribution.BINS,
        )
    drawing.save(figure, figures[0].parent, "context_variance", caption)


def fit(part: pd.DataFrame, trained: pd.DataFrame, rounds: int, seed: int) -> pd.DataFrame:
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
            logs = distribution.without_occurrences(logs[kept], part["occurrences"][kept])
            row |= distribution.mean_difference(logs, annotated[kept], rounds, seed)
        rows.append(row)
    return pd.DataFrame(rows)


def enriched_words(part: pd.DataFrame, tail_share: float, minimum: int) -> pd.DataFrame:
    """VARIANCE_WORDS of one variant."""
    known = part[part["annotated"] & part["product"].notna()]
    found = distribution.enriched_words(
        known["product"].tolist(), known["variance"].to_numpy(), tail_share, minimum
    )
    return found.assign(variant=part["variant"].iloc[0])


if __name__ == "__main__":
    step.run(measure_context_variance)
