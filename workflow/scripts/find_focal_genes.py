"""Find the genes that an entry of the semantics analysis is about, and where they occur."""

import argparse
import json
from pathlib import Path

import pyarrow as pa

from glm import command, tables, tools
from glm.corpus.release import manifest_paths
from glm.provenance import derive_seed, stamp
from glm.semantics import focal, grouping


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--entry", type=json.loads, required=True, help="the entry, as JSON")
    made.add_argument("--representatives", type=Path, required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--annotations", type=Path, help="needed where a set has words")
    made.add_argument("--manifest", type=Path, help="of the release: its biomes by protein")
    made.add_argument("--e-value", type=float, default=1e-5)
    made.add_argument("--coverage", type=float, default=0.7)
    made.add_argument("--maximum", type=int, default=2000, help="occurrences that are kept")
    made.add_argument("--output", type=Path, required=True)
    return made


def main(arguments: argparse.Namespace) -> None:
    """Find, place, sample, write."""
    entry = arguments.entry
    seed = derive_seed(arguments.seed, "find_focal_genes", entry["name"])
    sets = [focal.FocalSet(**each) for each in entry["sets"]]
    found = focal.find_representatives(
        sets,
        arguments.representatives,
        arguments.annotations,
        e_value=arguments.e_value,
        coverage=arguments.coverage,
        threads=arguments.threads,
    )
    places = focal.occurrences(found, arguments.subcontigs)
    kept = focal.sample(places, arguments.maximum, seed)
    kept["group"] = kept["set"].map(dict(focal.groups_of(sets)))
    listed = manifest_paths(arguments.manifest, "biomes") if arguments.manifest else []
    if entry["group_by"] == "biome" and listed:
        kept = grouping.fill_biomes(kept, arguments.subcontigs, listed)
    made = stamp(
        "find_focal_genes",
        inputs=[arguments.representatives, arguments.subcontigs],
        parameters={"entry": entry, "e_value": arguments.e_value, "coverage": arguments.coverage},
        seed=seed,
        tools=tools.versions(["diamond"]),
    )
    with tables.open_writer(arguments.output, tables.FOCAL_GENES, made) as writer:
        writer.write_table(pa.Table.from_pandas(kept, writer.schema, preserve_index=False))
        tables.store_counts(writer, focal.describe(places, kept, sets))


if __name__ == "__main__":
    command.run(parser(), main)
