"""Put the shards' annotations into one table, and count the proteins that have none."""

import logging
from pathlib import Path

from glm import step, tables
from glm.annotation.products import word_pattern
from glm.annotation.shares import count_reasons, merge
from glm.annotation.shares import numbers as summarise


def summarise_annotations(
    shards: list[Path],
    reference: str,
    unannotated_words: list[str],
    threads: int,
    memory_mb: int,
    seed: int,
    *,
    annotations: Path,
    shares: Path,
    numbers: Path,
) -> None:
    """Merge the shards, count, write. reference: its name, for the scorecard."""
    made = step.stamp()
    merge(shards, annotations, made, memory_mb=memory_mb, threads=threads)
    pattern = word_pattern(unannotated_words)
    counted = count_reasons(annotations, pattern, memory_mb=memory_mb, threads=threads)
    for row in counted.itertuples():
        logging.info("%s: %s (%.1f %%)", row.reason, f"{row.proteins:,}", 100 * row.share)
    tables.write(counted, shares, tables.ANNOTATION_SHARES, made)
    summary = tables.NUMBERS.frame(summarise(counted, reference, seed))
    tables.write(summary, numbers, tables.NUMBERS, made)


if __name__ == "__main__":
    step.run(summarise_annotations)
