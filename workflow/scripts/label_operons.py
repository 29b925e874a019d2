"""Label the gene pairs of a genome: are they of one operon (RegulonDB, a table, or the silver
standard: same strand, gap under 50 bp)?"""

import argparse
import logging
from pathlib import Path

import pandas as pd

from glm import command, tables
from glm.corpus.release import one_file
from glm.operons import mapping, pairs, reading, sources
from glm.provenance import stamp


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = command.parser(__doc__)
    made.add_argument("--genes", type=Path, required=True)
    made.add_argument("--contigs", type=Path, required=True)
    made.add_argument("--subcontigs", type=Path, required=True)
    made.add_argument("--proteins", type=Path, help="symbols and locus tags of the genes")
    made.add_argument("--assembly", help="only this one of the corpus")
    made.add_argument(
        "--source", type=Path, help="operon list, or the manifest of one; else silver standard"
    )
    made.add_argument(
        "--synonyms", type=Path, help="gene_info, a table (gene, synonym), or the manifest of one"
    )
    made.add_argument("--genes-per-stretch", type=int, default=120)
    made.add_argument("--output-genes", type=Path, required=True)
    made.add_argument("--pairs", type=Path, required=True)
    made.add_argument("--mapping", type=Path, required=True, help="how each gene name was mapped")
    return made


def main(arguments: argparse.Namespace) -> None:
    """Read, label, pair, write."""
    corpus = [arguments.genes, arguments.contigs, arguments.subcontigs]
    found, subcontigs = reading.read_genome(
        arguments.genes, arguments.contigs, arguments.subcontigs, arguments.assembly
    )
    genes = pairs.in_order(found)
    inputs, mapped = [*corpus], []
    names: list[str] = []
    if arguments.source:
        listed = sources.read_operons(one_file(arguments.source))
        labels = listed.kind
        named = {
            entry["protein"]: mapping.NamedProtein(**entry)
            for entry in reading.names_of(arguments.proteins, genes["protein"])
        }
        by_row = mapping.align(listed.in_order, [named[each] for each in genes["protein"]])
        synonyms = arguments.synonyms and mapping.read_synonyms(one_file(arguments.synonyms))
        mapped = mapping.map_operons(listed.operons, [*named.values()], synonyms, by_row)
        for how, count in mapping.count_mapped(mapped).items():
            logging.info("%s: %s", how.replace("_", " "), f"{count:,}")
        of = {entry.protein: entry.operon for entry in mapped if entry.protein is not None}
        operon, names = pairs.listed_operons(genes, of)
        inputs.append(arguments.source)
    else:
        operon, labels = pairs.silver_operons(genes), pairs.SILVER
    genes = genes.assign(operon=operon, unit=pairs.transcription_units(operon))
    genes["operon_name"] = [
        (names[number] if names else f"silver {number}") if number >= 0 else None
        for number in operon
    ]
    labelled = pairs.subcontig_pairs(subcontigs, genes, arguments.genes_per_stretch)
    several = int((pd.Series(operon[operon >= 0]).value_counts() > 1).sum())
    neighbours = labelled[labelled["neighbours"]]
    logging.info("labels: %s; operons of several genes: %s", labels, f"{several:,}")
    logging.info(
        "pairs: %s; neighbours: %s, of them in one operon: %s",
        *(f"{n:,}" for n in (len(labelled), len(neighbours), neighbours["same_operon"].sum())),
    )
    about = {
        "labels": labels,
        "assembly": arguments.assembly,
        "source": arguments.source,
        "operons": several,
        "genes_per_stretch": arguments.genes_per_stretch,
        "mapped": mapping.count_mapped(mapped) if mapped else None,
    }
    made = stamp("label_operons", inputs=inputs, parameters=about)
    tables.write(genes, arguments.output_genes, tables.OPERON_GENES, made)
    tables.write(labelled, arguments.pairs, tables.GENE_PAIRS, made)
    report = pd.DataFrame(mapped, columns=["operon", "gene", "protein", "how"])
    report["protein"] = report["protein"].astype("Int64")
    tables.write(report, arguments.mapping, tables.OPERON_MAPPING, made)


if __name__ == "__main__":
    command.run(parser(), main)
