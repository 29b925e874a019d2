"""Split the subcontigs: removed, held out for validation, and trained on."""

import argparse
from pathlib import Path

from glm import command
from glm.decontamination.split import count_by_assembly, split
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--flags", type=Path, required=True)
    made.add_argument(
        "--validation-share", type=float, default=0.05, help="of the kept (default: 0.05)"
    )
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--splits", type=Path, required=True)
    made.add_argument("--removed-by-assembly", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Draw the validation subcontigs, write both tables, and log the counts of each assembly."""
    seed = derive_seed(arguments.seed, "split_subcontigs")
    made = stamp(
        "split_subcontigs",
        inputs=[arguments.subcontigs, arguments.flags],
        parameters={"validation_share": arguments.validation_share},
        seed=seed,
    )
    split(
        arguments.flags,
        arguments.splits,
        made,
        validation_share=arguments.validation_share,
        seed=seed,
    )
    count_by_assembly(
        arguments.subcontigs,
        arguments.splits,
        arguments.removed_by_assembly,
        made,
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
