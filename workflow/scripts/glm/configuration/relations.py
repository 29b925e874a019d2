"""What holds between keys: faults, what a run is asked for, and nulls that other keys decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

FASTA = re.compile(r"\.(f(n|a|s|f)?a|fasta|fas|fsa|gbk|gbff|gff)(\.\w+)?$", re.IGNORECASE)
OF_OWN_GENOMES = ("operons",)  # the others fetch what they compare with, or take long


def is_asked(config: Mapping[str, Any], analysis: str) -> bool:
    """Whether the whole run does an analysis, or trains the baseline (bilstm)."""
    asked, source = config["analyses"], config["release"]["source"]
    if asked is None:
        return source in ("mgnify", None) or analysis in OF_OWN_GENOMES
    return analysis in asked


def complete(config: Mapping[str, Any]) -> dict[str, Any]:
    """A valid configuration with what is null in the trainings' budgets filled in.

    The baseline's steps show it as many subcontigs as the gLM sees; a warm-up takes a twentieth of
    the steps, at most the paper's 5,000.
    """
    training = dict(config["training"])
    subcontigs = training["glm"]["steps"] * training["glm"]["batch_size"]
    for model in ("glm", "bilstm"):
        found = dict(training[model])
        if found["steps"] is None:
            found["steps"] = -(-subcontigs // found["batch_size"])
        if found["warmup_steps"] is None:
            found["warmup_steps"] = min(5000, found["steps"] // 20)
        training[model] = found
    return {**config, "training": training}


def relations(config: Mapping[str, Any]) -> list[str]:
    """Faults between keys that each are right alone."""
    faults = []
    if config["corpus"]["minimum_genes"] > config["corpus"]["maximum_genes"]:
        faults.append("corpus.minimum_genes is larger than corpus.maximum_genes")
    if config["glm"]["hidden_size"] % config["glm"]["heads"]:
        faults.append("glm.heads does not divide glm.hidden_size")
    if config["glm"]["maximum_distance"] < config["corpus"]["maximum_genes"]:
        faults.append("glm.maximum_distance is smaller than corpus.maximum_genes")
    windows = {
        f"semantics.entries, {entry['name']}, genes_each_side": 2 * entry["genes_each_side"] + 1
        for entry in config["semantics"]["entries"]
        if is_asked(config, "semantics") and "genes_each_side" in entry
    }
    if is_asked(config, "taxonomy") and config["taxonomy"]["source"]:
        windows["taxonomy.genes"] = config["taxonomy"]["genes"]
    reach = config["glm"]["maximum_distance"]
    faults += [
        f"{key} makes windows of {genes} genes, glm.maximum_distance is {reach}"
        for key, genes in windows.items()
        if genes > reach
    ]
    if is_asked(config, "bilstm") and (
        config["bilstm"]["hidden_size"] <= config["labels"]["components"] + 1
    ):
        faults.append(
            "bilstm.hidden_size must be larger than a label (labels.components and orientation)"
        )
    faults += warmups(config)
    if config["reference"] and FASTA.search(config["reference"]["address"]):
        faults.append(
            "reference.address is a file of sequences, but a folder is meant, as NCBI has it for "
            "each RefSeq assembly, with its …_protein.faa.gz and …_feature_table.txt.gz; or "
            "reference: null, for none"
        )
    if config["release"]["source"] is None:
        if config["glm"]["pretrained"] is None:
            faults.append("release.source is null (no corpus), so glm.pretrained must be given")
        if config["operons"]["transfer"]:
            faults.append("operons.transfer names genomes of the corpus: release.source is null")
    if config["release"]["source"] == "genomes" and not config["release"]["genomes"]:
        faults.append("release.source is genomes, but release.genomes lists none")
    for entry in config["semantics"]["entries"]:
        faults += [
            f"semantics.entries, {entry['name']}: set {each['name']!r} has none of queries, words, "
            "accessions"
            for each in entry["sets"]
            if not {"queries", "words", "accessions"} & each.keys()
        ]
    return faults


def warmups(config: Mapping[str, Any]) -> list[str]:
    """Trainings that would end before their learning rate is reached."""
    budgets = {
        model: budget
        for model, budget in complete(config)["training"].items()
        if model == "glm" or (model == "bilstm" and is_asked(config, model))
    }
    return [
        f"training.{model}.steps is {budget['steps']:,}, but the learning rate is only reached "
        f"after training.{model}.warmup_steps, {budget['warmup_steps']:,}: train longer, or set a "
        "shorter warm-up (null takes a twentieth of the steps)"
        for model, budget in budgets.items()
        if config["glm"]["pretrained"] is None and budget["steps"] <= budget["warmup_steps"]
    ]
