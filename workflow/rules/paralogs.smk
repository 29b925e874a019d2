"""Pairing the two proteins of a transporter (Figure 4D-F)."""

PARALOG_SOURCE = setting("paralogs", "source")
# Without a list of pairs there is nothing to ask UniProt for: the scorecard says "not run".
PARALOG_PAIRS = setting("paralogs", "pairs") if PARALOG_SOURCE == "uniprot" else None


if PARALOG_SOURCE == "genomes":

    rule find_paralogs:
        input:
            genes=[f"results/{{run}}/{corpus}/genes.parquet" for corpus in SEQUENCES],
            contigs=[
                f"results/{{run}}/{corpus}/contigs.parquet" for corpus in SEQUENCES
            ],
            sequences=list(SEQUENCES.values()),
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        resources:
            mem_mb=memory(4000, 20),
            runtime=minutes(20, 60),
        script:
            "../scripts/find_paralogs.py"

else:

    rule fetch_paralogs:
        input:
            pairs=PARALOG_PAIRS or [],
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        resources:
            mem_mb=memory(2000),
            runtime=minutes(240),
        params:
            **settings("paralogs", "uniprot"),
        script:
            "../scripts/fetch_paralogs.py"


rule select_paralogs:
    input:
        candidates="results/{run}/paralogs/candidates.parquet",
    output:
        pairs="results/{run}/paralogs/pairs.parquet",
        excluded="results/{run}/paralogs/excluded.parquet",
        representatives="results/{run}/paralogs/representatives.parquet",
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        **settings("paralogs", "source", "cluster_identity"),
    script:
        "../scripts/select_paralogs.py"


rule predict_paralogs:
    input:
        **MODEL,
        pairs="results/{run}/paralogs/pairs.parquet",
        store="results/{run}/paralogs/embedding_store.npy",
        subcontigs=of_corpus("results/{run}/metagenomes/subcontigs.parquet"),
        splits=of_corpus("results/{run}/decontamination/splits.parquet"),
        training_store=of_corpus("results/{run}/metagenomes/embedding_store.npy"),
    output:
        calls="results/{run}/paralogs/calls.parquet",
        results="results/{run}/paralogs/results.parquet",
        coordinates="results/{run}/paralogs/projection.parquet",
        numbers="results/{run}/paralogs/numbers.parquet",
        figures=drawn(
            "results/{run}/paralogs/figures",
            "paralog_projection",
            "paralog_counts",
            "paralog_confidence",
        ),
    threads: 8
    resources:
        # of the training store, which is most of the input, little is read at a time
        mem_mb=memory(8000, 0.15),
        runtime=minutes(240, 1),
    params:
        **settings("paralogs", "chance_rounds", "bootstrap_rounds", "projection"),
        seed=setting("seed"),
    script:
        "../scripts/predict_paralogs.py"
