"""Snakemake's own lines on the screen: those that say nothing are left out."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable

from snakemake.logging import logger

AT_EACH_CHOICE_OF_JOBS = ("Select jobs to execute", "Execute ")
NOTHING_TO_DO = "Nothing to be done"


def shorten(show: Callable[[], None]) -> None:
    """Leave out that jobs are chosen, one or two lines a job.

    show: called at the end of a run that finds everything up to date; Snakemake calls no
    `onsuccess` then.
    """

    def says_something(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if text.startswith(NOTHING_TO_DO):
            atexit.register(show)
        return not text.startswith(AT_EACH_CHOICE_OF_JOBS)

    logger.addFilter(says_something)
