"""What every rule has without saying so: its log, benchmark, environment and code's fingerprint."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from glm.source_code import fingerprint

ENVIRONMENT = "../../envs/glm.yaml"  # as a rules file sees it


def complete_rules(workflow: Any, others: Collection[str]) -> None:
    """Give each rule what all rules have alike, but `others`, whose workflow this is a module of.

    A rule that runs something logs to logs/<run>/<rule>.log and has its time and memory in
    results/<run>/benchmarks/<rule>.tsv; where a rule has several jobs, its other wildcards follow,
    as folders and the file's name. Its environment is `ENVIRONMENT`. The param `code` is the hash
    of its script and of what that imports, since another one runs the rule again. Called once, when
    all rules are there.
    """
    for rule in workflow.rules:
        if rule.name in others or not (rule.script or rule.shellcmd):
            continue
        name = Path(rule.script).stem if rule.script else rule.ruleinfo.name
        found = dict.fromkeys(re.findall(r"\{(\w+)", str(rule.output[0])))
        path = "/".join([name, *(f"{{{each}}}" for each in found if each != "run")])
        rule.log_modifier = rule.benchmark_modifier = rule.output_modifier
        rule.set_log(f"logs/{{run}}/{path}.log")
        rule.benchmark = f"results/{{run}}/benchmarks/{path}.tsv"
        rule.conda_env = ENVIRONMENT
        rule.set_params(code=lambda wildcards, name=name: fingerprint(name))
