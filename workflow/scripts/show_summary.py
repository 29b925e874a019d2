"""Show what ran, how good it is, and where the figures are."""

import argparse
from pathlib import Path

from glm.errors import GlmError
from glm.report.summary import show


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--run", default="demo", help="name of the run (default: demo)")
    made.add_argument("--results", type=Path, default=Path("results"), help="default: results")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Print the summary of a run."""
    run = arguments.results / arguments.run
    if not run.is_dir():
        raise SystemExit(f"{run}: no such run; `make demo` makes results/demo")
    try:
        show(run)
    except GlmError as error:
        raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main(parser().parse_args())
