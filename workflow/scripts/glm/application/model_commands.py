"""The commands about a model directory: `glm info`, `glm export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from glm.application.options import AsJson, ProteinModel, is_model
from glm.application.screen import report, screen

SHORT = (
    "name", "origin", "licence", "parameters", "layers", "hidden_size", "heads", "trained_on_genes",
    "protein_model", "measured", "missing",
)  # fmt: skip


def info(
    directory: Annotated[
        Path,
        typer.Argument(
            help="Model directory, or OWNER/MODEL on the hub.",
            show_default=False,
            callback=is_model,
        ),
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="Also settings, versions, and hashes of what it is of.")
    ] = False,
    as_json: AsJson = False,
    card: Annotated[
        bool, typer.Option("--card", help="Write the model card (README.md) into the directory.")
    ] = False,
) -> None:
    """What a model is: its run, sizes, protein model, accuracy, and what it lacks."""
    from glm.model.card import describe, write_card
    from glm.model.exported import find_directory

    path = find_directory(directory)
    about = describe(path)
    if card:
        write_card(path)
    if as_json:
        print(json.dumps(about, indent=1, default=str))
        return
    table = Table(Column(overflow="fold"), Column(overflow="fold"), show_header=False, box=None)
    for name, value in flat(about if everything else shortened(about)):
        table.add_row(name, value)
    Console().print(table)
    for sentence in about["lacks"]:
        screen.print(sentence, style="yellow" if about["missing"] else None, markup=False)


def shortened(about: dict[str, Any]) -> dict[str, Any]:
    """What a person asks first, the protein model by its name alone."""
    short = {name: about[name] for name in SHORT if name in about}
    if "protein_model" in short:
        short["protein_model"] = short["protein_model"]["protein_model"]["name"]
    short["measured"] = {
        f"{split} genes found": f"{found['pseudo_accuracy']:.1%} (closest of its predictions: "
        f"{found['pseudo_accuracy_closest']:.1%}; step {found['step']:,})"
        for split, found in about["measured"].items()
    }
    return short


def flat(about: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested facts as rows."""
    rows = []
    for name, value in about.items():
        if isinstance(value, dict):
            rows += flat(value, f"{prefix}{name}: ")
        elif value not in (None, [], "") and name != "lacks":
            between = " to " if name == "trained_on_genes" else ", "
            shown = between.join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append((f"{prefix}{name}", shown))
    return rows


def export(
    source: Annotated[
        Path,
        typer.Argument(help="A run (results/RUN), or a model directory.", show_default=False),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to make.")],
    licence: Annotated[
        str,
        typer.Option(
            help="Licence of the weights, which is yours to choose, as an SPDX identifier: "
            "cc-by-4.0, apache-2.0, …"
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(help="OWNER/MODEL that it will have on the hub. Default: the folder's name."),
    ] = None,
    protein_model: ProteinModel = None,
) -> None:
    """Make the folder that the Hugging Face hub takes of a gLM: checked, with a card."""
    from glm.application.exporting import export_model

    made = export_model(source, output, licence, name or output.name, protein_model)
    report({"output": str(output), "files": ", ".join(made)}, False)
    screen.print(
        f"next: read {output}/README.md, then: hf upload {name or 'OWNER/MODEL'} {output}",
        markup=False,
    )
