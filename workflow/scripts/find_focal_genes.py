"""Find the genes that an entry of the semantics analysis is about, and where they occur."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from glm import step, tables, tools
from glm.corpus.release import manifest_paths
from glm.seeds import derive_seed
from glm.semantics import focal, grouping


def find_focal_genes(
    representatives: Path,
    subcontigs: Path,
    annotations: Path | None,
    manifest: Path | None,
    entry: dict[str, Any],
    e_value: float,
    minimum_coverage: float,
    maximum_occurrences: int,
    run_seed: int,
    threads: int,
    *,
    genes: Path,
) -> None:
    """Find, sample, group and write.

    annotations: needed where a set of the entry has words. manifest: of the release, which says
    where its biomes lie.
    """
    seed = derive_seed(run_seed, "find_focal_genes", entry["name"])
    sets = [focal.FocalSet(**each) for each in entry["sets"]]
    found = focal.find_representatives(
        sets,
        representatives,
        annotations,
        e_value=e_value,
        coverage=minimum_coverage,
        threads=threads,
    )
    everywhere = focal.occurrences(found, subcontigs)
    chosen = focal.sample(everywhere, maximum_occurrences, seed)
    chosen["group"] = chosen["set"].map(dict(focal.groups_of(sets)))
    listed = manifest_paths(manifest, "biomes") if manifest else []
    if entry["group_by"] == "biome" and listed:
        chosen = grouping.fill_biomes(chosen, subcontigs, listed)
    made = step.stamp(tools.versions(["diamond"]))
    with tables.TableWriter(genes, tables.FOCAL_GENES, made) as writer:
        writer.write(pa.Table.from_pandas(chosen, writer.schema, preserve_index=False))
        writer.counts = focal.describe(everywhere, chosen, sets)


if __name__ == "__main__":
    step.run(find_focal_genes)
