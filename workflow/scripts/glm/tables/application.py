"""What `glm` writes for one's own genomes."""

import pyarrow as pa

from glm.tables.declaration import BOOL, DOUBLE, FLOAT, INT32, INT64, STRING, table

GENE_COLUMNS = {
    "genome": (STRING, "name of the file that it came from, without its suffix"),
    "contig": (STRING, "contig"),
    "gene": (STRING, "name of its protein, which several genes may share, or of the gene"),
    "rank": (INT32, "position of the gene on its contig, from 0; contig and rank name one gene"),
    "start": (INT32, "first base, 1-based, inclusive; null where only the order is known"),
    "end": (INT32, "last base, likewise; beyond the contig's length for a gene over its origin"),
    "forward": (BOOL, "whether it lies on the forward strand"),
    "partial": (STRING, "Prodigal's code of a gene cut at the contig's left or right end"),
    "symbol": (STRING, "gene symbol, where the source has one"),
    "locus_tag": (STRING, "locus tag, where the source has one"),
    "product": (STRING, "product name, where the source has one"),
    "window_genes": (INT32, "genes of the largest window that it was read in"),
    "outside_training": (BOOL, "whether that is fewer genes than the model was trained on"),
}
EMBEDDED_GENES = table(
    "embedded_genes",
    **GENE_COLUMNS,
    protein_embedding=(None, "mean over residues of the protein model, float16"),
    contextual_embedding=(None, "last hidden layer of the gLM, float32"),
    context_only_embedding=(None, "the same with the gene itself masked"),
    candidate_gene=(pa.list_(STRING), "gene of the genome nearest to each prediction"),
    candidate_contig=(pa.list_(STRING), "contig of that gene"),
    candidate_rank=(pa.list_(INT32), "its position on that contig, from 0"),
    candidate_likelihood=(pa.list_(FLOAT), "likelihood of each prediction, highest first"),
    candidate_distance=(pa.list_(FLOAT), "distance of the gene's label to the prediction"),
)
EMBEDDED_CONTIGS = table(
    "embedded_contigs",
    genome=(STRING, "name of the file that it came from, without its suffix"),
    contig=(STRING, "contig"),
    genes=(INT32, "genes on it"),
    outside_training=(BOOL, "whether all were read with fewer genes than the model was trained on"),
    protein_embedding=(None, "mean over its genes' protein embeddings, float32"),
    contextual_embedding=(None, "mean over its genes' contextual embeddings, float32"),
)
OPERON_CALLS = table(
    "operon_calls",
    **GENE_COLUMNS,
    gap_to_next=(INT32, "bases to the next gene, negative where they overlap; null at the end"),
    with_next=(
        DOUBLE,
        "probability of one operon with the next gene, by all that the predictor looks at (the "
        "published one: attention, and 0 on other strands); null at the end",
    ),
    with_next_by_distance=(
        DOUBLE,
        "the same by strand and distance alone; null with a predictor that does not look at them",
    ),
    with_next_by_attention=(DOUBLE, "the same by attention alone; null where not read together"),
    operon=(INT64, "operon on its contig, from 0: genes joined over the threshold; null alone"),
)
GENE_COUPLINGS = table(
    "gene_couplings",
    genome=(STRING, "name of the file that it came from, without its suffix"),
    contig=(STRING, "contig"),
    first_rank=(INT32, "position of the first gene on its contig, from 0"),
    second_rank=(INT32, "position of the second gene, after the first"),
    first_gene=(STRING, "name of the first gene's protein, or of the gene"),
    second_gene=(STRING, "the same of the second"),
    first_name=(STRING, "symbol of the first gene, else locus tag, else the end of its name"),
    second_name=(STRING, "the same of the second"),
    distance=(INT32, "genes from the first to the second: 1 for neighbours"),
    same_strand=(BOOL, "whether both lie on one strand"),
    change=(
        DOUBLE,
        "mean of the changes of each gene's log-likelihood where the other is seen, in nats, over "
        "the windows that both are read in",
    ),
    coupling=(DOUBLE, "mean size of these changes, likewise"),
    corrected=(DOUBLE, "coupling less the average product of its window, likewise"),
    windows=(INT32, "windows that both are read in"),
    outside_training=(
        BOOL,
        "whether all of them have fewer genes than the model was trained on",
    ),
)
SIMILAR_GENES = table(
    "similar_genes",
    query_genome=(STRING, "genome of the query"),
    query_contig=(STRING, "contig of the query"),
    query_gene=(STRING, "query"),
    query_rank=(INT32, "position of the query on its contig, from 0"),
    query_locus_tag=(STRING, "locus tag of the query, where its source has one"),
    place=(INT32, "place among its neighbours, from 1"),
    genome=(STRING, "genome of the neighbour"),
    contig=(STRING, "contig of the neighbour"),
    gene=(STRING, "neighbour"),
    rank=(INT32, "position of the neighbour on its contig, from 0"),
    locus_tag=(STRING, "locus tag of the neighbour, where its source has one"),
    product=(STRING, "product name of the neighbour, where its source has one"),
    distance=(FLOAT, "cosine or euclidean distance of the two embeddings"),
)
