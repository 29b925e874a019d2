"""The model card (README.md) of a model directory, generated from its files alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from glm import tables
from glm.embedding.record import FILE as PROTEIN_MODEL
from glm.embedding.record import read_record
from glm.files import writing
from glm.model.base import shapes_alone
from glm.model.configuration import GenomicLanguageModelConfig
from glm.model.directory import (
    CARD,
    LABEL_COMPONENTS,
    METRICS,
    PUBLISHED,
    STANDARDISATION,
    lacks,
    missing_pieces,
    read_config,
    read_provenance,
)
from glm.model.evidence import accuracy_section, data_section, read_evidence
from glm.model.genomic import GenomicLanguageModel

HEAD = """\
---
library_name: transformers
{licence}tags:
- biology
- genomics
- genomic-language-model
---
"""
USE = """\
## Use

`pip install` the package glm-genomic, then{here}

```bash
glm embed genome.fna.gz --model {name} --output genes.parquet
```

or in Python, where importing a module of it tells transformers what a gLM is (no remote code):

```python
import glm.model.for_transformers
from transformers import AutoModel
model = AutoModel.from_pretrained("{name}", trust_remote_code=False)
```

The model reads standardised protein embeddings, not sequences: `glm.load_model` and `glm embed`
make them with the tables in this folder, and refuse another protein model or standardisation.

## Limits

- A gene is the mean embedding of its protein and its strand: no intergenic sequence, no RNA genes.
- Fewer than {minimum} genes in a row are outside of what it was trained on: `glm embed` flags them.
- It knows the genomes that it was trained on. How far it carries to others is to be measured.
- A patent application (US 2024/0312558 A1) covers the method of the paper.

## What it must not be used for

- Naming what a gene does, or which genes are one operon, without other evidence: what it gives is
  wrong as often as the accuracies say, and more often far from its data.
