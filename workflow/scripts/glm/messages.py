"""What a run says on the screen beside its jobs: results at its end, and less of Snakemake's."""

from __future__ import annotations

import atexit
import logging
from pathlib import Path
from typing import Any

from snakemake.logging import logger

AT_EACH_CHOICE_OF_JOBS = ("Select jobs to execute", "Execute ")
NOTHING_TO_DO = "Nothing to be done"


def shorten(workflow: Any, run: Path) -> None:
    """Leave out that jobs are chosen, one or two lines a job.

    Where everything is up to date, for which Snakemake has no hook, the results of `run`
    (results/<run>) are shown here. A workflow that this is a module of keeps its own lines, as it
    keeps its own hooks.
    """
    if not workflow.modifier.is_main_snakefile():
        return

    def says_something(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if text.startswith(NOTHING_TO_DO) and not workflow.dryrun:
            atexit.register(show_results, run)
        return not text.startswith(AT_EACH_CHOICE_OF_JOBS)

    logger.addFilter(says_something)


def show_results(run: Path) -> None:
    """What the run under `run` has; imported when it is wanted, since that takes a second."""
    from glm.report.summary import show

    show(run)
