"""What a run's gLM and biLSTM are, and how long they trained."""

from __future__ import annotations

import json
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors import safe_open

from glm import tables
from glm.data.constants import CLIP, FORWARD, REVERSE
from glm.decontamination.summary import by_assembly
from glm.files import of_run
from glm.model.configuration import CONFIG
from glm.model.directory import METRICS, WEIGHTS
from glm.scorecard_entries import CORPUS, Number

MODELS = ("glm", "bilstm")
SIZES = ("layers", "hidden_size", "predictions")
ACTIVE = (
    "weights that the forward pass uses; the paper's count has three encoders of which one "
    "is used, 278,867,988 of its weights are active"
)


def config_of(run: Path, model: str) -> dict[str, Any]:
    """config.json of a model."""
    found: dict[str, Any] = json.loads(of_run(run, model, CONFIG).read_text())
    return found


def metrics_of(run: Path, model: str) -> pd.DataFrame:
    """What a training noted by its steps; raises `NotRunError` if there is none."""
    return tables.read(of_run(run, model, METRICS), tables.METRICS).to_pandas()


def count_parameters(weights: Path) -> int:
    """Parameters in a safetensors file, from its header."""
    with safe_open(weights, "numpy") as opened:
        names = opened.keys()
        return sum(prod(opened.get_slice(name).get_shape()) for name in names)


def architecture(run: Path, model: str, key: str, beside: int = 0) -> Number:
    """A number of a model's config.json, and what it does not count."""
    return Number(config_of(run, model)[key] + beside, setting=True)


def input_clip(run: Path) -> Number:
    """Where standardised inputs are cut, as the gLM's config.json has it; older ones: as ours."""
    limit = config_of(run, "glm").get("input_clip", CLIP)
    return Number("none" if limit is None else [-limit, limit], setting=True)


def parameters(run: Path, model: str) -> Number:
    """Parameters, counted in the saved weights."""
    counted = count_parameters(of_run(run, model, WEIGHTS))
    note = ACTIVE if model == "glm" else ""
    return Number(counted, n=counted, unit="parameters", setting=True, note=note)


def epochs(run: Path) -> Number:
    """How often the gLM's training saw a subcontig."""
    kept = int(by_assembly(run).train.sum())
    seen = int(metrics_of(run, "glm").subcontigs.max())
    return Number(round(seen / kept), n=kept, unit="subcontigs to train on", needs=(CORPUS,))


NUMBERS = {
    "embedding.clip": input_clip,
    # the code knows no other
    "embedding.orientation": lambda _: Number([FORWARD, REVERSE], setting=True),
    "glm.positions": lambda _: Number("relative_key_query", setting=True),
    "glm.epochs": epochs,
    "glm.heads": partial(architecture, model="glm", key="heads"),
    **{f"{m}.{key}": partial(architecture, model=m, key=key) for m in MODELS for key in SIZES},
    # a gene's orientation is an input too
    **{
        f"{m}.input_size": partial(architecture, model=m, key="embedding_size", beside=1)
        for m in MODELS
    },
    **{f"{m}.parameters": partial(parameters, model=m) for m in MODELS},
}
