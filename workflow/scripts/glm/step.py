"""A rule's script as one typed function: bound to Snakemake's job, or to a command line.

The function's parameters are the rule's inputs, params and wildcards by name, and `threads`,
`memory_mb`, `gpus` and `seed`, which is the step's own (`run_seed` is the configuration's); after
the star, its outputs; a named tuple stands for its fields. What it writes carries the stamp of the
step (`stamp`): the inputs' hashes, the parameters, the versions and the seed.
"""

from __future__ import annotations

import argparse
import inspect
import json
import logging
import sys
import typing
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glm import logs, provenance
from glm.errors import GlmError
from glm.seeds import derive_seed

INFRASTRUCTURE = {"code", "gpus", "memory_mb", "run_seed", "seed", "threads"}


@dataclass(frozen=True)
class Step:
    """What is running: its rule, the files that it reads, its parameters, its own seed."""

    name: str
    inputs: tuple[Path, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None


RUNNING: ContextVar[Step] = ContextVar("RUNNING")


def stamp(tools: Mapping[str, str] | None = None, **found: Any) -> dict[str, Any]:
    """The stamp of what the running step writes; `found` is what it adds to its parameters."""
    step = RUNNING.get(Step("interactive"))
    parameters = {**step.parameters, **found}
    return provenance.stamp(step.name, step.inputs, parameters, step.seed, tools)


def run(function: Callable[..., int | None]) -> None:
    """Run a script's function as Snakemake's job, else from the command line; end the process.

    A `GlmError` is one line on the screen and a traceback in the log, exit status 1; any other
    error points to the log. The function may return an exit status.
    """
    job = function.__globals__.get("snakemake")
    given = vars(command_line(function).parse_args()) if job is None else {}
    log = given.pop("log", None) if job is None else Path(job.log[0]) if job.log else None
    logs.configure(log, function.__name__)

    def main() -> int | None:
        found = checked(function, given) if job is None else from_job(function, job)
        return call(function, **found)

    sys.exit(logs.reporting(main, log))


def call(function: Callable[..., int | None], **arguments: Any) -> int | None:
    """Call a script's function as the running step; its seed is derived from the rule's name."""
    parameters = parameters_of(function)
    if "seed" in arguments:
        arguments["seed"] = derive_seed(arguments["seed"], function.__name__)
    inputs, settings = [], {}
    for name, value in arguments.items():
        if parameters[name].kind is inspect.Parameter.KEYWORD_ONLY or name in INFRASTRUCTURE:
            continue
        paths = value if isinstance(value, list) else [value]
        if "Path" in str(parameters[name].annotation):
            inputs += [path for path in paths if path is not None and path.exists()]
        else:
            settings[name] = value
    seed = arguments.get("seed", arguments.get("run_seed"))
    step = Step(function.__name__, tuple(inputs), settings, seed)
    token = RUNNING.set(step)
    try:
        return function(**grouped(function, arguments))
    finally:
        RUNNING.reset(token)


def parameters_of(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """A function's parameters by name, with their types; of a named tuple, its fields."""
    hints = typing.get_type_hints(function)
    found: dict[str, inspect.Parameter] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if hasattr(hints[name], "_fields"):
            found |= parameters_of(hints[name])
        else:
            found[name] = parameter.replace(annotation=hints[name])
    return found


def grouped(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name as a function takes them: the fields of a named tuple as one."""
    given = dict(arguments)
    for name, hint in typing.get_type_hints(function).items():
        if fields := getattr(hint, "_fields", ()):
            given[name] = hint(*(given.pop(field) for field in fields))
    return given


def from_job(function: Callable[..., Any], job: Any) -> dict[str, Any]:
    """Arguments of a function from Snakemake's job.

    Raises `TypeError` for a parameter that the rule lacks, and for a name of the rule that the
    function does not have: a rule and its script that disagree are a mistake of ours.
    """
    lists = (job.wildcards, job.input, job.params, job.output)
    named = {"gpus": job.resources.get("accelerators", 0)}
    named |= {name: value for each in lists for name, value in each.items()}
    named |= {"threads": job.threads, "memory_mb": job.resources.get("mem_mb")}
    arguments = {}
    for name, parameter in parameters_of(function).items():
        if name in named:
            arguments[name] = as_typed(named[name], parameter.annotation)
        elif parameter.default is inspect.Parameter.empty:
            raise TypeError(f"rule {job.rule} has no {name!r}, which its script asks for")
    unknown = {*job.input.keys(), *job.params.keys(), *job.output.keys()} - {*arguments, "code"}
    if unknown:
        raise TypeError(f"rule {job.rule} has {sorted(unknown)}, which its script does not ask for")
    return arguments


def as_typed(value: Any, hint: Any) -> Any:
    """A value of a job as a function wants it: a wildcard's number, a Path, a list, None."""
    if "Path" not in str(hint):
        return int(value) if hint is int else value
    several = [Path(each) for each in ([value] if isinstance(value, str | Path) else value or [])]
    if "list" in str(hint):
        return several
    return several[0] if several else None


def command_line(function: Callable[..., Any]) -> argparse.ArgumentParser:
    """A command line made of a function's signature, and --log."""
    parser = argparse.ArgumentParser(
        description=inspect.getdoc(function), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, help="also write the log lines to this file")
    for name, parameter in parameters_of(function).items():
        hint, flag = parameter.annotation, f"--{name.replace('_', '-')}"
        if hint is bool:
            parser.add_argument(flag, action="store_true")
            continue
        default = None if parameter.default is inspect.Parameter.empty else parameter.default
        choices = typing.get_args(hint) if typing.get_origin(hint) is typing.Literal else None
        text = choices or hint is str or hint == str | None
        parser.add_argument(
            flag,
            type=Path if "Path" in str(hint) else str if text else json.loads,
            choices=choices,
            nargs="*" if "list[pathlib" in str(hint) else None,
            required=default is None and name != "threads" and "None" not in str(hint),
            default=1 if name == "threads" else default,
        )
    return parser


def checked(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a command line; raises `GlmError` for an input that is not there."""
    logging.info("%s", " ".join(sys.argv), extra={"file_only": True})
    for name, parameter in parameters_of(function).items():
        value = arguments[name] if parameter.kind is not inspect.Parameter.KEYWORD_ONLY else None
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, Path) and not path.exists():
                raise GlmError(f"{path}: no such file (--{name.replace('_', '-')})")
    return arguments
