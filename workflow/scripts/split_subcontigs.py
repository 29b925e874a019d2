"""Split the subcontigs: removed as too like the reference genome, held out, and trained on."""

from pathlib import Path

from glm import step
from glm.decontamination.leakage import IDENTITIES, audit
from glm.decontamination.split import count_by_assembly, flag, split


def split_subcontigs(
    subcontigs: Path,
    hits: Path,
    identity: float,
    share: float,
    validation_share: float | None,
    threads: int,
    memory_mb: int,
    seed: int,
    *,
    flags: Path,
    splits: Path,
    removed_by_assembly: Path,
    leakage: Path,
) -> None:
    """Flag the subcontigs, draw those held out of the others, and audit the homology that is left.

    identity: a gene is like the reference genome OVER this. share: a subcontig is removed with
    MORE than this share of such genes. validation_share: of what is not removed;
    None is sized by how much that is.
    """
    made = step.stamp(identities=IDENTITIES)
    limits = {"threads": threads, "memory_mb": memory_mb}
    flag(subcontigs, hits, flags, made, identity=identity, share=share, **limits)
    split(flags, splits, made, validation_share=validation_share, seed=seed)
    count_by_assembly(subcontigs, splits, removed_by_assembly, made, **limits)
    audit(subcontigs, splits, hits, leakage, made, share=share, **limits)


if __name__ == "__main__":
    step.run(split_subcontigs)
