"""Find each representative's most identical protein of the reference genome, with mmseqs."""

import argparse
from pathlib import Path

from glm import command, tools
from glm.decontamination.search import KEPT_IDENTITY, search
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--proteins", type=Path, required=True, help="of the reference genome")
    made.add_argument("--sensitivity", type=float, default=5.7, help="mmseqs -s (default: 5.7)")
    made.add_argument("--e-value", type=float, default=1e-3, help="mmseqs -e (default: 1e-3)")
    made.add_argument(
        "--minimum-coverage", type=float, default=0.5, help="of the representative (default: 0.5)"
    )
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Search, keep the best hits, and write them."""
    settings = {
        "sensitivity": arguments.sensitivity,
        "e_value": arguments.e_value,
        "minimum_coverage": arguments.minimum_coverage,
    }
    search(
        arguments.representatives,
        arguments.proteins,
        arguments.output,
        stamp(
            "search_reference_genome",
            inputs=[arguments.representatives, arguments.proteins],
            parameters={**settings, "kept_identity": KEPT_IDENTITY},
            tools=tools.versions(["mmseqs"]),
        ),
        **settings,
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
