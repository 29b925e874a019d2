"""The configuration: every key declared once, with its type and meaning, and checked.

The documentation of the keys and the messages are made of the declarations.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Field, ValidationError

from glm.configuration.analyses import Analyses
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
from glm.configuration.relations import complete as complete
from glm.configuration.relations import is_asked as is_asked
from glm.configuration.relations import relations
from glm.configuration.section import Section, Whole
from glm.errors import GlmError


class Stages(Section):
    """Keys of the run, and of the stages up to what a model reads."""

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


class Configuration(Analyses, Stages):
    """The whole of it: every key, as config/config.yaml has it."""


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


def of_checkout(value: Any, root: Path) -> Any:
    """A configuration whose paths under resources/ are those of the checkout `root`."""
    if isinstance(value, dict):
        return {key: of_checkout(each, root) for key, each in value.items()}
    if isinstance(value, list):
        return [of_checkout(each, root) for each in value]
    is_here = not isinstance(value, str) or Path(value).exists()
    return value if is_here or not value.startswith("resources/") else str(root / value)
