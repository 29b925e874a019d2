"""Put the shards' annotations into one table, and count the proteins that have none."""

import logging
from pathlib import Path

from glm import step, tables
from glm.annotation.domains import count_without_domain, domain_numbers
from glm.annotation.products import word_pattern
from glm.annotation.shares import count_reasons, merge
from glm.annotation.shares import numbers as summarise
from glm.scorecard_entries import write_numbers


def summarise_annotations(
    shards: list[Path],
    representatives: Path,
    protenn: Path | None,
    hmmer: Path | None,
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
    """Merge the shards, count, write.

    protenn, hmmer: the release's files of Pfam domains, by each of the two, if they are given.
    reference: its name, for the scorecard.
    """
    made = step.stamp()
    merge(shards, annotations, made, memory_mb=memory_mb, threads=threads)
    pattern = word_pattern(unannotated_words)
    counted = count_reasons(annotations, pattern, memory_mb=memory_mb, threads=threads)
    for row in counted.itertuples():
        logging.info("%s: %s (%.1f %%)", row.reason, f"{row.proteins:,}", 100 * row.share)
    tables.write(counted, shares, tables.ANNOTATION_SHARES, made)
    summary = summarise(counted, reference, tables.read_stamp(shards[0]), seed)
    for name, calls in (("without_pfam", protenn), ("without_pfam_by_hmmer", hmmer)):
        if calls:
            without = count_without_domain(representatives, calls, memory_mb, threads)
            summary += domain_numbers(name, without, seed)
    write_numbers(summary, numbers, made)


if __name__ == "__main__":
    step.run(summarise_annotations)