- Decisions about patients, diagnoses, or the safety of an organism or a sequence.
- Genes of eukaryotes, and designing sequences: it was trained on neither, and gives none.
"""
DEMO = (
    "- Research: its protein model is a demo's and no substitute for ESM-2. It shows how the "
    "pipeline works.\n"
)


def parameter_count(config: GenomicLanguageModelConfig) -> int:
    """Parameters of a model of this configuration, without making them."""
    with shapes_alone():
        return sum(p.numel() for p in GenomicLanguageModel(config).parameters())


def last_measurements(path: Path) -> dict[str, dict[str, float]]:
    """The last pseudo-accuracies of the training, by split; empty without its metrics."""
    if not (path / METRICS).is_file():
        return {}
    kept = ["step", "pseudo_accuracy", "pseudo_accuracy_closest"]
    rows = tables.read(path / METRICS, tables.METRICS).to_pylist()
    return {
        row["split"]: {name: row[name] for name in kept}
        for row in sorted(rows, key=lambda row: row["step"])
        if row["split"] != "train" and row["pseudo_accuracy"] is not None
    }


def origin(provenance: dict[str, Any]) -> str | None:
    """What a model is, in words; None if nobody has written it down."""
    if found := provenance.get(PUBLISHED):
        name, doubt = "the published gLM (Hwang et al. 2024)", ""
        if not found.get("verified"):
            name = "a gLM of the published form"
            doubt = "; not seen to be the published one (by norm.pkl and pca.pkl)"
        return (
            f"{name}, imported from {found['checkpoint']} (SHA-256 {found['sha256']}) on "
            f"{found['imported']}{doubt}"
        )
    return f"trained by this pipeline ({provenance['producer']})" if provenance else None


def run_name(path: Path) -> str:
    """What a model is called: its run where it lies in one (results/<run>/glm), else its folder."""
    folder = path.resolve()
    return folder.parent.name if folder.name == "glm" else folder.name


def describe(path: Path) -> dict[str, Any]:
    """What is known of a model directory, pieces missing or not; raises `GlmError` for no gLM."""
    config, provenance = read_config(path), read_provenance(path)
    missing = missing_pieces(path)
    about: dict[str, Any] = {
        "name": run_name(path),
        "origin": origin(provenance),
        "licence": provenance.get(PUBLISHED, {}).get("licence"),
        "parameters": parameter_count(config),
        "layers": config.layers,
        "hidden_size": config.hidden_size,
        "heads": config.heads,
        "predictions": config.predictions,
        "label_components": config.label_components,
        "embedding_size": config.embedding_size,
        "trained_on_genes": [config.minimum_genes, config.maximum_genes],
        "missing": missing,
        "lacks": lacks(path),
        "producer": provenance.get("producer"),
        "seed": provenance.get("seed"),
        "versions": provenance.get("versions", {}),
        "inputs": provenance.get("inputs", {}),
        "training": provenance.get("parameters", {}).get("training", {}),
        "measured": last_measurements(path),
        "subcontigs": provenance.get("subcontigs", {}),
        "fitted_on_proteins": {},
    }
    if PROTEIN_MODEL not in missing:
        record = read_record(path / PROTEIN_MODEL)
        about["protein_model"] = {**vars(record), "protein_model": vars(record.protein_model)}
    for name, declared in (
        (STANDARDISATION, tables.STANDARDISATION),
        (LABEL_COMPONENTS, tables.LABEL_COMPONENTS),
    ):
        if name not in missing:
            count = tables.read(path / name, declared, ["count"])["count"]
            about["fitted_on_proteins"][Path(name).stem] = count[0].as_py()
    return about


def card(path: Path, name: str | None, licence: str | None) -> str:
    """The text of the model card; raises `GlmError` as `describe` does.

    name: of the model, by default that of its run or folder. licence: an SPDX identifier.
    """
    about = describe(path)
    about["name"] = name or about["name"]
    about["licence"] = licence or about["licence"]
    evidence = read_evidence(path)
    is_demo = about.get("protein_model", {}).get("protein_model", {}).get("is_demo")
    minimum, _ = about["trained_on_genes"]
    lines = [
        HEAD.format(licence=f"license: {licence}\n" if licence else ""),
        f"# {about['name']}: a genomic language model\n",
        "It reads the genes of a stretch of genome, each as the embedding of its protein, and "
        "gives each an embedding in its context (Hwang et al., Nature Communications 2024).\n",
        *facts(about),
        *(f"{sentence}\n" for sentence in about["lacks"]),
        *data_section(evidence.get("data", {})),
        *accuracy_section(evidence),
        *training_section(about),
        USE.format(
            name=name or "DIR", here="" if name else ", with DIR for this folder", minimum=minimum
        )
        + (DEMO if is_demo else ""),
    ]
    return "\n".join(lines)


def facts(about: dict[str, Any]) -> list[str]:
    """The table of sizes, protein model and fitted tables."""
    minimum, maximum = about["trained_on_genes"]
    lines = [
        "| | |",
        "|---|---|",
        *(f"| {key} | {about[key]} |" for key in ("origin", "licence") if about[key]),
        f"| parameters | {about['parameters']:,} |",
        f"| layers x features, heads | {about['layers']} x {about['hidden_size']}, "
        f"{about['heads']} |",
        f"| trained on | stretches of {minimum} to {maximum} genes |",
        f"| predictions for a masked gene | {about['predictions']}, of "
        f"{about['label_components']} whitened components and the strand |",
    ]
    if "protein_model" in about:
        identity = about["protein_model"]["protein_model"]
        residues, tokens = (
            about["protein_model"][f"maximum_{of}"] for of in ("residues", "tokens")
        )
        kept = residues if tokens is None else tokens - 1  # a token is the start
        lines += [
            f"| protein model | {identity['name']} ({identity['features']} features, "
            f"{identity['layers']} layers), from {identity['source']} |",
            f"| its weights' SHA-256 | `{identity['sha256']}` |",
            f"| its use | mean over residues, {about['protein_model']['precision']}, "
            f"{'whole proteins' if kept is None else f'the first {kept:,} residues'} |",
        ]
        if identity["note"]:
            lines.append(f"| about it | {identity['note']} |")
    for name, count in about["fitted_on_proteins"].items():
        proteins = "unknown" if count is None else f"{count:,} proteins"
        lines.append(f"| {name.replace('_', ' ')} fitted on | {proteins} |")
    return [*lines, ""]


def training_section(about: dict[str, Any]) -> list[str]:
    """How it was trained, what was measured meanwhile, and from which inputs."""
    lines = ["## Training\n"]
    if about["training"]:
        lines.append(", ".join(f"{key} {value}" for key, value in about["training"].items()) + ".")
        lines.append(f"Seed {about['seed']}.\n")
    if about["measured"]:
        lines += [
            "Measured while it was trained, on other masked genes than above:\n",
            "| masked genes found | subcontigs | step | most likely of its predictions | closest |",
        ]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {split} | {about['subcontigs'].get(split, '')} | {found['step']:,} "
            f"| {100 * found['pseudo_accuracy']:.1f} % "
            f"| {100 * found['pseudo_accuracy_closest']:.1f} % |"
            for split, found in about["measured"].items()
        ]
        lines.append("")
    if about["producer"]:
        versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
        lines.append(f"Made by `{about['producer']}` with {versions}. Inputs (fingerprints):\n")
        lines += [f"- `{name}`: `{digest}`" for name, digest in about["inputs"].items()]
        lines.append("")
    return lines


def write_card(path: Path, name: str | None = None, licence: str | None = None) -> None:
    """Write README.md into the model directory; name, licence: as in `card`."""
    text = card(path, name, licence)
    with writing(path / CARD) as beside:
        beside.write_text(text, encoding="utf-8")
