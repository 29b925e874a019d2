"""The configuration: every key is known, and says what it may be."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from glm.errors import GlmError


def validate(config: Mapping[str, Any], schema: Path) -> None:
    """Check a configuration against config/schema.yaml.

    Raises `GlmError` with every fault, each with the key's dotted path, its meaning and, for an
    unknown key, the nearest known name.
    """
    declared = yaml.safe_load(schema.read_text())
    faults = [
        fault
        for error in Draft202012Validator(declared).iter_errors(dict(config))
        for fault in explain(error)
    ]
    faults += relations(config) if not faults else []
    if faults:
        raise GlmError("configuration: " + "; ".join(sorted(faults)))


def explain(error: ValidationError) -> Iterator[str]:
    """What is wrong with one key, in words."""
    path = ".".join(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for key in error.instance.keys() - set(known):
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            yield f"unknown key {'.'.join(filter(None, [path, key]))!r}: {hint}"
    else:
        meaning = error.schema.get("description", "")
        yield f"{path or 'top level'}: {error.message}" + (f" ({meaning})" if meaning else "")


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
        if "semantics" in config["analyses"] and "genes_each_side" in entry
    }
    if "taxonomy" in config["analyses"] and config["taxonomy"]["source"]:
        windows["taxonomy.genes"] = config["taxonomy"]["genes"]
    reach = config["glm"]["maximum_distance"]
    faults += [
        f"{key} makes windows of {genes} genes, glm.maximum_distance is {reach}"
        for key, genes in windows.items()
        if genes > reach
    ]
    if config["bilstm"]["hidden_size"] <= config["labels"]["components"] + 1:
        faults.append(
            "bilstm.hidden_size must be larger than a label (labels.components and orientation)"
        )
    if config["release"]["source"] == "genomes" and not config["release"]["genomes"]:
        faults.append("release.source is genomes, but release.genomes lists none")
    return faults
