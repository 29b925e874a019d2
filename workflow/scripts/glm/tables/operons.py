"""Attention and operons (Figure 4A-C, Extended Data 5)."""

from glm.tables.declaration import BOOL, DOUBLE, INT32, INT64, STRING, interval, table

ATTENTION = table(
    "attention",
    subcontig=(INT64, "subcontig"),
    first=(INT32, "place of the first gene in the subcontig, from 0"),
    second=(INT32, "place of the second gene, after the first"),
    attention=(
        None,
        "A + A transposed of each head, layer by layer, 0 to 2; float32",
    ),
)
COUPLINGS = table(
    "couplings",
    subcontig=(INT64, "subcontig"),
    first=(INT32, "place of the first gene in the subcontig, from 0"),
    second=(INT32, "place of the second gene, after the first"),
    change=(
        DOUBLE,
        "mean of the changes of each gene's log-likelihood where the other is seen, in nats; not a "
        "number for a gene without representative",
    ),
    coupling=(DOUBLE, "mean size of these changes"),
    corrected=(DOUBLE, "coupling less the average product of its subcontig"),
)
OPERON_GENES = table(
    "operon_genes",
    contig=(INT64, "contig"),
    rank=(INT32, "position of the gene on its contig"),
    protein=(INT64, "protein"),
    start=(INT32, "first base, 1-based, inclusive"),
    end=(INT32, "last base, 1-based, inclusive"),
    forward=(BOOL, "whether it lies on the forward strand"),
    gap=(DOUBLE, "bases to the gene before, negative where they overlap; null for a first gene"),
    operon=(INT64, "operon; -1 for none"),
    operon_name=(STRING, "the operon's name in the source; null for none"),
    unit=(INT64, "transcription unit: the operon, or a number of its own"),
)
GENE_PAIRS = table(
    "gene_pairs",
    subcontig=(INT64, "subcontig"),
    stretch=(STRING, "stretch of the genome, for folds that share no region"),
    first=(INT32, "place of the first gene in the subcontig, from 0"),
    second=(INT32, "place of the second gene, after the first"),
    first_gene=(INT64, "row of the first gene in operon_genes"),
    second_gene=(INT64, "row of the second gene in operon_genes"),
    neighbours=(BOOL, "whether no gene is between them"),
    same_strand=(BOOL, "whether both lie on one strand"),
    gap=(DOUBLE, "bases between neighbours; null for others"),
    same_operon=(BOOL, "whether both are of one operon, by the labels that the stamp names"),
    unit=(INT64, "transcription unit of the first gene: intervals draw whole units"),
)
OPERON_MAPPING = table(
    "operon_mapping",
    operon=(STRING, "operon, as the source names it"),
    gene=(STRING, "gene, as the source names it"),
    protein=(INT64, "protein that it was mapped to; null if none"),
    how=(STRING, "symbol, synonym, locus tag, accession; ambiguous, unmapped"),
)
ATTENTION_HEADS = table(
    "attention_heads",
    model=(STRING, "trained, untrained, reordered by place or gene (docs/operons.md), or distance"),
    pairs=(STRING, "all pairs of a subcontig, or neighbours"),
    layer=(INT32, "layer, from 1; 0 for a baseline"),
    head=(INT32, "head, from 1; 0 for a baseline"),
    name=(STRING, "the head as the paper names it"),
    r=(DOUBLE, "Pearson's r of attention with same-operon; null if it never varies"),
    **interval("the 95 % interval over transcription units"),
    p=(DOUBLE, "two-sided, as if pairs were independent"),
    adjusted_p=(DOUBLE, "Bonferroni, over the heads of one model"),
    n=(INT64, "gene pairs"),
    chosen_by=(DOUBLE, "r on every other stretch of the genome, to choose a head by"),
    other_half=(DOUBLE, "r on the rest, which a head so chosen has not seen"),
    **interval("its 95 % interval over transcription units", "other_half_"),
    other_half_n=(INT64, "gene pairs of the rest"),
)
OPERON_COMPARISON = table(
    "operon_comparison",
    features=(STRING, "what the classifier looks at"),
    meaning=(STRING, "the same in words"),
    folds=(STRING, "random (the paper) or stretches of the genome"),
    feature_count=(INT64, "features"),
    average_precision=(DOUBLE, "of the pooled out-of-fold scores"),
    average_precision_per_fold=(DOUBLE, "mean over the folds"),
    area=(DOUBLE, "under the pooled precision-recall curve, by trapezoids"),
    roc_area=(DOUBLE, "under the pooled receiver operating characteristic"),
    **interval("the 95 % interval over transcription units"),
    difference=(DOUBLE, "average precision less that of strand + distance"),
    **interval("its 95 % interval, on the same draws", "difference_"),
    beyond_inputs=(DOUBLE, "average precision less that of embedding pairs + strand"),
    **interval("its 95 % interval, on the same draws", "beyond_inputs_"),
    pairs=(INT64, "neighbouring gene pairs"),
    positives=(INT64, "of them in one operon"),
    units=(INT64, "transcription units that the intervals draw"),
)
OPERON_SCORES = table(
    "operon_scores",
    features=(STRING, "what the classifier looks at"),
    folds=(STRING, "random or stretches"),
    fold=(INT32, "fold that the pair was tested in"),
    subcontig=(INT64, "subcontig"),
    first=(INT32, "place of the first gene; the second is next to it"),
    same_operon=(BOOL, "whether the pair is of one operon"),
    score=(DOUBLE, "out of fold; higher is more operon"),
)
OPERON_PREDICTIONS = table(
    "operon_predictions",
    subcontig=(INT64, "subcontig"),
    contig=(INT64, "contig"),
    rank=(INT32, "position of the first gene on its contig; the second is next"),
    first_protein=(INT64, "protein of the first gene"),
    second_protein=(INT64, "protein of the second gene"),
    same_strand=(BOOL, "whether both lie on one strand"),
    gap=(DOUBLE, "bases between them"),
    strand_distance=(DOUBLE, "probability of one operon, by strand and distance"),
    attention=(DOUBLE, "probability, by attention alone"),
    combined=(DOUBLE, "probability, by attention, distance and strand"),
    same_operon=(BOOL, "the label, by what the stamp names"),
    unit=(INT64, "transcription unit of the first gene"),
)
OPERON_TRANSFER = table(
    "operon_transfer",
    genome=(STRING, "genome that the predictor was applied to"),
    labels=(STRING, "what its operons are labelled by"),
    features=(STRING, "what the prediction looks at"),
    average_precision=(DOUBLE, "with nothing fitted on this genome"),
    **interval("the 95 % interval over transcription units"),
    difference=(DOUBLE, "average precision less that of strand + distance"),
    **interval("its 95 % interval, on the same draws", "difference_"),
    roc_area=(DOUBLE, "under the receiver operating characteristic"),
    calibration_error=(DOUBLE, "mean distance of predicted and observed frequency; null for rules"),
    pairs=(INT64, "neighbouring gene pairs"),
    positives=(INT64, "of them in one operon"),
)
OPERON_CALIBRATION = table(
    "operon_calibration",
    genome=(STRING, "genome; the reference's is out of fold"),
    features=(STRING, "what the prediction looks at"),
    predicted=(DOUBLE, "mean probability of the bin"),
    observed=(DOUBLE, "share of its pairs in one operon"),
    count=(INT64, "pairs in the bin"),
)
