"""Give each representative the EC number of its best hit among known enzymes, with mmseqs."""

import argparse
from pathlib import Path

from glm import command, tools
from glm.corpus.release import one_file
from glm.enzymes.search import assign
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument(
        "--reference", type=Path, required=True, help="enzymes, or the manifest of a fetched set"
    )
    made.add_argument("--sensitivity", type=float, default=5.7, help="mmseqs -s (default: 5.7)")
    made.add_argument("--e-value", type=float, default=1e-3, help="mmseqs -e (default: 1e-3)")
    made.add_argument("--identity", type=float, default=0.4, help="least (default: 0.4)")
    made.add_argument("--coverage", type=float, default=0.5, help="of the protein (default: 0.5)")
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Search and write."""
    reference = one_file(arguments.reference)
    least = {
        "sensitivity": arguments.sensitivity,
        "e_value": arguments.e_value,
        "identity": arguments.identity,
        "coverage": arguments.coverage,
    }
    made = stamp(
        "assign_enzymes",
        inputs=[arguments.representatives, arguments.reference],
        parameters={**least, "reference": str(reference)},
        tools=tools.versions(["mmseqs"]),
    )
    assign(
        arguments.representatives,
        reference,
        arguments.output,
        made,
        **least,
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
