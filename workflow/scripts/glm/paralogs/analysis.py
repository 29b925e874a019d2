"""The whole paralog analysis of some pairs: calls, counts, chance, recall, projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from glm.comparison import bootstrap_weights
from glm.errors import GlmError
from glm.evaluation.predictors import TrainingContexts
from glm.inference.reader import GeneReader
from glm.paralogs import scoring
from glm.paralogs.lookup import look_up
from glm.paralogs.prediction import Calls, by_cosine, call, predict
from glm.projection import Layout, project
from glm.scorecard_entries import Numbers

PLACE_NAMES = ("before", "after")
TRAINED, COSINE = "trained gLM", "embedding cosine"
LOOKED_UP = "training context looked up"
DGEB_RECALL = "recall@50"  # the form in which DGEB states the task
FEWEST_PAIRS = 2
PAPER_PAIRS = 4823
LEAST_CONFIDENCE = 0.25  # that the likeliest of four predictions can have


class Rounds(NamedTuple):
    """Rounds of chance and of intervals, the layout of the projection, the seed."""

    chance_rounds: int
    bootstrap_rounds: int
    projection: Layout
    seed: int


class Analysis(NamedTuple):
    """Rows of paralog_calls, paralog_results, paralog_projection and numbers."""

    calls: pd.DataFrame
    results: pd.DataFrame
    coordinates: pd.DataFrame
    numbers: list[dict[str, Any]]


class Sides(NamedTuple):
    """One thing of the A side (ATPases) and of the C side (permeases)."""

    a: Any
    c: Any


def analyse(
    readers: Mapping[str, GeneReader],
    pairs: pd.DataFrame,
    about: Mapping[str, Any],
    settings: Rounds,
    contexts: TrainingContexts | None,
) -> Analysis:
    """Analyse pairs: `readers` by name, the trained one called "trained gLM".

    They read `Genes.of_proteins` of the pairs. pairs: rows of PARALOGS. about: the parameters of
    their stamp. contexts: of the training subcontigs, for the baseline that remembers them; without
    it there is none. Raises `GlmError` for fewer than two pairs.
    """
    if len(pairs) < FEWEST_PAIRS:
        raise GlmError(f"paralogs: {len(pairs)} pair; there is nothing to choose from")
    genes = readers[TRAINED].genes
    rows = Sides(*(pairs[f"{side}_representative"].to_numpy(np.int64) for side in "ac"))
    labels = Sides(*(genes.labels_of(side).cpu().numpy() for side in rows))
    clusters = Sides(*(pairs[f"{s}_cluster"].to_numpy() for s in "ac"))
    made = {
        name: Sides(
            a=call(*predict(reader, rows.a), labels.c), c=call(*predict(reader, rows.c), labels.a)
        )
        for name, reader in readers.items()
    }
    raw = Sides(*(genes.gather(side).float() for side in rows))
    if contexts:
        found = Sides(look_up(contexts, raw.a, labels.c), look_up(contexts, raw.c, labels.a))
        made[LOOKED_UP] = found
    plain = Sides(*(side.cpu().numpy() for side in raw))
    made[COSINE] = Sides(by_cosine(plain.a, plain.c), by_cosine(plain.c, plain.a))

    right: dict[tuple[str, str, str], np.ndarray] = {}
    for name, calls in made.items():
        judged = scoring.both_directions(
            scoring.hits(calls.a.nearest, clusters.c), scoring.hits(calls.c.nearest, clusters.a)
        )
        measures = {way: hits._asdict() for way, hits in judged.items()}
        for direction, side in zip(scoring.DIRECTIONS, calls, strict=False):
            measures[direction] |= scoring.recalls(side)
        right |= {(name, way, key): hit for way, hits in measures.items()
                  for key, hit in hits.items()}  # fmt: skip
        if name == TRAINED:
            observed = judged
    weights = bootstrap_weights(clusters.a, settings.bootstrap_rounds, settings.seed)
    chance = [
        scoring.chance_rows(
            kind,
            scoring.both_directions(
                scoring.hits(draw(kind, made[TRAINED].a, labels.c, settings, 0), clusters.c),
                scoring.hits(draw(kind, made[TRAINED].c, labels.a, settings, 1), clusters.a),
            ),
            observed,
        )
        for kind in (scoring.NORMAL, scoring.DENSITY, scoring.DEALT)
    ]
    table = pd.concat([scoring.share_rows(right, weights), *chance], ignore_index=True)
    of_calls = call_rows(made, clusters, pairs)
    return Analysis(
        of_calls,
        table,
        coordinates(made[TRAINED], labels, of_calls, pairs, settings),
        numbers(table, of_calls, weights, about),
    )


def draw(
    kind: str, calls: Calls, labels: np.ndarray, settings: Rounds, direction: int
) -> np.ndarray:
    """Nearest candidates of random predictions, with a seed for each direction."""
    seed = 2 * settings.seed + direction
    return scoring.random_nearest(kind, calls, labels, settings.chance_rounds, seed)


def call_rows(made: Mapping[str, Sides], clusters: Sides, pairs: pd.DataFrame) -> pd.DataFrame:
    """One row for each call: method, query and masked gene."""
    number = pairs["pair"].to_numpy()
    parts = []
    for method, sides in made.items():
        for query, calls, partner_cluster in zip("AC", sides, clusters[::-1], strict=True):
            for place, name in enumerate(PLACE_NAMES):
                nearest = calls.nearest[:, place]
                parts.append(
                    pd.DataFrame(
                        {
                            "method": method,
                            "pair": number,
                            "query": query,
                            "place": name,
                            "confidence": calls.confidence[:, place],
                            "nearest": number[nearest],
                            "exact": nearest == np.arange(len(number)),
                            "same_cluster": partner_cluster[nearest] == partner_cluster,
                            "rank": calls.rank[:, place],
                        }
                    )
                )
    return pd.concat(parts, ignore_index=True)


def coordinates(
    calls: Sides, labels: Sides, rows: pd.DataFrame, pairs: pd.DataFrame, settings: Rounds
) -> pd.DataFrame:
    """Labels of both sides and the trained gLM's predictions, laid out together."""
    number = pairs["pair"].to_numpy()
    points, about = [], []
    for protein, side in zip("AC", labels, strict=True):
        points.append(side)
        about.append(pd.DataFrame({"kind": "label", "protein": protein, "pair": number}))
    trained = rows[rows["method"] == TRAINED]
    for query, protein, side in zip("AC", "CA", calls, strict=True):
        for place, name in enumerate(PLACE_NAMES):
            points.append(side.prediction[:, place])
            of = trained[(trained["query"] == query) & (trained["place"] == name)]
            kept = of[["pair", "place", "exact", "same_cluster", "confidence"]]
            about.append(kept.assign(kind="prediction", protein=protein))
    table = pd.concat(about, ignore_index=True)
    table[["exact", "same_cluster"]] = table[["exact", "same_cluster"]].astype("boolean")
    plane = project(np.concatenate(points), settings.projection, settings.seed)
    return table.assign(x=plane[:, 0], y=plane[:, 1])


