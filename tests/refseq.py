"""A RefSeq in a folder, or at an address: lists, taxa, and genomes of the demo.

The files are of the documented form: the 38 columns of assembly_summary.txt and the 20 of a feature
table as NCBI's servers give them, md5checksums.txt beside each genome, taxdump.tar.gz.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from tests.unit.corpus.test_refseq import HEADER, row
from tests.unit.taxonomy.test_lineages import write_dump
from tests.workflow.small_run import genes_of, sequences

# Two genera of each of three classes, two genomes of each: the demo's assemblies by number.
CLASSES = {"Gammaproteobacteria": (1, 7), "Bacilli": (12, 17), "Campylobacteria": (14, 15)}
BEGINS = {100: "Scaffold", 900: "Complete Genome"}  # first gene of each genome, assembly_level
SUMMARY = """\
#assembly_accession bioproject biosample wgs_master refseq_category taxid species_taxid
organism_name infraspecific_name isolate version_status assembly_level release_type genome_rep
seq_rel_date asm_name asm_submitter gbrs_paired_asm paired_asm_comp ftp_path excluded_from_refseq
relation_to_type_material asm_not_live_date assembly_type group genome_size genome_size_ungapped
gc_percent replicon_count scaffold_count contig_count annotation_provider annotation_name
annotation_date total_gene_count protein_coding_gene_count non_coding_gene_count pubmed_id"""
COLUMNS = SUMMARY.split()


def write_genome(folder: Path, assembly: int, begin: int, count: int) -> None:
    """Some genes of an assembly of the demo, in RefSeq's files."""
    folder.mkdir()
    genes = genes_of(f"ERZ{assembly:06d}")[begin : begin + count]
    rows = [
        row(1000 * n + 1, 1000 * n + 900, "+" if forward else "-", protein, f"B{n}")
        for n, (protein, forward) in enumerate(genes)
    ]
    table = "\n".join([HEADER, *rows, ""])
    fasta = "".join(f">{protein}\n{sequences()[protein]}\n" for protein in dict(genes))
    sums = ""
    for name, text in (("feature_table.txt", table), ("protein.faa", fasta)):
        packed = gzip.compress(text.encode())
        (folder / f"{folder.name}_{name}.gz").write_bytes(packed)
        sums += f"{hashlib.md5(packed).hexdigest()}  ./{folder.name}_{name}.gz\n"
    (folder / "md5checksums.txt").write_text(sums)


def write_refseq(folder: Path, address: str | None = None, genes: int = 40) -> None:
    """RefSeq's lists of those genomes, and NCBI's taxa.

    address: where the folder is served from, by default its own. genes: of each genome.
    """
    taxa, rows = [(1, 1, "no rank", "root"), (2, 1, "superkingdom", "Bacteria")], []
    for number, (name, assemblies) in enumerate(CLASSES.items(), 1):
        taxa.append((100 * number, 2, "class", name))
        taxa.append((100 * number + 50, 100 * number, "family", f"family of {name}"))
        for genus, assembly in enumerate(assemblies, 100 * number + 1):
            taxa.append((genus, 100 * number + 50, "genus", f"genus {genus}"))
            taxa.append((1000 + genus, genus, "species", f"species {genus}"))
            for begin, level in BEGINS.items():
                accession = f"GCF_{genus:06d}{begin:03d}.1"
                base = f"{accession}_ASM1v1"
                write_genome(folder / base, assembly, begin, genes)
                known = {
                    "#assembly_accession": accession, "refseq_category": "reference genome",
                    "taxid": str(1000 + genus), "organism_name": f"species {genus}",
                    "version_status": "latest", "assembly_level": level,
                    "ftp_path": f"{address or folder.as_uri()}/{base}",
                }  # fmt: skip
                rows.append("\t".join(known.get(column, "na") for column in COLUMNS))
    for group in ("bacteria", "archaea", "viral"):
        (folder / group).mkdir()
        lines = ["##  See README_assembly_summary.txt", "\t".join(COLUMNS)]
        lines += rows if group == "bacteria" else []
        (folder / group / "assembly_summary.txt").write_text("\n".join(lines) + "\n")
    write_dump(folder / "taxdump.tar.gz", taxa)
