"""What is said and refused before the first job: folders that are missing, downloads, hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from glm import cluster, estimates
from glm.errors import GlmError
from glm.files import is_missing_folder

LONG = {"embed_proteins", "train_glm", "train_bilstm"}
RULE_OF = {"corpus": "build_subcontigs"}  # the last rule of a stage that has several
ADDRESSES = ("address", "model", "pretrained", "datasets", "uniprot", "refseq")
"""Params of the rules that fetch, of which one says from where."""


def check(workflow: Any, config: Mapping[str, Any]) -> None:
    """Refuse what would fail in a later job, and say what the run fetches and takes.

    Called by the Snakefile as it starts. Raises Snakemake's `WorkflowError`.
    """
    jobs = cluster.needed(workflow)
    rules = {job.rule.name for job in jobs}
    if found := faults(config, rules):
        raise WorkflowError("; ".join(found))
    if fetched := downloads((job.rule.name, job.params) for job in jobs):
        logger.info("to be fetched, where it is not here yet: " + ", ".join(fetched))
    if rules & LONG and workflow.executor_plugin.name == "local":
        for line in forecast(config, rules):
            (logger.warning if line.startswith("warning") else logger.info)(line)


def faults(config: Mapping[str, Any], rules: Iterable[str]) -> list[str]:
    """Folders that jobs of these rules would miss."""
    keys = {
        "download_protein_model": ("embedding.model", config["embedding"]["model"]),
        "download_pretrained_model": ("glm.pretrained", config["glm"]["pretrained"]),
    }
    named = [keys[rule] for rule in rules if rule in keys]
    if config["reference"] and "parse_reference_genome" in rules:
        address = config["reference"]["address"]
        if "://" not in address and not Path(address).is_dir():
            named.append(("reference.address", f"{address}/"))
    return [f"{key}: {value}: no such folder" for key, value in named if is_missing_folder(value)]


def downloads(jobs: Iterable[tuple[str, Any]]) -> list[str]:
    """From where jobs fetch, each address once; jobs: rules and their params."""
    found = {
        str(address)
        for rule, params in jobs
        for name in ADDRESSES
        if rule.startswith(("download_", "fetch_", "choose_"))
        and (address := params.get(name))
        and not Path(str(address)).exists()
    }
    return sorted(found)


def forecast(config: Mapping[str, Any], rules: Iterable[str] | None = None) -> Sequence[str]:
    """What a run takes, or those of its stages that `rules` do, as lines of text."""
    machine = estimates.Machine.here(config["gpus"])
    try:
        corpus = estimates.corpus_of(config)
    except GlmError as error:
        return [f"warning: what the corpus takes is not known: {error}"]
    found = estimates.costs(config, machine, corpus)
    if rules is not None:
        found = [cost for cost in found if RULE_OF.get(cost.stage, cost.stage) in rules]
    lines = estimates.described(found, machine)
    if corpus is not None and config["glm"]["pretrained"] is None:
        lines += estimates.too_small(corpus)
    if corpus is None and config["release"]["source"] is not None:
        lines.append(
            "not counted: what reads the corpus, whose size nobody knows before it is here"
        )
    elif corpus is not None and estimates.protein_model(config) is None:
        lines.append("not counted: embed_proteins; the size of the protein model is not known here")
    return lines
