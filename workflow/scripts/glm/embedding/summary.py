"""Which protein model a run embedded with, what of it is not the paper's, and what was cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from glm import tables
from glm.embedding.protein_model import IDENTITY
from glm.errors import NotRunError
from glm.files import of_run
from glm.report.paper import paper_values
from glm.scorecard_entries import CORPUS, Number

ESM2_650M = {"layers": 33, "features": 1280}


def identity_of(run: Path) -> dict[str, Any]:
    """identity.json of the protein model, of which former ones had less."""
    path = of_run(run, "protein_model", IDENTITY)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def short_name(model: str) -> str:
    """A protein model's name without its hub organisation or file ending."""
    return model.rsplit("/", 1)[-1].removesuffix(".pt")


def obstacle(run: Path) -> str | None:
    """Why numbers of this protein model cannot be compared; None if they can."""
    try:
        identity = identity_of(run)
    except NotRunError as missing:
        return f"unknown protein model ({missing})"
    wanted = paper_values()["embedding.model"].value
    name = identity["name"]
    if identity.get("weights") != "trained":
        return f"the protein model {name} has {identity.get('weights')} weights"
    if identity.get("is_demo") or short_name(name) != wanted:
        return f"protein model {name}, no substitute for {wanted}"
    sizes = {key: identity.get(key, size) for key, size in ESM2_650M.items()}
    if sizes != ESM2_650M:
        said = " and ".join(f"{size} {key}" for key, size in sizes.items())
        return f"the protein model is called {name}, but has {said}"
    return None


def protein_model(run: Path) -> Number:
    """Which protein model ran, and what it is not."""
    identity = identity_of(run)
    weights = identity.get("weights", "trained")
    about = "" if weights == "trained" else f"{weights} weights"
    note = "; ".join(filter(None, [about, str(identity.get("note", ""))]))
    return Number(short_name(identity["name"]), setting=True, note=note)


def truncated(run: Path) -> Number:
    """Proteins that were cut before embedding, as the shards counted them."""
    shards = sorted(of_run(run, "metagenomes", "embeddings").glob("*.parquet"))
    counts = [tables.read_counts(shard) for shard in shards]
    if not counts or any("truncated" not in found for found in counts):
        raise NotRunError("missing the counts of truncated proteins in the embedding shards")
    proteins = sum(found.get("proteins", 0) for found in counts)
    total = sum(found["truncated"] for found in counts)
    return Number(total, n=proteins, unit="proteins", needs=(CORPUS,), tolerance=0.01 * total)


def label_components(run: Path) -> Number:
    """Components of a label."""
    table = of_run(run, "embedding", "label_components.parquet")
    return Number(pq.read_metadata(table).num_rows, setting=True)


NUMBERS = {
    "corpus.truncated_proteins": truncated,
    "embedding.model": protein_model,
    "labels.components": label_components,
}
