"""Label the gene pairs of a genome: are they of one operon (RegulonDB, a table, or the silver
standard: same strand, gap under 50 bp)?"""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from glm import step, tables
from glm.corpus.release import one_file
from glm.operons.mapping import (
    Mapped,
    NamedProtein,
    align,
    count_mapped,
    map_operons,
    read_synonyms,
)
from glm.operons.pairs import (
    SILVER,
    in_order,
    listed_operons,
    silver_operons,
    subcontig_pairs,
    transcription_units,
)
from glm.operons.reading import names_of, read_genome
from glm.operons.sources import read_operons


def label_operons(
    genes: Path,
    contigs: Path,
    subcontigs: Path,
    proteins: Path | None,
    source: Path | None,
    synonyms: Path | None,
    assembly: str | None,
    genes_per_stretch: int,
    *,
    labelled_genes: Path,
    pairs: Path,
    mapping: Path,
) -> None:
    """Label the genes of a genome, and pair those of each subcontig.

    proteins: symbols and locus tags of the genes. source: an operon list, or the manifest of one;
    None for the silver standard. synonyms: gene_info, a table (gene, synonym), or its manifest.
    assembly: only this one of the corpus.
    """
    found, cut = read_genome(genes, contigs, subcontigs, assembly)
    ordered = in_order(found)
    mapped: list[Mapped] = []
    if source:
        labels, operon, names, mapped = label_from_list(source, ordered, proteins, synonyms)
    else:
        labels, operon = SILVER, silver_operons(ordered)
        names = [f"silver {number}" for number in range(operon.max(initial=-1) + 1)]
    ordered = ordered.assign(
        operon=operon,
        unit=transcription_units(operon),
        operon_name=[names[number] if number >= 0 else None for number in operon],
    )
    labelled = subcontig_pairs(cut, ordered, genes_per_stretch)
    several = int((pd.Series(operon[operon >= 0]).value_counts() > 1).sum())
    neighbours = labelled[labelled["neighbours"]]
    logging.info("labels: %s; operons of several genes: %s", labels, f"{several:,}")
    logging.info(
        "pairs: %s; neighbours: %s, of them in one operon: %s",
        *(f"{n:,}" for n in (len(labelled), len(neighbours), neighbours["same_operon"].sum())),
    )
    counts = count_mapped(mapped) if mapped else None
    made = step.stamp(labels=labels, operons=several, mapped=counts)
    tables.write(ordered, labelled_genes, tables.OPERON_GENES, made)
    tables.write(labelled, pairs, tables.GENE_PAIRS, made)
    report = pd.DataFrame(mapped, columns=["operon", "gene", "protein", "how"])
    report["protein"] = report["protein"].astype("Int64")
    tables.write(report, mapping, tables.OPERON_MAPPING, made)


def label_from_list(
    source: Path, genes: pd.DataFrame, proteins: Path | None, synonyms: Path | None
) -> tuple[str, np.ndarray, list[str], list[Mapped]]:
    """Kind of a list, operon of each gene, the operons' names, and how each name was mapped."""
    listed = read_operons(one_file(source))
    named = {
        entry["protein"]: NamedProtein(**entry) for entry in names_of(proteins, genes["protein"])
    }
    by_row = align(listed.in_order, [named[each] for each in genes["protein"]])
    other_names = read_synonyms(one_file(synonyms)) if synonyms else None
    mapped = map_operons(listed.operons, [*named.values()], other_names, by_row)
    for how, count in count_mapped(mapped).items():
        logging.info("%s: %s", how.replace("_", " "), f"{count:,}")
    of = {entry.protein: entry.operon for entry in mapped if entry.protein is not None}
    return listed.kind, *listed_operons(genes, of), mapped


if __name__ == "__main__":
    step.run(label_operons)
