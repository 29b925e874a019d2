"""The paper's numbers beside this run's."""

import pyarrow as pa

from glm.tables.declaration import BOOL, DOUBLE, INT64, STRING, interval, table

NUMBERS = table(
    "numbers",
    id=(STRING, "dotted path of the paper's number"),
    value=(STRING, "this run's value, as JSON"),
    **interval("the 95 % interval; null if none"),
    n=(INT64, "what the value was computed on"),
    unit=(STRING, "what n counts"),
    chance=(DOUBLE, "what is had without a model"),
    setting=(BOOL, "configuration, not a result"),
    needs=(pa.list_(STRING), "what must be the paper's to compare: corpus, protein model"),
    obstacle=(STRING, "what of the analysis is not the paper's; empty if all is"),
    tolerance=(DOUBLE, "largest difference that still counts as the same; null if none"),
    note=(STRING, "anything a reader must know"),
)
SCORECARD = table(
    "scorecard",
    id=(STRING, "dotted path of the paper's number"),
    figure=(STRING, "where it stands in the paper"),
    paper_value=(STRING, "the paper's value, as JSON"),
    value=(STRING, "this run's value, as JSON; null if not run"),
    **interval("the 95 % interval"),
    n=(INT64, "what the value was computed on"),
    unit=(STRING, "what n counts"),
    setting=(BOOL, "configuration, not a result"),
    seed=(INT64, "the run's seed, of which each random step has its own; null for a setting"),
    status=(
        STRING,
        "of a setting: same setting, other setting; of a result: reproduced, differs, undecided, "
        "not comparable; of both: not run",
    ),
    note=(STRING, "why"),
)
