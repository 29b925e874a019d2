"""Snakemake that looks at its jobs every second or two, however long none has ended.

The executor waits ten seconds longer after each look in vain: beside the profile's 40 that is
little, beside the seconds that a test's jobs take it would be most of the tests' time.
"""

import sys

from snakemake.cli import main
from snakemake_executor_plugin_slurm import Executor

Executor.next_seconds_between_status_checks = property(
    lambda executor: executor.workflow.executor_settings.init_seconds_before_status_checks,
    lambda executor, seconds: None,
)
main(sys.argv[1:])
