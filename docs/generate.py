"""Pages that nobody types: data contracts, configuration keys, and the graph of the rules."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import yaml

from glm import tables
from glm.configuration import keys
from glm.report.graph import STYLE_ALONE, draw_graph
from glm.report.lineage import reduced

ROOT = Path(__file__).resolve().parents[1]
NODE = re.compile(r'^\s*(\d+)\[label = "([^"\\]+)', re.MULTILINE)
EDGE = re.compile(r"^\s*(\d+) -> (\d+)", re.MULTILINE)


def write(folder: Path) -> None:
    """Write the pages where they are not yet as they should be, so that nothing else is built."""
    for name, content in (
        ("data-contracts.md", data_contracts()),
        ("configuration.md", configuration()),
        ("figures/pipeline.svg", pipeline()),
    ):
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")


def data_contracts() -> str:
    """Every table with its columns, by the module or script that declares it."""
    lines = [
        "# Data contracts",
        "",
        "Every table is Parquet (zstd), written beside its name and renamed, with a stamp in its",
        "metadata: producer, versions, parameters and their hash, seed, and a fingerprint of each",
        "input. Readers check the columns and say which one of which file is wrong. A vector is",
        "one value, its numbers' bytes, not compressed",
        "([how to read it](analyses.md#contextualise_subcontigs)).",
        "This page is made from `workflow/scripts/glm/tables/`, and from scripts that declare a",
        "table which nothing else reads.",
    ]
    for module, declared in tables_by_module().items():
        about = (sys.modules[module].__doc__ or "").strip().splitlines()[0]
        lines += ["", f"## {module.split('.')[-1].replace('_', ' ').capitalize()}", "", about]
        for table in declared:
            lines += ["", f"### {table.name}", "", "| column | type | meaning |", "|---|---|---|"]
            for column in table.columns:
                kind = "as the data has it" if column.type is None else str(column.type)
                lines.append(f"| `{column.name}` | {kind} | {cell(column.meaning)} |")
    return "\n".join(lines) + "\n"


def tables_by_module() -> dict[str, list[tables.Table]]:
    """Declared tables by module, in the order of their declaration, those of scripts last."""
    modules = sorted(name for name in sys.modules if name.startswith("glm.tables."))
    for path in sorted((ROOT / "workflow" / "scripts").glob("*.py")):
        if " = table(" in path.read_text(encoding="utf-8"):
            modules.append(importlib.import_module(path.stem).__name__)
    found = {
        name: [each for each in vars(sys.modules[name]).values() if isinstance(each, tables.Table)]
        for name in modules
    }
    return {name: declared for name, declared in found.items() if declared}


def configuration() -> str:
    """Every key of glm.configuration with its meaning, and the default of config/config.yaml."""
    defaults = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    lines = [
        "# Keys of the configuration",
        "",
        "`config/config.yaml` is the paper's run. An overlay (`snakemake --configfile mine.yaml`)",
        "says only what differs. Unknown keys are refused with the nearest known name. This page",
        "is made from `workflow/scripts/glm/configuration/`.",
        "",
        "| key | default | meaning |",
        "|---|---|---|",
    ]
    for key, meaning in keys():
        lines.append(f"| `{key}` | {cell(default(key, defaults))} | {cell(meaning)} |")
    return "\n".join(lines) + "\n"


def default(key: str, defaults: Any) -> str:
    """The default of a key by its dotted path, as YAML; nothing for sections and within lists."""
    for part in key.split("."):
        defaults = defaults.get(part) if isinstance(defaults, Mapping) else {}
    if isinstance(defaults, Mapping) or "[]" in key:
        return ""
    text = yaml.safe_dump(defaults, default_flow_style=True)
    return f"`{text}`".replace("\n...", "").replace("\n", "")


def cell(text: str) -> str:
    """Text that cannot end a cell of a Markdown table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def pipeline() -> str:
    """The rules of the demo's run, from `snakemake --rulegraph`, as SVG."""
    command = [sys.executable, "-m", "snakemake", "--configfile", "config/demo.yaml"]
    command += ["--rulegraph", "dot", "--forceall"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = dict(NODE.findall(done.stdout))
    graph = nx.DiGraph((names[one], names[other]) for one, other in EDGE.findall(done.stdout))
    graph.remove_nodes_from([name for name in ("all",) if name in graph])
    return draw_graph(
        reduced(graph),
        title="The rules of the pipeline",
        description="Rules from top to bottom; a line leads from a rule to one that needs it.",
        style=STYLE_ALONE,
    )
