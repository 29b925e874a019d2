"""Find each representative's best hit in the reference with DIAMOND, and what it is called."""

from pathlib import Path

from glm import step, tools
from glm.annotation.products import word_pattern
from glm.annotation.search import annotate


def annotate_proteins(
    representatives: Path,
    database: Path,
    e_value: float,
    unannotated_words: list[str],
    shard: int,
    shards: int,
    threads: int,
    memory_mb: int,
    *,
    annotations: Path,
) -> None:
    """Search one shard and write its annotations.

    database: DIAMOND's. unannotated_words: a product name with one of them says nothing.
    """
    annotate(
        representatives,
        database,
        annotations,
        step.stamp(tools.versions(["diamond"]), database=str(database)),
        shard=shard,
        shards=shards,
        e_value=e_value,
        pattern=word_pattern(unannotated_words),
        threads=threads,
        memory_mb=memory_mb,
    )


if __name__ == "__main__":
    step.run(annotate_proteins)
