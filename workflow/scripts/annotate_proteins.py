"""Find each representative's best hit in the reference with DIAMOND, and what it is called."""

import argparse
from pathlib import Path

from glm import command, tools
from glm.annotation.products import WORDS, word_pattern
from glm.annotation.search import annotate
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--database", type=Path, required=True, help="DIAMOND's, .dmnd")
    made.add_argument("--e-value", type=float, default=1e-5, help="largest (default: 1e-5)")
    made.add_argument(
        "--unannotated-words", nargs="+", default=WORDS, help=f"default: {' '.join(WORDS)}"
    )
    made.add_argument("--shard", type=int, default=0)
    made.add_argument("--shards", type=int, default=1)
    made.add_argument("--memory", type=int, default=8000, help="megabytes (default: 8000)")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Search one shard and write its annotations."""
    parameters = {
        "database": str(arguments.database),
        "database_bytes": arguments.database.stat().st_size if arguments.database.exists() else 0,
        "e_value": arguments.e_value,
        "unannotated_words": list(arguments.unannotated_words),
        "shard": [arguments.shard, arguments.shards],
    }
    annotate(
        arguments.representatives,
        arguments.database,
        arguments.output,
        stamp(
            "annotate_proteins",
            inputs=[arguments.representatives],
            parameters=parameters,
            tools=tools.versions(["diamond"]),
        ),
        shard=arguments.shard,
        shards=arguments.shards,
        e_value=arguments.e_value,
        pattern=word_pattern(arguments.unannotated_words),
        threads=arguments.threads,
        memory_mb=arguments.memory,
    )


if __name__ == "__main__":
    command.run(parser(), main)
