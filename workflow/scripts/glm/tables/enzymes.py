"""Enzyme classes (Figure 3C, Extended Data 3-4)."""

from glm.tables.declaration import DOUBLE, INT32, INT64, STRING, interval, table

ENZYMES = table(
    "enzymes",
    representative=(INT32, "representative: row in the embedding store"),
    protein=(INT64, "protein that represents the cluster"),
    hit=(STRING, "name of the best hit in the reference"),
    ec=(STRING, "first EC number of the hit, as the reference has it; may be partial"),
    identity=(DOUBLE, "identical residues / columns of the alignment, 0 to 1"),
    coverage=(DOUBLE, "share of the representative that is aligned"),
    evalue=(DOUBLE, "expectation value"),
)
ENZYME_EXAMPLES = table(
    "enzyme_examples",
    example=(INT64, "example: running number"),
    representative=(INT32, "representative, each only once"),
    protein=(INT64, "protein of the gene"),
    ec=(STRING, "EC number, all four levels"),
    subcontig=(INT64, "subcontig of its first occurrence"),
    rank=(INT32, "place in that subcontig, from 0"),
    cluster=(INT64, "example that represents its cluster of homologues"),
    stratified=(STRING, "train, validation or test, class by class (the paper)"),
    apart=(STRING, "the same, whole clusters of homologues; unseen: tested class without training"),
)
ENZYME_FEATURES = table(
    "enzyme_features",
    example=(INT64, "example"),
    context_free=(None, "embedding of the protein, float16"),
    trained=(None, "last hidden layer of the gLM at its gene, float16"),
    untrained=(None, "the same of gLMs with random weights, one of each seed after another"),
    shuffled=(None, "the same of the trained gLM among genes of other subcontigs, by each seed"),
    neighbours=(None, "mean standardised embedding of the other genes of its subcontig, float16"),
)
ENZYME_RESULTS = table(
    "enzyme_results",
    split=(STRING, "stratified (the paper) or apart (no homologues in two parts)"),
    classifier=(STRING, "perceptron; linear; linear at equal dimension; nearest neighbours"),
    features=(STRING, "protein model, alone or + a gLM (or control of it) or mean of neighbours"),
    measure=(STRING, "accuracy, micro_average_precision, validation_accuracy or best_epoch"),
    value=(DOUBLE, "mean over the seeds"),
    **interval("the 95 % interval over clusters of proteins, of best_epoch over seeds"),
    seed_deviation=(DOUBLE, "standard deviation over the seeds"),
    difference=(DOUBLE, "value less that of the protein model alone"),
    **interval("its 95 % interval, on the same draws", "difference_"),
    seeds=(INT64, "seeds"),
    n=(INT64, "proteins that it was measured on"),
)
ENZYME_CLASSES = table(
    "enzyme_classes",
    split=(STRING, "stratified or apart"),
    ec=(STRING, "EC number"),
    context_free=(DOUBLE, "F1 of the perceptron on the protein model, mean over `seeds`"),
    **interval("its 95 % interval over clusters of test proteins", "context_free_"),
    contextualised=(DOUBLE, "the same with the trained gLM"),
    **interval("its 95 % interval over clusters of test proteins", "contextualised_"),
    difference=(DOUBLE, "contextualised less context_free"),
    **interval("its 95 % interval over clusters of test proteins"),
    p=(DOUBLE, "of the difference: predictions of whole clusters changing sides at random"),
    **interval("95 % interval of contextualised by context_free, on the same draws", "ratio_"),
    chosen_by=(DOUBLE, "difference over the choosing seeds: extremes are chosen by it"),
    ratio_chosen_by=(DOUBLE, "contextualised by context_free over the same; null by an F1 of 0"),
    seeds=(INT64, "seeds that the other columns are of"),
    choosing_seeds=(INT64, "seeds of chosen_by and ratio_chosen_by; 0: the same"),
    train=(INT64, "proteins of the class to train on"),
    test=(INT64, "proteins of the class to test on"),
)
