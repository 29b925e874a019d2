"""What all rules have alike: log, benchmark, environment, fingerprint of code; and the tools."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.settings.types import DeploymentMethod

from glm import tools
from glm.errors import GlmError
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


def gpus_by_rule(workflow: Any) -> dict[str, int]:
    """GPUs of a job on all its nodes, by rule; rules without GPUs are left out."""
    asked = {rule.name: rule.resources for rule in workflow.rules}
    return {
        name: resources["accelerators"].value * resources["nodes"].value
        for name, resources in asked.items()
        if "accelerators" in resources
    }


def check_tools(workflow: Any) -> None:
    """Name a missing tool, or one of another version, before the first job runs."""
    if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
        return
    try:
        found = tools.versions()
    except GlmError as error:
        raise WorkflowError(str(error)) from None
    named = ", ".join(f"{tool} {version}" for tool, version in found.items())
    logger.info(f"tools: {named}")  # Snakemake prints the arguments of a message nowhere
