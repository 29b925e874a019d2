"""Memory against understanding: what a gLM finds that looking the context up does not.

Masked genes are put into fifths by how far their own protein is from the nearest training protein,
in standardised embedding space. A model that only remembers its training loses with the distance
as the look-up does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from glm.evaluation.estimates import MOST_LIKELY, Scores, estimate
from glm.figures import BLACK, BLUE, ORANGE, Drawn, legend_above, page, panels
from glm.figures.panels import Style

FIFTHS = 5
WHOLE = 0  # stands for all fifths
GLM, LOOK_UP = "glm", "baseline.nearest_context"
FOUND_BY = {
    "glm": ("gLM", Style(BLUE, "D")),
    "look_up": ("context looked up", Style(ORANGE, "o", "--")),
    "either": ("either", Style(BLACK, "s", ":")),
}
PANELS = {
    ("heldout", "pseudo_accuracy"): "held out, in its subcontig",
    ("reference", "pseudo_accuracy"): "reference, in its subcontig",
    ("reference", "absolute_accuracy"): "reference, in the genome",
}


def memory_rows(
    scores: Scores, distance: np.ndarray, groups: np.ndarray, genes_of: str, measure: str
) -> pd.DataFrame:
    """Rows of `MEMORY`: all judged genes, then each fifth of them, nearest first.

    distance: (judged genes,) to the nearest training protein. groups: (judged genes,), what is
    drawn together. A gene that is masked several times counts as found by one alone as if its
    maskings were independent.
    """
    glm, look_up = scores[GLM, MOST_LIKELY], scores[LOOK_UP, MOST_LIKELY]
    found = {
        "glm": glm,
        "look_up": look_up,
        "either": 1 - (1 - glm) * (1 - look_up),
        "glm_alone": glm * (1 - look_up),
        "look_up_alone": look_up * (1 - glm),
    }
    nearer = np.searchsorted(np.sort(distance), distance)  # equal distances are in one fifth
    fifth = nearer * FIFTHS // len(distance)
    rows = []
    for number in range(FIFTHS + 1):
        chosen = fifth == number - 1 if number != WHOLE else np.ones(len(fifth), bool)
        if not chosen.any():
            continue
        row = {"genes_of": genes_of, "measure": measure, "fifth": number, "n": int(chosen.sum())}
        row |= {"nearest": distance[chosen].min(), "furthest": distance[chosen].max()}
        for name, values in found.items():
            made = estimate(values[chosen], groups[chosen])
            row |= {name: made.value, f"{name}_lower": made.lower, f"{name}_upper": made.upper}
        rows.append(row)
    return pd.DataFrame(rows)


def draw(rows: pd.DataFrame) -> Drawn:
    """Accuracy by fifths of the distance to training: gLM, look-up, and either."""
    judged = set(zip(rows["genes_of"], rows["measure"], strict=True))
    shown = {key: title for key, title in PANELS.items() if key in judged}
    titles = dict(zip("ABC", shown.values(), strict=False))
    figure, axes_of = page("".join(titles), 3.2, titles)
    said = []
    for axes, (key, title) in zip(axes_of.values(), shown.items(), strict=True):
        chosen = rows[(rows["genes_of"] == key[0]) & (rows["measure"] == key[1])]
        fifths = chosen[chosen["fifth"] != WHOLE]
        for name, (label, style) in FOUND_BY.items():
            value, ends = 100 * fifths[name], 100 * fifths[[f"{name}_lower", f"{name}_upper"]]
            panels.line(axes, fifths["fifth"], value, style, label, marker=style.mark)
            axes.fill_between(fifths["fifth"], *ends.T.to_numpy(), color=style.colour, alpha=0.15)
        axes.set(
            xlabel="fifth by distance to training", xticks=range(1, FIFTHS + 1), ylim=(0, None)
        )
        for row in chosen[chosen["fifth"] == WHOLE].itertuples():
            said.append(
                f"{title} (n = {row.n:,}): {row.glm_alone:.1%} by the gLM alone, "
                f"{row.look_up_alone:.1%} by the look-up alone"
            )
    axes_of["A"].set_ylabel("masked genes found (%)")
    legend_above(figure, axes_of["A"], len(FOUND_BY))
    return figure, "; ".join(said) + (
        ". Equal distances are in one fifth. Bands: 95 % intervals over subcontigs or genomes."
    )
