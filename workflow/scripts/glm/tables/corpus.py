"""Genes, proteins and subcontigs of a corpus (Methods, Sequence database)."""

import pyarrow as pa

from glm.tables.declaration import BOOL, INT32, INT64, STRING, table

MANIFEST = table(
    "manifest",
    url=(STRING, "address that the file was fetched from"),
    path=(STRING, "path of the file, relative to the manifest"),
    kind=(STRING, "what the file holds: proteins, sequence_metadata, biomes, clusters, …"),
    size=(INT64, "bytes"),
    md5=(STRING, "MD5 of the bytes, as published and verified"),
    fetched=(STRING, "date and time, ISO 8601, UTC"),
)
CONTIGS = table(
    "contigs",
    contig=(INT64, "contig: MGYC digits, or a running number"),
    name=(STRING, "the contig's own name"),
    assembly=(STRING, "assembly or genome that it belongs to"),
    biome=(STRING, "lineage of the environment, root:…; null if unknown"),
    genes=(INT32, "genes on the contig"),
)
GENES = table(
    "genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig, from 0, by start"),
    protein=(INT64, "protein: MGYP digits, or a running number"),
    start=(INT32, "first base, 1-based, inclusive"),
    end=(INT32, "last base, likewise; beyond the contig's length for a gene over its origin"),
    forward=(BOOL, "whether it lies on the forward strand"),
    partial=(STRING, "full or partial in MGnify, else Prodigal's code of its ends"),
)
PROTEINS = table(
    "proteins",
    protein=(INT64, "protein"),
    accession=(STRING, "accession in the source"),
    symbol=(STRING, "gene symbol, where the source has one"),
    locus_tag=(STRING, "locus tag, where the source has one"),
    product=(STRING, "product name, where the source has one"),
    sequence=(STRING, "amino acids"),
)
CLUSTERS = table(
    "clusters",
    protein=(INT64, "protein"),
    cluster=(INT64, "the protein that represents its cluster"),
)
MAPPED_GENES = table(
    "mapped_genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig"),
    protein=(INT64, "protein"),
    cluster=(INT64, "the protein that represents its cluster; null if none is known"),
    forward=(BOOL, "whether it lies on the forward strand"),
)
REPRESENTATIVES = table(
    "representatives",
    representative=(INT32, "row in the embedding store"),
    protein=(INT64, "protein that represents the cluster"),
    length=(INT32, "residues"),
    sha256=(STRING, "SHA-256 of the sequence"),
    sequence=(STRING, "amino acids"),
)
SUBCONTIGS = table(
    "subcontigs",
    subcontig=(INT64, "subcontig: running number"),
    contig=(INT64, "contig that it was cut from"),
    first_rank=(INT32, "rank of its first gene on the contig"),
    assembly=(STRING, "assembly or genome"),
    biome=(STRING, "lineage of the environment"),
    representative=(pa.list_(INT32), "representative of each gene; -1: none, the vector of ones"),
    forward=(pa.list_(BOOL), "strand of each gene"),
    protein=(pa.list_(INT64), "protein of each gene"),
)
