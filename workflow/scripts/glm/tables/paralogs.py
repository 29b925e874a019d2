"""Paralog pairs (Figure 4D-F)."""

from glm.tables.declaration import BOOL, DOUBLE, INT32, INT64, STRING, table

PARALOG_CANDIDATES = table(
    "paralog_candidates",
    a=(STRING, "accession of the first protein (chain 2ONK_A: the ATPase)"),
    c=(STRING, "accession of the second protein (chain 2ONK_C: the permease)"),
    a_sequence=(STRING, "amino acids of the first; null if there are none"),
    c_sequence=(STRING, "amino acids of the second; null if there are none"),
    origin=(STRING, "uniprot, or the genome that the pair was found in"),
)
PARALOGS = table(
    "paralogs",
    pair=(INT64, "pair: running number"),
    a=(STRING, "accession of the first protein"),
    c=(STRING, "accession of the second protein"),
    a_representative=(INT32, "row of the first in the embedding store of the paralogs"),
    c_representative=(INT32, "row of the second"),
    a_cluster=(INT64, "CD-HIT cluster of the first"),
    c_cluster=(INT64, "CD-HIT cluster of the second"),
    origin=(STRING, "uniprot, or the genome that the pair was found in"),
)
PARALOGS_EXCLUDED = table(
    "paralogs_excluded",
    a=(STRING, "accession of the first protein"),
    c=(STRING, "accession of the second protein"),
    reason=(STRING, "why the pair is not analysed"),
    detail=(STRING, "which accession, and where"),
)
PARALOG_CALLS = table(
    "paralog_calls",
    method=(STRING, "trained or untrained gLM, training context looked up, embedding cosine"),
    pair=(INT64, "pair"),
    query=(STRING, "which protein was given: A or C"),
    place=(STRING, "masked gene: before or after the query"),
    confidence=(DOUBLE, "softmax of the likelihoods; a baseline's own measure of its trust"),
    nearest=(INT64, "pair whose protein's label is nearest to the prediction"),
    exact=(BOOL, "whether that is the partner"),
    same_cluster=(BOOL, "whether it is of the partner's cluster"),
    rank=(INT64, "the partner's place among the candidates, from 1"),
)
PARALOG_RESULTS = table(
    "paralog_results",
    method=(STRING, "a method of paralog_calls, or a kind of chance"),
    direction=(STRING, "A to C, C to A, or either (a pair is right if one direction is)"),
    measure=(STRING, "exact, same_cluster, or recall@k"),
    value=(DOUBLE, "share of queries (or pairs) that are right"),
    lower=(DOUBLE, "lower end: 95 % interval over clusters; of chance, 95 % range of the rounds"),
    upper=(DOUBLE, "upper end"),
    hits=(DOUBLE, "how many are right; of chance, the mean of the rounds"),
    n=(INT64, "queries (or pairs)"),
    p=(DOUBLE, "of chance: share of rounds that do as well as the trained gLM; else null"),
)
PARALOG_PROJECTION = table(
    "paralog_projection",
    kind=(STRING, "label or prediction"),
    protein=(STRING, "A or C: what is labelled or predicted"),
    pair=(INT64, "pair"),
    place=(STRING, "of a prediction: before or after the query; null for a label"),
    x=(DOUBLE, "first coordinate"),
    y=(DOUBLE, "second coordinate"),
    exact=(BOOL, "of a prediction: whether it is right; null for a label"),
    same_cluster=(BOOL, "of a prediction: whether it is of the partner's cluster"),
    confidence=(DOUBLE, "of a prediction"),
)
