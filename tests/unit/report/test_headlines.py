from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from tests.plant import plant

from glm import tables
from glm.operons import headline as operons
from glm.paralogs import headline as paralogs

SILVER = "silver standard (same strand, gap under 50 bp)"
REGULON = "RegulonDB (version 12 or later)"


def shown(table: object) -> str:
    """What is printed, on one line."""
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(table)
    return " ".join(console.export_text().replace("│", " ").split())


def write_operons(run: Path, labels: str) -> None:
    """Attention adds nothing to distance, and less than nothing to embeddings."""
    about = {"producer": "test", "parameters": {"labels": labels}}
    scores = {"none": 0.4, "strand + distance": 0.9, "attention": 0.6}
    scores["attention + distance + strand"] = 0.91
    value = np.tile(list(scores.values()), 2)
    plant(
        run / "operons/comparison.parquet",
        tables.OPERON_COMPARISON,
        about,
        features=[*scores] * 2,
        folds=np.repeat(["random", "stretches"], len(scores)),
        average_precision=value,
        lower=value - 0.02,
        upper=value + 0.02,
        difference=value - 0.9,
        difference_lower=value - 0.92,
        difference_upper=value - 0.88,
        beyond_inputs=-0.1,
        beyond_inputs_lower=-0.2,
        beyond_inputs_upper=-0.05,
        pairs=1000,
        positives=400,
    )
    plant(
        run / "operons/attention_heads.parquet",
        tables.ATTENTION_HEADS,
        about,
        model=["trained", "trained", "distance"],
        name=["L2-H7", "L1-H1", "1 / distance in genes"],
        r=[-0.3, 0.2, 0.44],
        pairs="all pairs",
        n=5000,
    )


def test_operons_stand_beside_their_baselines(tmp_path: Path) -> None:
    write_operons(tmp_path, REGULON)
    text = shown(*operons.headline(tmp_path))
    assert "strand + distance 0.900 ± 0.020 0.900 ± 0.020" in text
    assert "attention + distance + strand is no better than strand and distance" in text
    assert "L2-H7 has r = -0.30, 1 / distance in genes 0.44" in text
    assert "by definition" not in text


def test_the_silver_standard_is_named_and_its_circle_reported(tmp_path: Path) -> None:
    write_operons(tmp_path, SILVER)
    text = shown(*operons.headline(tmp_path))
    assert SILVER in text
    assert "attention is worse than the embeddings and strands" in text
    assert "right by definition" in text


def test_pairs_found_stand_beside_memory_and_chance(tmp_path: Path) -> None:
    methods = {"trained gLM": 30.0, "training context looked up": 80.0, "chance: x": 2.25}
    rows = [
        {"method": method, "direction": "either", "measure": measure, "hits": hits, "value": 0.1}
        for method, hits in methods.items()
        for measure in ("exact", "same_cluster")
    ]
    rows += [
        {"method": "trained gLM", "direction": way, "measure": "recall@50", "hits": 1, "value": v}
        for way, v in (("A to C", 0.5), ("C to A", 0.7))
    ]
    table = pd.DataFrame(rows).assign(n=1200)
    plant(tmp_path / "paralogs/results.parquet", tables.PARALOG_RESULTS, **table)
    text = shown(*paralogs.headline(tmp_path))
    assert "1,200 pairs" in text
    assert "trained gLM 30 30 0.600" in text
    assert "training context looked up 80 80" in text
    assert "chance: x 2.2 2.2" in text
