"""What a run is: which corpus, which protein model, which settings, from its files and stamps."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from glm import tables
from glm.model.directory import PUBLISHED, read_provenance
from glm.report.paper import RELEASE, paper_values

ESM2_650M = {"layers": 33, "features": 1280}
K12 = re.compile("GC[AF]_000005845|NC_000913|U00096")  # MG1655, by its assembly or chromosome


class NotRunError(Exception):
    """A number is not there, because something (the message) is missing."""


@dataclass(frozen=True)
class RunFiles:
    """The results of one run, under `root` (results/<run>)."""

    root: Path

    def path(self, *parts: str) -> Path:
        """A file of the run; raises `NotRunError` if it is not there."""
        path = self.root.joinpath(*parts)
        if not path.exists():
            raise NotRunError(f"missing {Path(self.root.name, *parts)}")
        return path

    def parameter(self, path: Path, *keys: str) -> Any:
        """A parameter in a table's stamp; raises `NotRunError` if the stamp has it not."""
        value = tables.read_stamp(path).get("parameters", {})
        for key in keys:
            if key not in value:
                raise NotRunError(f"{path.name} does not say {'.'.join(keys)}")
            value = value[key]
        return value

    def model_config(self, model: str) -> dict[str, Any]:
        """config.json of a trained model."""
        found: dict[str, Any] = json.loads(self.path(model, "config.json").read_text())
        return found

    @cached_property
    def protein_model(self) -> dict[str, Any]:
        """identity.json of the protein model."""
        found: dict[str, Any] = json.loads(
            self.path("protein_model", "identity.json").read_text(encoding="utf-8")
        )
        return found

    @cached_property
    def release(self) -> str:
        """Address of the release's folder, or how many genomes of RefSeq were taken."""
        if not (self.root / "metagenomes" / "release").exists():
            raise NotRunError("no release: one's own genomes, or not fetched yet")
        manifest = self.path("metagenomes", "release", "manifest.parquet")
        if (chosen := manifest.with_name("genomes.parquet")).exists():
            genomes = tables.read(chosen, tables.TAXONOMY_GENOMES, ["genome"])
            return f"RefSeq, {len(genomes):,} genomes chosen"
        urls = tables.read(manifest, tables.MANIFEST, ["url"])["url"].to_pylist()
        if not urls:
            raise NotRunError(f"{manifest.name} lists no file")
        return str(urls[0]).rsplit("/", 1)[0]

    @property
    def of_papers_release(self) -> bool:
        """Whether the release is the paper's: its folder, wherever it lies."""
        return self.release.endswith(f"/{RELEASE}")

    def corpus_obstacle(self) -> str | None:
        """Why numbers of this corpus cannot be compared with the paper's; None if they can.

        Without a corpus it is the one that the pretrained gLM was trained on.
        """
        if not (self.root / "metagenomes").exists() and (self.root / "glm").exists():
            published = read_provenance(self.root / "glm").get(PUBLISHED, {})
            if published.get("verified"):
                return None
            return "the pretrained gLM is not seen to be the published one"
        try:
            if self.of_papers_release:
                return None
        except NotRunError:
            return "another corpus than the paper's MGnify release: the user's own genomes"
        if "://" not in self.release:
            return f"another corpus than the paper's MGnify release: {self.release}"
        return (
            f"another corpus than the paper's MGnify release: {Path(self.release).name!r} of "
            f"{Path(self.release).parent.name!r}"
        )

    def protein_model_obstacle(self) -> str | None:
        """Why numbers of this protein model cannot be compared; None if they can."""
        try:
            identity = self.protein_model
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

    def reference_obstacle(self) -> str | None:
        """Why numbers of this reference genome cannot be compared; None if they can, or if there
        is none.

        By the names of its files and contigs: that in the configuration is the user's word.
        """
        folder = self.root / "reference"
        named = []
        for path, table, column in (
            (folder / "release" / "manifest.parquet", tables.MANIFEST, "url"),
            (folder / "contigs.parquet", tables.CONTIGS, "name"),
        ):
            if path.exists():
                found = tables.read(path, table, [column])[column].to_pylist()
                named += [name.rsplit("/", 1)[-1] for name in found]
        if not named or any(K12.search(name) for name in named):
            return None
        return f"another reference genome than the paper's E. coli K-12 MG1655: {named[0]}"


def short_name(model: str) -> str:
    """A protein model's name without its hub organisation or file ending."""
    return model.rsplit("/", 1)[-1].removesuffix(".pt")


def count_parameters(weights: Path) -> int:
    """Parameters in a safetensors file, from its header."""
    with weights.open("rb") as handle:
        (length,) = struct.unpack("<Q", handle.read(8))
        header = json.loads(handle.read(length))
    return sum(prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__")
