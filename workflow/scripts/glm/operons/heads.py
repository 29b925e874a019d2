"""How each attention head correlates with operons (Figure 4A), beside what distance alone does.

The largest r of 190 heads is large by chance too: a head is chosen on one half of the genome, and
measured on the other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from glm import statistics
from glm.comparison import draw_groups, interval
from glm.inference.names import head_name
from glm.operons.reading import Attention

BY_DISTANCE = "1 / distance in genes"
"""The baseline of all pairs: a head that merely looks at its neighbours has this r."""


def correlate_models(
    pairs: pd.DataFrame, attention: Mapping[str, Attention], rounds: int, seed: int
) -> pd.DataFrame:
    """Rows of ATTENTION_HEADS: each model's heads on all pairs and on neighbours, and distance.

    pairs: rows of GENE_PAIRS. attention: of these pairs, by model.
    """
    same_operon, unit = pairs["same_operon"].to_numpy(), pairs["unit"].to_numpy()
    choosing = every_other(pairs["stretch"].to_numpy())

    def columns(attention: np.ndarray, rows: slice | np.ndarray) -> pd.DataFrame:
        of = attention[rows], same_operon[rows], unit[rows]
        found = correlate(*of, rounds, seed)
        return found.join(measure_on_other_half(*of, choosing[rows], rounds, seed))

    which = {"all pairs": slice(None), "neighbours": pairs["neighbours"].to_numpy()}
    found = []
    for model, read in attention.items():
        for kind, rows in which.items():
            named = name_heads(columns(read.values, rows), read.layers, read.heads)
            found.append(named.assign(model=model, pairs=kind))
            strongest = best(named)
            logging.info(
                "%s, %s: best head %s, r = %.3f (%.3f to %.3f), adjusted p = %.2g, n = %s",
                *(model, kind, strongest["name"], strongest["r"], strongest["lower"]),
                *(strongest["upper"], strongest["adjusted_p"], f"{strongest['n']:,}"),
            )
    near = by_distance(pairs["first"].to_numpy(), pairs["second"].to_numpy())
    baseline = columns(near, slice(None))
    logging.info("%s, all pairs: r = %.3f", BY_DISTANCE, baseline["r"][0])
    about = {"layer": 0, "head": 0, "name": BY_DISTANCE, "model": "distance", "pairs": "all pairs"}
    return pd.concat([*found, baseline.assign(**about)], ignore_index=True)


def correlate(
    attention: np.ndarray, same_operon: np.ndarray, unit: np.ndarray, rounds: int, seed: int
) -> pd.DataFrame:
    """Pearson's r of each column of attention with same-operon.

    attention: (pairs, heads). same_operon: (pairs,) bool. unit: (pairs,), the transcription unit
    that a pair starts in: intervals draw whole units. Returns a row a column: r, lower, upper
    (95 %), p (of independent pairs, as in the paper, which they are not), adjusted_p (Bonferroni
    over the columns), n. A head that never varies has r nan and p 1.
    """
    r = statistics.pearson(attention, same_operon)[0]
    weights = draw_groups(len(np.unique(unit)), rounds, seed)
    ends = interval(statistics.pearson(attention, same_operon, unit, weights))
    p = np.nan_to_num(p_of_r(r, len(same_operon)), nan=1.0)
    adjusted = np.minimum(p * len(p), 1.0)
    found = {"r": r, **ends._asdict(), "p": p, "adjusted_p": adjusted, "n": len(same_operon)}
    return pd.DataFrame(found)


def every_other(stretch: np.ndarray) -> np.ndarray:
    """The half of a genome that every other stretch makes, (pairs,) bool."""
    return np.asarray(pd.factorize(stretch)[0] % 2 == 0)


def measure_on_other_half(
    attention: np.ndarray,
    same_operon: np.ndarray,
    unit: np.ndarray,
    choosing: np.ndarray,
    rounds: int,
    seed: int,
) -> pd.DataFrame:
    """r of each column on one half of the genome, to choose by, and on the other, to measure.

    As `correlate`. choosing: (pairs,) bool. Returns chosen_by, other_half with its interval, and
    other_half_n; of a genome without another half these are nan.
    """
    rest = ~choosing
    r = lower = upper = np.full(attention.shape[1], np.nan)
    if rest.any():
        measured = attention[rest], same_operon[rest]
        r = statistics.pearson(*measured)[0]
        weights = draw_groups(len(np.unique(unit[rest])), rounds, seed)
        lower, upper = interval(statistics.pearson(*measured, unit[rest], weights))
    return pd.DataFrame(
        {
            "chosen_by": statistics.pearson(attention[choosing], same_operon[choosing])[0],
            "other_half": r,
            "other_half_lower": lower,
            "other_half_upper": upper,
            "other_half_n": int(rest.sum()),
        }
    )


def p_of_r(r: np.ndarray, n: int) -> np.ndarray:
    """Two-sided p-values of Pearson's r of n independent pairs: the t distribution's."""
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt((n - 2) / np.maximum(1 - r**2, 0))
    return 2 * stats.t.sf(t, n - 2)


def name_heads(found: pd.DataFrame, layers: int, heads: int) -> pd.DataFrame:
    """Add layer and head (from 1) and the paper's name of each, L2-H7 and so on."""
    layer, head = np.divmod(np.arange(layers * heads), heads)
    names = [head_name(*place) for place in zip(layer, head, strict=True)]
    return found.assign(layer=layer + 1, head=head + 1, name=names)


def by_distance(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """1 / distance in genes of each pair, (pairs, 1)."""
    return 1 / (second - first).astype(float)[:, None]


def of_trained(heads: pd.DataFrame) -> pd.DataFrame:
    """Heads of the trained gLM over all pairs of a subcontig: its best one is named and drawn."""
    chosen = heads[(heads["model"] == "trained") & (heads["pairs"] == "all pairs")]
    return chosen.reset_index(drop=True)


def best(found: pd.DataFrame, by: str = "r") -> pd.Series:
    """The row with the largest r in absolute size; by: that of which pairs."""
    return found.loc[found[by].abs().idxmax()]
