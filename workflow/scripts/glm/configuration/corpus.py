"""Keys of the corpus: releases, genomes, subcontigs, embeddings, labels, splits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from glm.configuration.section import (
    Count,
    Positive,
    Precision,
    Section,
    Share,
    ShareBelowOne,
    Whole,
)


class Selection(Section):
    """With release.source refseq: which of RefSeq's bacteria and archaea. Their lists are at
    taxonomy.refseq and taxonomy.taxdump."""

    one_per: Literal["genus", "family"] | None
    """One reference genome of each genus or family, a complete one where there is one; null for
    all."""
    number: Count | None
    """So many of these at random; null for all (2026: some 20,000 genomes, 5,000 genera, 800
    families). Of the same seed the genomes of a smaller number are among those of a larger."""
    accessions: list[Annotated[str, Field(pattern=r"^GC[AF]_\d+\.\d+$")]]
    """Assembly accessions with their versions: these alone, whatever the other two keys say."""


class Release(Section):
    """Where the training contigs come from."""

    source: Literal["mgnify", "genomes", "refseq"] | None
    """An MGnify release, one's own genomes (FASTA, GenBank, or GFF + FASTA), or RefSeq's; null for
    no corpus: with glm.pretrained, what needs none is run."""
    address: str
    """Folder of the MGnify release: https://…, ftp://… (its https mirror is asked), file://…, or a
    path."""
    clusters: Literal["published", "linclust"]
    """Clusters as the release publishes them, or by mmseqs linclust of its proteins."""
    genomes: list[str] | str
    """With source genomes: files, folders, patterns such as genomes/*.gbff.gz, or a sheet (a TSV
    or CSV with the columns name, path, biome). A GFF is paired with the FASTA of its name."""
    refseq: Selection
    connections: Count
    """Downloads at a time. EBI leaves a share of 16 unanswered; 4 are sensible."""
    bandwidth: Positive | None
    """Megabytes a second that all downloads together may take; null for no limit."""


class Reference(Section):
    """The genome that is kept out of training and that the model is measured on; null for none:
    nothing is removed, and accuracies are of held-out subcontigs alone."""

    name: str
    """Its name in figures and tables."""
    address: str
    """RefSeq assembly folder that holds …_protein.faa.gz and …_feature_table.txt.gz."""


class Corpus(Section):
    """How contigs become subcontigs (Methods, Sequence database)."""

    minimum_genes: Count
    """Shorter windows are dropped."""
    maximum_genes: Annotated[int, Field(ge=2)]
    """Longer contigs are cut into windows of so many genes."""
    linclust_identity: Share
    """Sequence identity of clusters."""
    linclust_coverage: Share
    """Alignment coverage of clusters."""


class Embedding(Section):
    """The protein language model (Methods, Sequence database)."""

    model: str
    """A hub name (facebook/esm2_t33_650M_UR50D), a fair-esm checkpoint (esm2_t33_650M_UR50D.pt), or
    a folder."""
    revision: str | None
    """Commit, tag or branch of a model on the hub; null is its main branch."""
    layer: Whole | None
    """Hidden layer to average; null is the last."""
    maximum_residues: Count | None
    """Longer proteins are cut (counted)."""
    maximum_tokens: Annotated[int, Field(ge=3)] | None
    """The same in tokens with the start token (the published code: 12288, and maximum_residues:
    null)."""
    residues_per_batch: Count
    """Token budget; halved when memory runs out."""
    precision: Precision
    """Of the protein model's arithmetic."""
    shards: Count
    """Jobs that the proteins are dealt to"""
    allow_random_weights: bool
    """For tests of the pipeline only."""


class Labels(Section):
    """What a masked gene's prediction is compared with (Methods, gLM architecture)."""

    components: Count
    """PCA-whitened components; the orientation comes on top."""


class Decontamination(Section):
    """What is too like the reference genome (Methods, Performance metric)."""

    identity: Share
    """A gene is like the reference over this identity."""
    share: Share
    """A subcontig is removed when more than this share of its genes is."""
    sensitivity: Annotated[float, Field(ge=1, le=8.5)]
    """mmseqs search -s. Over 70 % identity hardly depends on it; the leakage audit at 30 % does."""
    e_value: Positive
    """mmseqs search -e; 1e-3 is mmseqs's own default, the paper names none."""
    minimum_coverage: Share
    """mmseqs search -c, of the training protein; the paper names none. 0.5 keeps one shared domain
    from making two long proteins alike; 0 takes any alignment."""
    validation_share: ShareBelowOne | None
    """Share of the kept subcontigs that is held out of training; null holds out a twentieth, at
    most 10,000 and, if there are as many, at least 20, but no more than a fifth."""
