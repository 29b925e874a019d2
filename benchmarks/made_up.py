"""What benchmarks share: a run's tables at the published size, made up, which they read in place of
a release; and how they begin and end."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from glm import tables  # noqa: E402
from glm.model.configuration import GenomicLanguageModelConfig  # noqa: E402

PUBLISHED = GenomicLanguageModelConfig()
SIZE, COMPONENTS = PUBLISHED.embedding_size, PUBLISHED.label_components
SHORTEST, LONGEST = PUBLISHED.minimum_genes, PUBLISHED.maximum_genes
# the processor's is of one core, for a machine with other work on it
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def options(about: str | None) -> argparse.ArgumentParser:
    """A command line to add options to; about: the benchmark's docstring."""
    form = argparse.RawDescriptionHelpFormatter
    return argparse.ArgumentParser(description=about, formatter_class=form)


def finish(report: Mapping[str, Any]) -> int:
    """Print a report as its last line, and return the exit status: 0 where it is `ok`."""
    print(json.dumps(report))
    return 0 if report["ok"] else 1


def write_subcontigs(
    path: Path, lengths: np.ndarray, representatives: np.ndarray, forward: np.ndarray
) -> None:
    """A `subcontigs` table, a contig each.

    lengths: (subcontigs,). representatives, forward: (genes,), one subcontig after another.
    """
    offsets = pa.array(np.append(0, lengths.cumsum()), pa.int32())
    count = len(lengths)
    data = pa.table(
        {
            "subcontig": np.arange(count),
            "contig": np.arange(count),
            "first_rank": np.zeros(count, np.int32),
            "assembly": pa.array(["A"] * count),
            "biome": pa.nulls(count, pa.string()),
            "representative": pa.ListArray.from_arrays(
                offsets, pa.array(representatives, pa.int32())
            ),
            "forward": pa.ListArray.from_arrays(offsets, pa.array(forward)),
            "protein": pa.ListArray.from_arrays(offsets, pa.array(representatives, pa.int64())),
        }
    )
    tables.write(data, path, tables.SUBCONTIGS, {})


def write_fits(folder: Path, representatives: int) -> tuple[Path, Path]:
    """Tables `standardisation` and `label_components` that leave embeddings as they are."""
    fitted = pa.table(
        {
            "feature": np.arange(SIZE),
            "mean": np.zeros(SIZE),
            "standard_deviation": np.ones(SIZE),
            "count": np.full(SIZE, representatives),
        }
    )
    components = pa.table(
        {
            "component": np.arange(COMPONENTS),
            "direction": pa.array(list(np.eye(SIZE)[:COMPONENTS]), pa.list_(pa.float64())),
            "centre": np.zeros(COMPONENTS),
            "variance": np.ones(COMPONENTS),
            "variance_share": np.full(COMPONENTS, 1 / SIZE),
            "count": np.full(COMPONENTS, representatives),
        }
    )
    paths = folder / "standardisation.parquet", folder / "label_components.parquet"
    tables.write(fitted, paths[0], tables.STANDARDISATION, {})
    tables.write(components, paths[1], tables.LABEL_COMPONENTS, {})
    return paths
