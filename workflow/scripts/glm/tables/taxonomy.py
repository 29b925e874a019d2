"""Taxonomy of contigs (Figure 5)."""

from glm.tables.declaration import BOOL, DOUBLE, INT32, INT64, STRING, interval, table

TAXONOMY_GENOMES = table(
    "taxonomy_genomes",
    genome=(INT64, "genome: running number"),
    accession=(STRING, "assembly accession, or the assembly's name in the corpus"),
    organism=(STRING, "organism as RefSeq names it; null if it does not"),
    domain=(STRING, "Bacteria, Archaea or Viruses"),
    taxonomic_class=(STRING, "taxonomic class; null if it has none"),
    family=(STRING, "family; null if it has none"),
    genus=(STRING, "genus; null if it has none"),
    level=(STRING, "Complete Genome, Chromosome, Scaffold or Contig; null if not given"),
    address=(STRING, "folder that it is fetched from; null in the corpus"),
)
TAXONOMY_WINDOWS = table(
    "taxonomy_windows",
    genome=(INT64, "genome"),
    contig=(STRING, "accession of its contig"),
    rank=(INT32, "place of the gene in the chosen stretch, from 0"),
    first_rank=(INT32, "rank of the stretch's first gene on the contig"),
    forward=(BOOL, "whether it lies on the forward strand"),
    sequence=(STRING, "amino acids"),
)
TAXONOMY_SKIPPED = table(
    "taxonomy_skipped",
    genome=(INT64, "genome"),
    accession=(STRING, "assembly accession"),
    reason=(STRING, "why it is not used"),
)
TAXONOMY_CONTIGS = table(
    "taxonomy_contigs",
    subcontig=(INT64, "subcontig of the corpus taxonomy"),
    accession=(STRING, "its genome"),
    domain=(STRING, "Bacteria, Archaea or Viruses"),
    taxonomic_class=(STRING, "taxonomic class; null if it has none"),
    genus=(STRING, "genus; null if it has none"),
)
TAXONOMY_FEATURES = table(
    "taxonomy_features",
    subcontig=(INT64, "subcontig"),
    context_free=(None, "mean of its genes' protein embeddings, float32"),
    trained=(None, "mean of the gLM's last hidden layer over its genes, float32"),
    untrained=(None, "the same of gLMs with random weights, one of each seed after another"),
    shuffled=(None, "the same of the trained gLM among genes of other subcontigs, by each seed"),
)
TAXONOMY_RESULTS = table(
    "taxonomy_results",
    task=(STRING, "class or genus (as configured), or virus"),
    folds=(STRING, "stratified (the paper) or grouped (no genus, or genome, in two folds)"),
    classifier=(STRING, "logistic regression, or a control of it; none for a silhouette"),
    features=(STRING, "context-free, contextualised, or a control"),
    measure=(STRING, "average_precision or accuracy, of the pooled folds; silhouette"),
    value=(DOUBLE, "mean over the seeds"),
    **interval("the 95 % interval over genomes, or over the groups of grouped folds"),
    fold_deviation=(DOUBLE, "standard deviation over the folds of all seeds; null of a silhouette"),
    difference=(DOUBLE, "value less that of the context-free embedding"),
    **interval("its 95 % interval, on the same draws", "difference_"),
    classes=(INT64, "classes told apart"),
    dropped=(INT64, "contigs left out: no label, or one with too few members or groups"),
    n=(INT64, "contigs"),
)
TAXONOMY_CURVES = table(
    "taxonomy_curves",
    task=(STRING, "class, genus or virus"),
    folds=(STRING, "stratified or grouped"),
    features=(STRING, "context-free or contextualised"),
    fold=(INT32, "fold, of the first seed"),
    recall=(DOUBLE, "micro-averaged"),
    precision=(DOUBLE, "micro-averaged"),
)
TAXONOMY_CONFUSION = table(
    "taxonomy_confusion",
    task=(STRING, "class, genus or virus"),
    folds=(STRING, "stratified or grouped"),
    features=(STRING, "context-free or contextualised"),
    truth=(STRING, "class of the contig"),
    predicted=(STRING, "likeliest class, out of fold, of the first seed"),
    contigs=(INT64, "how many"),
)
TAXONOMY_PROJECTION = table(
    "taxonomy_projection",
    features=(STRING, "context-free or contextualised"),
    subcontig=(INT64, "subcontig"),
    x=(DOUBLE, "first coordinate"),
    y=(DOUBLE, "second coordinate"),
)
