"""A run with known contents: tables with stamps, benchmarks, figures, one of them a projection."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from matplotlib import pyplot as plt
from tests.plant import plant

from glm import figures, tables
from glm.provenance import stamp
from glm.report.captions import Caption, read_caption
from glm.report.scorecard import build
from glm.tables.declaration import DOUBLE, STRING, table

POINTS = table(
    "points",
    space=(STRING, "context-free or contextualised"),
    protein=(STRING, "name"),
    family=(STRING, "what it is"),
    score=(DOUBLE, "a number"),
    x=(DOUBLE, "first coordinate"),
    y=(DOUBLE, "second coordinate"),
)
SPACES = ("context-free", "contextualised")
PROTEINS = 60
CAPTION = """.. title: Proteins & their <families>
.. paper: Figure 3A-B
.. alt: Points in two colours.
.. tables: semantics/projection.parquet
.. points: semantics/projection.parquet
.. toggle: space
.. colour: family score
.. hover: protein family

Proteins of two families, *planted*.
"""


def write_points(path: Path, made_from: Path) -> None:
    """Two families that part along x in context, and do not without."""
    rng = np.random.default_rng(1)
    family = np.where(np.arange(PROTEINS) % 2, "transposase", "ligase")
    parts = [
        pd.DataFrame(
            {
                "space": space,
                "protein": [f"protein{n:02d}" for n in range(PROTEINS)],
                "family": family,
                "score": np.linspace(0, 1, PROTEINS),
                "x": rng.normal(size=PROTEINS) + apart * (family == "ligase"),
                "y": rng.normal(size=PROTEINS),
            }
        )
        for space, apart in zip(SPACES, (0, 9), strict=True)
    ]
    made = stamp("project_proteins", inputs=[made_from], seed=7)
    tables.write(pd.concat(parts), path, POINTS, made)


def write_benchmark(run: Path, job: str, seconds: str, memory: str, processor: str = "1") -> Path:
    """What Snakemake measures of a job: seconds, MB, seconds of processors."""
    path = run / "benchmarks" / f"{job}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\tcpu_time\n{seconds}\t-\t{memory}\t{processor}\n")
    return path


def write_run(root: Path) -> tuple[Path, dict[Path, Caption]]:
    """results/planted under `root`, and its figures with their captions."""
    run = root / "results" / "planted"
    source = run / "metagenomes" / "subcontigs.parquet"
    row = {
        "subcontig": [0], "contig": [0], "first_rank": [0], "assembly": ["a"], "biome": [None],
        "representative": [[0, 1]], "forward": [[True, False]], "protein": [[0, 1]],
    }  # fmt: skip
    source.parent.mkdir(parents=True)
    made = stamp("build_subcontigs", seed=None)
    with tables.TableWriter(source, tables.SUBCONTIGS, made) as writer:
        writer.write(pa.table(row))
        writer.counts = {"genes": 2, "genes_without_representative": 1}
    write_points(run / "semantics" / "projection.parquet", source)
    number = {"id": ["glm.reference_pseudo_accuracy"], "value": "0.1", "lower": 0.08, "upper": 0.12}
    path = root / "numbers.parquet"
    numbers = plant(path, tables.NUMBERS, **number, needs=[[]], tolerance=None, n=4000)
    write_benchmark(run, "train_glm", "3600", "900", "1800")
    write_benchmark(run, "embed_proteins/metagenomes/0", "60", "100", "50")
    write_benchmark(run, "embed_proteins/metagenomes/1", "30", "300", "20")
    drawing, axes = plt.subplots(layout="constrained")
    axes.plot([0, 1])
    figures.save(drawing, run / "semantics", "planted_projection", "n = 60 proteins")
    captions = root / "captions"
    captions.mkdir()
    (captions / "planted_projection.rst").write_text(CAPTION)
    caption = read_caption(captions / "planted_projection.rst")
    scorecard = build(run, [numbers], seed=11)
    report = run / "report"
    tables.write(scorecard, report / "scorecard.parquet", tables.SCORECARD, stamp("build_report"))
    for name in ("scorecard.md", "scorecard.html"):
        (report / name).write_text("scorecard")
    return run, {run / "semantics" / "planted_projection.png": caption}


def write_accuracy(run: Path, own: float, other: float, n: int) -> None:
    """Pseudo-accuracies of a gLM and of looking the context up, held out, and their difference."""
    values = np.array([own, other])
    plant(
        run / "evaluation" / "pseudo_accuracy.parquet",
        tables.ACCURACY,
        model=["glm", "baseline.nearest_context"],
        genes_of="heldout",
        measure="pseudo_accuracy",
        value=values,
        lower=values - 0.02,
        upper=values + 0.02,
        n=n,
    )
    plant(
        run / "evaluation" / "pseudo_accuracy_margins.parquet",
        tables.MARGINS,
        model=["glm"],
        other=["baseline.nearest_context"],
        genes_of="heldout",
        measure="pseudo_accuracy",
        difference=own - other,
        standard_errors=(own - other) / 0.015,
        n=n,
    )
