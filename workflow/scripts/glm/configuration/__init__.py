"""The configuration: every key declared once, with its type and meaning, and checked.

The documentation of the keys and the messages are made of the declarations.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, ValidationError

from glm.configuration.analyses import (
    Annotation,
    Benchmarks,
    ContextVariance,
    Enzymes,
    Operons,
    Paralogs,
    Semantics,
    Taxonomy,
    Unannotated,
)
from glm.configuration.corpus import (
    Corpus,
    Decontamination,
    Embedding,
    Labels,
    Reference,
    Release,
)
from glm.configuration.models import (
    Baseline,
    Contextualisation,
    Evaluation,
    GenomicModel,
    Training,
)
from glm.configuration.section import Section, Whole
from glm.errors import GlmError


class Configuration(Section):
    """The whole of it: every key, as config/config.yaml has it."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    """Name of the run; everything is written under results/<run>."""
    seed: Whole
    """The one seed; each rule derives its own from it, its name and its wildcards."""
    gpus: Literal["auto"] | Whole
    """GPUs of a node that the training takes; every other job that can use a GPU takes one. auto
    is what this machine has, 0 the processor."""
    analyses: list[str] | None
    """Names of the analyses that the whole run does, bilstm among them, which trains the baseline
    too. null does all; with one's own genomes (release.source) operons alone, which takes a
    reference genome. Each can also be asked for by its name."""
    release: Release
    reference: Reference | None
    corpus: Corpus
    embedding: Embedding
    labels: Labels
    decontamination: Decontamination
    glm: GenomicModel
    bilstm: Baseline
    training: Training
    evaluation: Evaluation
    contextualisation: Contextualisation
    operons: Operons
    paralogs: Paralogs
    annotation: Annotation
    semantics: Semantics
    unannotated: Unannotated
    context_variance: ContextVariance
    enzymes: Enzymes
    taxonomy: Taxonomy
    benchmarks: Benchmarks


def validate(config: Mapping[str, Any]) -> None:
    """Check a configuration.

    Raises `GlmError` with every fault, each with the key's dotted path, its meaning and, for an
    unknown key, the nearest known name.
    """
    try:
        Configuration.model_validate(dict(config))
    except ValidationError as error:
        faults = [
            explain({**fault, "loc": without_kinds(fault["loc"])})
            for fault in error.errors(include_url=False)
        ]
    else:
        faults = relations(config)
    if faults:
        raise GlmError("configuration: " + "; ".join(sorted(faults)))


def without_kinds(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A key's path without what pydantic adds where a key may be of two kinds, as in gpus.str."""
    section: type[Section] | None = Configuration
    for depth, part in enumerate(path):
        if section is None and isinstance(part, str):
            return path[:depth]
        if section and part in section.model_fields:
            section = section_of(section.model_fields[str(part)].annotation)
    return path


def explain(fault: Mapping[str, Any]) -> str:
    """What is wrong with one key, in words."""
    path = ".".join(str(part) for part in fault["loc"])
    section, meaning = declared(fault["loc"])
    if fault["type"] == "extra_forbidden":
        known = list(section.model_fields)
        if fault["loc"][-1] == "gpus":
            return f"{path}: one key gpus, at the top, is for all stages"
        near = difflib.get_close_matches(fault["loc"][-1], known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        return f"unknown key {path!r}: {hint}"
    if fault["type"] == "missing":
        return f"{path}: is missing" + (f" ({meaning})" if meaning else "")
    value = fault["input"]
    text = f"{path}: {value!r}: {fault['msg'].removeprefix('Input ')}"
    if isinstance(value, str) and fault["type"] == "float_type" and "e" in value:
        text += f"; YAML reads {value} as text, write it with a point, as in 1.0e-4"
    return text + (f" ({meaning})" if meaning else "")


def declared(path: tuple[str | int, ...]) -> tuple[type[Section], str]:
    """The section that holds a key, and the key's meaning ("" for one that is not known)."""
    section: type[Section] = Configuration
    inner, meaning = section, ""
    for part in path:
        if isinstance(part, int):
            continue  # in a list
        section = inner
        if part not in section.model_fields:
            return section, ""
        field = section.model_fields[part]
        meaning = field.description or ""
        inner = section_of(field.annotation) or section
    return section, meaning


def section_of(annotation: Any) -> type[Section] | None:
    """The section that a key holds, or that the elements of its list are."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next(filter(None, map(section_of, get_args(annotation))), None)


def keys(section: type[Section] = Configuration, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Dotted keys with their meanings, sections first; [] stands for the elements of a list."""
    for name, field in section.model_fields.items():
        inner = section_of(field.annotation)
        yield f"{prefix}{name}", field.description or (inner.__doc__ or "" if inner else "")
        if inner:
            between = "[]" if get_origin(field.annotation) is list else ""
            yield from keys(inner, f"{prefix}{name}{between}.")


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


def of_checkout(value: Any, root: Path) -> Any:
    """A configuration whose paths under resources/ are those of the checkout `root`."""
    if isinstance(value, dict):
        return {key: of_checkout(each, root) for key, each in value.items()}
    if isinstance(value, list):
        return [of_checkout(each, root) for each in value]
    is_here = not isinstance(value, str) or Path(value).exists()
    return value if is_here or not value.startswith("resources/") else str(root / value)
