"""Give each representative the EC number of its best hit among known enzymes, with mmseqs."""

from pathlib import Path

from glm import step, tools
from glm.corpus.release import one_file
from glm.enzymes.search import assign
from glm.mmseqs import Search


def assign_enzymes(
    representatives: Path,
    reference: Path,
    sensitivity: float,
    e_value: float,
    identity: float,
    coverage: float,
    threads: int,
    memory_mb: int,
    *,
    enzymes: Path,
) -> None:
    """Search for the representatives among the reference: enzymes, or a fetched set's manifest.

    identity, coverage: the least of an alignment, as fractions; coverage is of the representative.
    """
    reference = one_file(reference)
    assign(
        representatives,
        reference,
        enzymes,
        step.stamp(tools.versions(["mmseqs"]), reference=str(reference)),
        Search(sensitivity, e_value, identity, coverage, threads, memory_mb),
    )


if __name__ == "__main__":
    step.run(assign_enzymes)
