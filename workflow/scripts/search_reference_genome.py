"""Find each representative's most identical protein of the reference genome, with mmseqs."""

from pathlib import Path

from glm import step, tables, tools
from glm.decontamination.search import KEPT_IDENTITY, search
from glm.mmseqs import Search


def search_reference_genome(
    representatives: Path,
    proteins: Path | None,
    sensitivity: float,
    e_value: float,
    minimum_coverage: float,
    threads: int,
    memory_mb: int,
    *,
    hits: Path,
) -> None:
    """Search the reference genome's proteins, keep the best hits, and write them.

    proteins: None without a reference genome, which no protein is like. minimum_coverage: of the
    representative, as a fraction.
    """
    made = step.stamp(tools.versions(["mmseqs"]), kept_identity=KEPT_IDENTITY)
    if proteins is None:
        tables.write(tables.REFERENCE_HITS.frame([]), hits, tables.REFERENCE_HITS, made)
        return
    search(
        representatives,
        proteins,
        hits,
        made,
        Search(sensitivity, e_value, KEPT_IDENTITY, minimum_coverage, threads, memory_mb),
    )


if __name__ == "__main__":
    step.run(search_reference_genome)
