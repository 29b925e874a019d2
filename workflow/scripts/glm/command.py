"""The frame of every rule's script: arguments, log, and errors that a person understands."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from glm import logs


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser with the options that every script has: --log, --threads, --seed."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--log", type=Path, help="also write the log lines to this file")
    made.add_argument("--threads", type=int, default=1, help="processor cores to use (default: 1)")
    made.add_argument("--seed", type=int, default=1, help="seed of everything random (default: 1)")
    return made


def run(
    arguments_parser: argparse.ArgumentParser,
    main: Callable[[argparse.Namespace], int | None],
    argv: Sequence[str] | None = None,
) -> None:
    """Parse the arguments, run `main`, and end the process.

    A `GlmError` is one line on the screen and a traceback in the log, exit status 1; any other
    error points to the log. `main` may return an exit status.
    """
    arguments = arguments_parser.parse_args(argv)
    name = Path(sys.argv[0]).stem
    logs.configure(arguments.log, name)
    logging.info("%s", " ".join(sys.argv), extra={"file_only": True})
    sys.exit(logs.reporting(lambda: main(arguments), arguments.log))
