"""The whole paralog analysis of some pairs: calls, counts, chance, recall, projection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from glm.errors import GlmError
from glm.evaluation.predictors import TrainingContexts
from glm.inference.reader import GeneReader
from glm.paralogs import scoring
from glm.paralogs.lookup import look_up
from glm.paralogs.prediction import Calls, by_cosine, call, predict
from glm.projection import Layout, project
from glm.scorecard_entries import number

PLACE_NAMES = ("before", "after")
TRAINED, COSINE = "trained gLM", "embedding cosine"
LOOKED_UP = "training context looked up"
DGEB_RECALL = "recall@50"  # the form in which DGEB states the task
FEWEST_PAIRS = 2


class Settings(NamedTuple):
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
    settings: Settings,
    contexts: TrainingContexts,
) -> Analysis:
    """Analyse pairs: `readers` by name, the trained one called "trained gLM".

    They read `Genes.of_proteins` of the pairs. pairs: rows of PARALOGS. about: the parameters of
    their stamp. contexts: of the training subcontigs, for the baseline that remembers them. Raises
    `GlmError` for fewer than two pairs.
    """
    if len(pairs) < FEWEST_PAIRS:
        raise GlmError(f"paralogs: {len(pairs)} pair; there is nothing to choose from")
    genes = readers[TRAINED].genes
    rows = Sides(*(pairs[f"{side}_representative"].to_numpy(np.int64) for side in "ac"))
    labels = Sides(*(genes.labels_of(side).cpu().numpy() for side in rows))
    clusters = Sides(*(pairs[f"{s}_cluster"].to_numpy() for s in "ac"))
    groups = clusters.a
    made = {
        name: Sides(
            a=call(*predict(reader, rows.a), labels.c), c=call(*predict(reader, rows.c), labels.a)
        )
        for name, reader in readers.items()
    }
    raw = Sides(*(genes.gather(side).float() for side in rows))
    made[LOOKED_UP] = Sides(look_up(contexts, raw.a, labels.c), look_up(contexts, raw.c, labels.a))
    plain = Sides(*(side.cpu().numpy() for side in raw))
    made[COSINE] = Sides(by_cosine(plain.a, plain.c), by_cosine(plain.c, plain.a))

    results, judged = [], {}
    for name, calls in made.items():
        judged[name] = scoring.both_directions(
            scoring.hits(calls.a.nearest, clusters.c), scoring.hits(calls.c.nearest, clusters.a)
        )
        rounds, seed = settings.bootstrap_rounds, settings.seed
        results += list(scoring.share_rows(name, judged[name], groups, rounds, seed))
        for direction, side in zip(scoring.DIRECTIONS, calls, strict=False):
            results += scoring.recall_rows(name, direction, side, groups, rounds, seed)
    chance = [
        scoring.chance_rows(
            kind,
            scoring.both_directions(
                scoring.hits(draw(kind, made[TRAINED].a, labels.c, settings, 0), clusters.c),
                scoring.hits(draw(kind, made[TRAINED].c, labels.a, settings, 1), clusters.a),
            ),
            judged[TRAINED],
        )
        for kind in (scoring.NORMAL, scoring.DENSITY, scoring.DEALT)
    ]
    table = pd.concat([pd.DataFrame(results).assign(p=np.nan), *chance], ignore_index=True)
    of_calls = call_rows(made, clusters, pairs)
    return Analysis(
        of_calls,
        table,
        coordinates(made[TRAINED], labels, of_calls, pairs, settings),
        numbers(table, of_calls, groups, about, settings),
    )


def draw(
    kind: str, calls: Calls, labels: np.ndarray, settings: Settings, direction: int
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
    calls: Sides, labels: Sides, rows: pd.DataFrame, pairs: pd.DataFrame, settings: Settings
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
    groups: np.ndarray,
    about: Mapping[str, Any],
    settings: Settings,
) -> list[dict[str, Any]]:
    """Rows of `tables.NUMBERS`: the paper's counts, and what it lacks beside them."""
    trained = calls[calls["method"] == TRAINED]
    right = scoring.confidence(
        trained["confidence"].to_numpy(),
        trained["same_cluster"].to_numpy(),
        np.tile(groups, len(trained) // len(groups)),
        settings.bootstrap_rounds,
        settings.seed,
    )
    either = results[results["direction"] == "either"].set_index(["method", "measure"])
    n = len(groups)
    note = (
        "pairs listed by the user"
        if about["source"] == "uniprot"
        else "ABC transporter pairs found side by side in the genomes, not the paper's list"
    )
    rows: list[tuple[str, Any, tuple[float, float] | None, int, str]] = [
        ("pairs_listed", about["listed"], None, about["listed"], "pairs"),
        ("pairs_used", n, None, n, "pairs"),
        ("clusters", about["clusters"], None, 2 * n, "proteins"),
        ("mean_confidence_when_right", right.right, right.right_interval, right.right_calls,
         "calls in the partner's cluster"),
        ("mean_confidence_when_wrong", right.wrong, right.wrong_interval, right.wrong_calls,
         "other calls"),
        ("confidence_roc_area", right.roc_area, None, len(trained), "calls"),
        ("chance_iterations", settings.chance_rounds, None, settings.chance_rounds, "rounds"),
    ]  # fmt: skip
    for (method, measure), row in either.iterrows():
        if measure in ("exact", "same_cluster"):
            name = str(measure if method == TRAINED else f"{measure}.{method.replace(' ', '_')}")
            ends = (row["lower"] * n, row["upper"] * n)
            rows.append((name, int(row["hits"]), ends, n, "pairs"))
    for row in results[results["measure"] == DGEB_RECALL].itertuples():
        direction = row.direction.replace(" ", "_")
        name = f"{row.measure.replace('@', '_at_')}.{row.method.replace(' ', '_')}.{direction}"
        rows.append((name, row.value, (row.lower, row.upper), row.n, "queries"))
    for measure in ("exact", "same_cluster"):
        found = calls.groupby(["method", "pair"])[measure].any().unstack("method")
        missed = found.loc[~found[LOOKED_UP], TRAINED]
        rows.append(
            (f"{measure}_where_the_look_up_fails", int(missed.sum()), None, len(missed), "pairs")
        )
    return [
        number(
            f"paralogs.{name}".replace(":", "").replace("'", ""),
            value, ends, n=count, unit=unit, note=note,
        )
        for name, value, ends, count, unit in rows
    ]  # fmt: skip
