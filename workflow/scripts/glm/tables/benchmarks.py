"""Benchmarks of others."""

from glm.tables.declaration import DOUBLE, INT64, STRING, interval, table

BENCHMARKS = table(
    "benchmarks",
    task=(STRING, "task, as the benchmark names it"),
    metric=(STRING, "the benchmark's main metric of it"),
    model=(STRING, "representation of this run, or published model"),
    source=(STRING, "this run, or where the value was published"),
    value=(DOUBLE, "the metric"),
    **interval("the 95 % interval; null of what was published"),
    difference=(DOUBLE, "value less that of the protein model alone; null of what was published"),
    **interval("its 95 % interval, on the same draws", "difference_"),
    n=(INT64, "what the value was computed on; null of what was published"),
)
