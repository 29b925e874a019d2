"""GenBank and EMBL files of all ages as Biopython reads them, and Prodigal's GFF and proteins.

The files are those that Biopython tests itself with. They lie in its source distribution
alone, which the package manager fetches; none of them is in this repository.
"""

from __future__ import annotations

import importlib.resources
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import Bio
import pytest
from Bio import SeqIO
from Bio.Data.CodonTable import unambiguous_dna_by_id
from Bio.SeqFeature import SeqFeature
from Bio.SeqRecord import SeqRecord

from glm.corpus.embl import read_embl
from glm.corpus.fasta import read_fasta
from glm.corpus.genbank import read_genbank
from glm.corpus.gff import read_gff
from glm.errors import GlmError

Found = tuple[str, int, int, bool, str]

WITHOUT_A_NAME = {
    "addgene-plasmid-11664-sequence-180430.gbk",
    "addgene-plasmid-39296-sequence-49545.gbk",
    "bad_origin_wrap_CDS.gb",
}
"""VERSION is a dot, which Biopython takes for the name: here it is LOCUS's."""
LEFT_OUT = {
    "AAA03323.embl": "part of it lies on U01210.1, another sequence",
    "bad_origin_wrap.gb": "not a GenBank feature",  # a complement over the origin, among others
    "extra_keywords.gb": "part of it lies on AL121804.2, another sequence",
    "invalid_product.gb": "is no stretch of the contig",  # an open quotation; Biopython refuses it
    "location_wrap.embl": "a stop .* inside, at residue 20",
    "negative_location.gb": r"-2\.\.492 is not",  # Biopython has no location for it
    "no_origin_no_end.gb": "cut off",  # Biopython refuses it too
    "one_of.gb": "part of it lies on U18267.1, another sequence",
    "pBAD30.gb": "a stop .* inside, at residue 287",  # Biopython's protein has the stop
    "xx_after_co.embl": "a stop .* inside, at residue 20",  # Biopython refuses it
}
"""Files of which a CDS, or all, is left out, and the reason that is given for it."""


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("biopython")
    wanted = f"biopython=={Bio.__version__}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:"]
    run = subprocess.run([*command, "-d", folder, wanted], capture_output=True, text=True)
    if run.returncode and not os.environ.get("CI"):
        pytest.skip(f"the source of {wanted} cannot be fetched: {run.stderr.strip()[-200:]}")
    assert not run.returncode, run.stderr
    [archive] = folder.glob("biopython-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    found = [p for p in folder.rglob("*") if p.suffix in (".gb", ".gbk", ".gbwithparts", ".gp")]
    found += [p for p in folder.rglob("*.embl") if b"FT   CDS" in p.read_bytes()]
    assert len(found) > 50
    return sorted(found)


def of_biopython(path: Path) -> tuple[list[Found], bool]:
    """The genes of a file, and whether its records are of proteins."""
    found, proteins = [], False
    for record in SeqIO.parse(path, "embl" if path.suffix == ".embl" else "genbank"):
        if record.annotations.get("molecule_type") == "protein":
            proteins = True
            continue
        genes = [f for f in record.features if f.type == "gene" and "pseudo" in f.qualifiers]
        pseudogenes = {name for f in genes for name in f.qualifiers.get("locus_tag", [])}
        for feature in record.features:
            notes = feature.qualifiers
            if feature.type != "CDS" or {"pseudo", "pseudogene"} & notes.keys():
                continue
            if not pseudogenes & set(notes.get("locus_tag", [])):
                found.append(one_of_biopython(feature, record))
    return sorted(found), proteins


def one_of_biopython(feature: SeqFeature, record: SeqRecord) -> Found:
    notes, location = feature.qualifiers, feature.location
    assert location is not None
    protein = "".join(notes.get("translation", [""])[0].split())
    if not protein:
        frame = int(notes.get("codon_start", ["1"])[0]) - 1
        coding = feature.extract(record.seq)[frame:]
        coding = coding[: len(coding) // 3 * 3]
        table = int(notes.get("transl_table", ["11"])[0])
        protein = str(coding.translate(table=table))
        cut = ("<" if location.strand == 1 else ">") in str(location)
        if not cut and str(coding[:3]) in unambiguous_dna_by_id[table].start_codons:
            protein = f"M{protein[1:]}"
    start, end = int(location.start), int(location.end)
    if len(location.parts) > 1 and (start, end) == (0, len(record)):
        ascending = list(location.parts)[:: location.parts[0].strand or 1]
        if ascending[0].end == end:
            start, end = int(ascending[0].start), int(ascending[-1].end) + len(record)
    return (record.id, start + 1, end, location.parts[0].strand == 1, protein.removesuffix("*"))


def read(path: Path) -> tuple[list[Found], str]:
    """The genes that are read, and what is reported as left out."""
    try:
        genome = (read_embl if path.suffix == ".embl" else read_genbank)(path.stem, path)
    except GlmError as error:
        return [], str(error)
    genes = [
        (g.contig, g.start, g.end, g.forward, genome.proteins[g.protein].sequence)
        for g in genome.genes
    ]
    return sorted(genes), "; ".join(genome.unreadable)


@pytest.mark.filterwarnings("ignore")  # Biopython's, of what it repairs
def test_genbank_and_embl_files_of_all_ages_are_read_as_biopython_reads_them(files: list[Path]):
    differ, compared = {}, 0
    for path in files:
        found, left_out = read(path)
        if path.name in LEFT_OUT:
            assert re.search(LEFT_OUT[path.name], left_out), path
            continue
        expected, proteins = of_biopython(path)
        if path.name in WITHOUT_A_NAME:
            found, expected = [f[1:] for f in found], [f[1:] for f in expected]  # type: ignore[misc]
        if found != expected or ("a protein (aa)" in left_out) != proteins:
            differ[path.name] = (found, expected, left_out)
        compared += len(found)
    assert not differ
    assert compared > 140


def test_prodigals_gff_codes_for_prodigals_proteins():
    """A metagenomic run of Prodigal 2.6.3 with genetic code 4, of pyrodigal's own tests."""
    data = Path(str(importlib.resources.files("pyrodigal.tests"))) / "data"
    genome = read_gff("m", data / "SRR492066.meta.gff", data / "SRR492066.fna.gz")
    proteins = read_fasta(data / "SRR492066.meta.faa.gz")
    expected = [record.sequence.decode().removesuffix("*") for record in proteins]
    assert [p.sequence for p in genome.proteins] == expected
    assert genome.unreadable == []
