"""Keys of the analyses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from glm.configuration.section import (
    Address,
    Count,
    Positive,
    PositiveShare,
    Projection,
    Section,
    Share,
    ShareBelowOne,
    Words,
)


class TransferGenome(Section):
    """A genome of the corpus."""

    name: Annotated[str, Field(pattern=r"^(?!reference$)[A-Za-z0-9_-]+$")]
    """Its name among the results."""
    assembly: str
    """Its assembly in contigs.parquet; figures show it."""
    source: str | None
    """Path or address of RegulonDB's OperonSet (any version), of the published gLM's operon.annot,
    or of a table (gene, operon); null is the silver standard: same strand, gap under 50 bp."""


class Operons(Section):
    """Attention and operons of the reference (Methods, Attention analysis; docs/operons.md)."""

    source: str | None
    """Path or address of RegulonDB's OperonSet (any version), of the published gLM's operon.annot,
    or of a table (gene, operon); null is the silver standard: same strand, gap under 50 bp."""
    synonyms: str | None
    """Path or address of NCBI's gene_info, or of a table (gene, synonym), for gene names that are
    no symbol of the genome."""
    transfer: list[TransferGenome]
    """Genomes of the corpus that the predictor is tried on without fitting."""
    genes_per_stretch: Count
    """Genes of a stretch of the genome; folds by region keep stretches whole."""
    attention_shards: Count
    """Jobs that a genome's subcontigs are dealt to."""
    bootstrap_rounds: Count
    """Draws behind each interval."""
    examples: Count
    """Operons drawn as examples (Figure 4B)."""


class Paralogs(Section):
    """Pairing of paralogs (Methods, Paralogy and orthology analysis; docs/operons.md)."""

    source: Literal["uniprot", "genomes"]
    """A list of pairs whose sequences UniProt gives, or ABC transporters found side by side in the
    corpus and the reference."""
    uniprot: Address
    """Address of UniProt's service that gives sequences by accession; UniParc's is asked beside it,
    at ../uniparc/search."""
    pairs: str | None
    """With source uniprot: path of the list (accession A, accession C), such as GREMLIN's 2ONK_A
    and 2ONK_C."""
    cluster_identity: Annotated[float, Field(ge=0.4, le=1)]
    """cd-hit -c."""
    chance_rounds: Count
    """Rounds of random predictions."""
    bootstrap_rounds: Count
    """Draws behind each interval."""
    projection: Projection
    """How predictions and labels are laid out in the plane (Figure 4E)."""


class Annotation(Section):
    """What a reference calls the proteins (Methods, Gene annotation; docs/analyses.md)."""

    reference: str
    """Address or path of a FASTA of proteins with product names (.gz or plain), or of a DIAMOND
    database (.dmnd, a path)."""
    e_value: Positive
    """Largest expectation value of a hit."""
    unannotated_words: Words
    """A hit whose product has one of these, whole and in any case, counts as unannotated."""
    protenn: str | None
    """Address or path of the release's Pfam domains by ProtENN (mgy_ProtENN2_pfam.tsv.gz): the
    share of proteins without one is counted; null for not. The file is large."""
    hmmer: str | None
    """The same by HMMER (mgy_proteins_pfam.tsv.gz)."""
    shards: Count
    """Jobs that the proteins are dealt to."""


class GeneSet(Section):
    """A set of genes."""

    name: str
    """Its name in the figure."""
    group: str | None = None
    """What it counts as with group_by set; its name if left out."""
    queries: str | None = None
    """Path or address of a FASTA of proteins; what DIAMOND finds to be like them."""
    words: Words | None = None
    """Words of product names, whole and in any case; a protein with one belongs to the set."""
    accessions: Annotated[list[str], Field(min_length=1)] | None = None
    """Accessions of proteins, MGYP…."""


