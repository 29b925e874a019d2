"""Put the shards' annotations into one table, and count the proteins that have none."""

import argparse
import logging
from pathlib import Path

from glm import command, tables
from glm.annotation.products import WORDS, word_pattern
from glm.annotation.shares import count_reasons, merge, numbers
from glm.provenance import derive_seed, stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--shards", type=Path, nargs="+", required=True, help="of annotate_proteins")
    made.add_argument("--reference", required=True, help="its name, for the scorecard")
    made.add_argument("--unannotated-words", nargs="+", default=WORDS)
    made.add_argument("--memory", type=int, default=2000, help="megabytes (default: 2000)")
    made.add_argument("--annotations", type=Path, required=True)
    made.add_argument("--shares", type=Path, required=True)
    made.add_argument("--numbers", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Merge, count, write."""
    words = list(arguments.unannotated_words)
    seed = derive_seed(arguments.seed, "summarise_annotations")
    made = stamp(
        "summarise_annotations",
        inputs=arguments.shards,
        parameters={"reference": arguments.reference, "unannotated_words": words},
        seed=seed,
    )
    limits = {"memory_mb": arguments.memory, "threads": arguments.threads}
    merge(arguments.shards, arguments.annotations, made, **limits)
    shares = count_reasons(arguments.annotations, word_pattern(words), **limits)
    for row in shares.itertuples():
        logging.info("%s: %s (%.1f %%)", row.reason, f"{row.proteins:,}", 100 * row.share)
    tables.write(shares, arguments.shares, tables.ANNOTATION_SHARES, made)
    told = tables.NUMBERS.frame(numbers(shares, arguments.reference, seed))
    tables.write(told, arguments.numbers, tables.NUMBERS, made)


if __name__ == "__main__":
    command.run(parser(), main)
