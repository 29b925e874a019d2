"""Cut the genomes of an entry around its focal genes (Methods, McrA protein analysis)."""

import argparse
import json
import logging
from pathlib import Path

import numpy as np

from glm import command, tables, tools
from glm.errors import GlmError
from glm.provenance import stamp
from glm.semantics import focal, genomes


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--entry", type=json.loads, required=True, help="the entry, as JSON")
    made.add_argument("--genes", type=Path, required=True)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--proteins", type=Path, required=True)
    made.add_argument("--e-value", type=float, default=1e-5)
    made.add_argument("--coverage", type=float, default=0.7)
    made.add_argument("--subcontigs", type=Path, required=True, help="output: the windows")
    made.add_argument("--representatives", type=Path, required=True, help="output")
    made.add_argument("--focal-genes", type=Path, required=True, help="output")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Find the focal genes, cut, write the windows as a corpus."""
    entry = arguments.entry
    sets = [focal.FocalSet(**each) for each in entry["sets"]]
    found = genomes.focal_proteins(
        sets,
        arguments.proteins,
        e_value=arguments.e_value,
        coverage=arguments.coverage,
        threads=arguments.threads,
    )
    if found.empty:
        raise GlmError(
            f"{arguments.proteins}: no gene of {entry['name']} in any genome; look at its queries "
            "and words, and at the list of genomes"
        )
    genes = tables.read(arguments.genes, tables.GENES).to_pandas().sort_values(["contig", "rank"])
    windows = genomes.cut_windows(genes, found, entry.get("genes_each_side", 15))
    contigs = tables.read(arguments.contigs, tables.CONTIGS).to_pandas().set_index("contig")
    windows["assembly"] = contigs["assembly"].loc[windows["contig"]].to_numpy()
    windows["biome"] = None
    windows["subcontig"] = np.arange(len(windows))
    without = contigs["assembly"].nunique() - windows["assembly"].nunique()
    about = tables.read_stamp(arguments.genes)["parameters"]
    logging.info("focal genes: %d; genomes without any: %d", len(windows), without)
    representatives = genomes.representatives_of(windows, arguments.proteins)
    number = representatives.set_index("protein")["representative"]
    windows["representative"] = [number.loc[list(row)].to_numpy() for row in windows["protein"]]
    made = stamp(
        "extract_focal_windows",
        inputs=[arguments.genes, arguments.proteins],
        parameters={
            "entry": entry,
            "left_out": {
                "that the service does not give": len(about["missing"]),
                "that cannot be read": len(about["unreadable"]),
                "without such a gene": without,
            },
        },
        tools=tools.versions(["diamond"]),
    )
    tables.write(windows, arguments.subcontigs, tables.SUBCONTIGS, made)
    tables.write(representatives, arguments.representatives, tables.REPRESENTATIVES, made)
    rank = windows["rank"].to_numpy()
    own = {
        column: [row[place] for row, place in zip(windows[column], rank, strict=True)]
        for column in ("protein", "representative")
    }
    places = windows.assign(**own, group=windows["set"].map(dict(focal.groups_of(sets))))
    tables.write(places, arguments.focal_genes, tables.FOCAL_GENES, made)


if __name__ == "__main__":
    command.run(parser(), main)