class Entry(Section):
    """What is compared."""

    name: Annotated[str, Field(pattern=r"^(?!metagenomes$|reference$|paralogs$)[A-Za-z0-9_-]+$")]
    """Its name among the results."""
    title: str
    """Its title in the figure."""
    group_by: Literal["set", "biome", "assembly"]
    """What makes a group: the set's group, the biome, or the assembly by a table."""
    biome_level: Count | None = None
    """Names of the lineage after the root that make a biome; all if left out."""
    groups: str | None = None
    """With group_by assembly: path of a table (assembly, group), for example of classes or
    lineages."""
    minimum_group: Annotated[int, Field(ge=2)] | None = None
    """Instead of the one for all entries."""
    genomes: str | None = None
    """Path of a table (assembly): genomes of NCBI, by accession, instead of the corpus."""
    genes_each_side: Count | None = None
    """At most so many genes before and after a focal gene; the whole subcontig if left out."""
    sets: Annotated[list[GeneSet], Field(min_length=1)]
    """Which genes: each set by queries, words or accessions."""


class Semantics(Section):
    """Focal genes, and how well their groups are separated (Figure 2; docs/analyses.md)."""

    datasets: Address
    """Address of the NCBI Datasets service, for entries with genomes."""
    maximum_occurrences: Annotated[int, Field(ge=4)]
    """Of an entry's genes, drawn at random, as equally many of each set as there are."""
    minimum_group: Annotated[int, Field(ge=2)]
    """Smaller groups are left out and counted."""
    neighbours: Count
    """Nearest others whose group is looked at (neighbour purity)."""
    e_value: Positive
    """DIAMOND's largest expectation value for a protein like a query."""
    minimum_coverage: Share
    """Of the protein and of the query by the alignment."""
    bootstrap_rounds: Count
    """Draws behind each interval."""
    permutations: Count
    """Permutations of the groups behind each p."""
    seeds: Count
    """Repetitions of k-means, of random weights and of shuffled contexts."""
    projection: Projection
    """How points are drawn; principal components are stored in any case."""
    entries: list[Entry]
    """One figure each."""


class Unannotated(Section):
    """Unannotated proteins and how near they lie to named ones (Figure 3A, B; docs/analyses.md)."""

    share: PositiveShare
    """Of the subcontigs, at random."""
    target_precision: PositiveShare
    """Share of transfers between annotated proteins that must be right within the radius."""
    bootstrap_rounds: Count
    """Draws behind each interval."""
    seeds: Count
    """Ways of halving the annotated proteins, each with random weights and shuffled contexts of its
    own; measures are means, with their deviation."""
    maximum_drawn: Annotated[int, Field(ge=100)]
    """Points of each half of the figure; the numbers are of all."""
    projection: Projection
    """How points are drawn."""


class ContextVariance(Section):
    """How different the contexts of one protein are (Figure 3D; docs/analyses.md)."""

    minimum_occurrences: Annotated[int, Field(ge=2)]
    """Of a protein, edges of subcontigs left out; at least sample_size."""
    sample_size: Annotated[int, Field(ge=2)]
    """Occurrences of one sample."""
    samples: Count
    """Samples of each protein."""
    seeds: Count
    """How often all samples are drawn; fits are means over them, with their deviation."""
    maximum_proteins: Count
    """Proteins that are measured, drawn at random; they bound the disk that is needed meanwhile."""
    tail_share: Annotated[float, Field(gt=0, le=0.5)]
    """Of the annotated proteins, at each end, whose words are tested."""
    minimum_word: Count
    """Proteins that must have a word for it to be tested."""
    controls: list[Literal["untrained", "shuffled", "reordered"]]
    """Other models that contextualise the whole corpus; each takes the disk of its embeddings
    again."""
    bootstrap_rounds: Count
    """Draws behind each interval."""


class Perceptron(Section):
    """The classifier (Extended Data 3); the linear probe is the same without hidden layers."""

    protocol: Literal["paper", "published"]
    """Trained as the paper says; or as the published code does: no dropout after the first layer,
    rows drawn and the loss weighted by inverse class frequency, 88 epochs of batches of 5000,
    classes of more than 50 proteins in the corpus, average precision of the logits."""
    hidden_sizes: Annotated[list[Count], Field(min_length=1)]
    """Features of its hidden layers."""
    dropout: ShareBelowOne
    """After each hidden layer."""
    learning_rate: Positive
    """Of Adam."""
    batch_size: Annotated[int, Field(ge=2)]
    """Proteins of one step."""
    maximum_epochs: Count
    """Passes at most."""
    patience: Count
    """Passes without a better validation accuracy after which it stops."""