def numbers(
    results: pd.DataFrame,
    calls: pd.DataFrame,
    weights: np.ndarray,
    about: Mapping[str, Any],
) -> Numbers:
    """Rows of `tables.NUMBERS`: the paper's counts, and what it lacks beside them.

    weights: (rounds, pairs).
    """
    trained = calls[calls["method"] == TRAINED]
    sure, right = trained["confidence"].to_numpy(), trained["same_cluster"].to_numpy(bool)
    drawn = np.tile(weights, len(trained) // weights.shape[1])
    if about["source"] != "uniprot":
        obstacle = "ABC transporter pairs found side by side in genomes, not the paper's list"
    elif about["listed"] != PAPER_PAIRS:
        obstacle = f"a list of {about['listed']:,} pairs, not the paper's of {PAPER_PAIRS:,}"
    else:
        obstacle = ""
    n = weights.shape[1]
    found = Numbers("paralogs", n=n, unit="pairs", obstacle=obstacle)
    found.add("pairs_listed", about["listed"], n=about["listed"])
    found.add("pairs_used", n)
    found.add("clusters", about["clusters"], n=2 * n, unit="proteins")
    for word, chosen, unit in (("right", right, "calls in the partner's cluster"),
                               ("wrong", ~right, "other calls")):  # fmt: skip
        mean, ends, count = scoring.confidence(sure, chosen, drawn)
        name = f"mean_confidence_when_{word}"
        found.add(name, mean, ends, n=count, unit=unit, chance=LEAST_CONFIDENCE)
    area = roc_auc_score(right, sure) if right.any() and not right.all() else np.nan
    found.add("confidence_roc_area", area, n=len(trained), unit="calls")
    either = results[results["direction"] == "either"]
    by_chance = either[either["method"].str.startswith("chance")].groupby("measure")["hits"].max()
    for row in either.itertuples():
        name = row.measure if row.method == TRAINED else f"{row.measure}.{plain(row.method)}"
        hits = int(row.hits) if row.hits.is_integer() else row.hits  # of chance it is a mean
        chance = float(by_chance.get(row.measure, 0.0)) if row.method == TRAINED else 0.0
        found.add(name, hits, (row.lower * n, row.upper * n), chance=chance)
    for row in results[results["measure"] == DGEB_RECALL].to_dict("records"):
        name = f"{DGEB_RECALL.replace('@', '_at_')}.{plain(row['method'])}"
        found.add_row(f"{name}.{plain(row['direction'])}", row, unit="queries")
    for measure in ("exact", "same_cluster"):
        of_pairs = calls.groupby(["method", "pair"])[measure].any().unstack("method")
        if LOOKED_UP in of_pairs:
            missed = of_pairs.loc[~of_pairs[LOOKED_UP], TRAINED]
            found.add(f"{measure}_where_the_look_up_fails", int(missed.sum()), n=len(missed))
    return found


def plain(name: str) -> str:
    """A method's or direction's name as a part of an id."""
    return name.replace(" ", "_").replace(":", "").replace("'", "")