class Benchmarks(Section):
    """Benchmarks of others, beside what they published (docs/analyses.md)."""

    data: str | None
    """Path of a folder with local copies of data sets of DGEB and BacBench, each in a folder of its
    name. null: no such analysis."""
    genomes: list[str]
    """Paths of genomes beside the reference in which the tasks' proteins lie, in any format of
    release.genomes; a protein that is in none is read without context."""
    bootstrap_rounds: Count
    """Draws behind each interval."""


class Enzymes(Section):
    """Enzyme classes from embeddings (Methods, Enzyme Commission number prediction;
    docs/analyses.md)."""

    reference: str | None
    """Address or path of known enzymes: FASTA with EC=… in its headers, or a table with the columns
    EC number and Sequence (CLEAN's split100.csv, UniProt's tsv). null: no such analysis."""
    sensitivity: Annotated[float, Field(ge=1, le=8.5)]
    """mmseqs -s; 5.7 is mmseqs's own default, the paper names none."""
    e_value: Positive
    """mmseqs -e; 1e-3 is mmseqs's own default, the paper names none."""
    identity: Share
    """Least identity to an enzyme whose EC number is taken over; the paper names none."""
    coverage: Share
    """Least share of the protein that is aligned; the paper names none."""
    subcontigs: Count
    """Random training subcontigs whose genes are used."""
    minimum_proteins: Annotated[int, Field(ge=2)]
    """Smaller classes are dropped."""
    homologue_identity: PositiveShare
    """Identity of the clusters that the second split keeps whole."""
    perceptron: Perceptron
    seeds: Count
    """Networks of each kind; their mean is reported."""
    minimum_test: Count
    """Least test proteins of a class whose gain or loss is shown."""
    bootstrap_rounds: Count
    """Draws behind each interval."""


class Taxonomy(Section):
    """Taxonomy of contigs (Methods, Taxonomic analysis and visualization; docs/analyses.md)."""

    source: Literal["refseq", "corpus"] | None
    """RefSeq's representative prokaryotes and viruses, the corpus's own genomes by lineages, or
    null: no such analysis."""
    refseq: str
    """Address of the folder of bacteria, archaea and viral, each with assembly_summary.txt."""
    taxdump: str
    """Address of the folder of taxdump.tar.gz."""
    lineages: str | None
    """With source corpus: path of a table (assembly, domain, class, genus; tabs, with header); null
    takes NCBI's lineages where release.source is refseq."""
    shards: Count
    """Jobs that fetch genomes."""
    per_genome: Count
    """With source corpus: subcontigs of each genome; of RefSeq's it is one, as in the paper."""
    genes: Count
    """Genes of a contig."""
    minimum_genes: Count
    """Genomes whose longest contig has fewer are skipped, and counted."""
    label: Literal["taxonomic_class", "genus", "domain"]
    """What is predicted."""
    group: Literal["genus", "accession", "taxonomic_class"]
    """What no two grouped folds share; accession is the genome."""
    folds: Annotated[int, Field(ge=2)]
    """Folds of the cross-validation."""
    seeds: Count
    """Ways of folding; their mean is reported."""
    bootstrap_rounds: Count
    """Draws behind each interval."""
    projection: Projection
    """How contigs are laid out in the plane (Figure 5A-D)."""


class Analyses(Section):
    """Each analysis's keys."""

    operons: Operons
    paralogs: Paralogs
    annotation: Annotation
    semantics: Semantics
    unannotated: Unannotated
    context_variance: ContextVariance
    enzymes: Enzymes
    taxonomy: Taxonomy
    benchmarks: Benchmarks
