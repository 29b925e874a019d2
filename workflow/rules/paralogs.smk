"""Pairing the two proteins of a transporter (Figure 4D-F)."""

PARALOG_SOURCE = setting("paralogs", "source")
# Without a list of pairs there is nothing to ask UniProt for: the scorecard says "not run".
PARALOGS_ARE_KNOWN = PARALOG_SOURCE == "genomes" or setting("paralogs", "pairs")
PARALOG_CORPORA = ["metagenomes", "reference"]


localrules:
    paralogs,


if PARALOG_SOURCE == "genomes":

    rule find_paralogs:
        input:
            genes=[
                f"results/{{run}}/{corpus}/genes.parquet" for corpus in PARALOG_CORPORA
            ],
            contigs=[
                f"results/{{run}}/{corpus}/contigs.parquet"
                for corpus in PARALOG_CORPORA
            ],
            sequences=[
                (
                    "results/{run}/metagenomes/proteins.parquet"
                    if setting("release", "source") == "genomes"
                    else "results/{run}/metagenomes/release/manifest.parquet"
                ),
                "results/{run}/reference/proteins.parquet",
            ],
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        log:
            logs("paralogs", "find_paralogs"),
        benchmark:
            benchmarks("paralogs", "find_paralogs")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000, 20),
            runtime=minutes(20, 60),
        params:
            code=code("find_paralogs"),
        script:
            "../scripts/find_paralogs.py"

else:

    rule fetch_paralogs:
        input:
            pairs=setting("paralogs", "pairs") or [],
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        log:
            logs("paralogs", "fetch_paralogs"),
        benchmark:
            benchmarks("paralogs", "fetch_paralogs")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=minutes(240),
        params:
            **settings("paralogs", "uniprot"),
            code=code("fetch_paralogs"),
        script:
            "../scripts/fetch_paralogs.py"


rule select_paralogs:
    input:
        candidates="results/{run}/paralogs/candidates.parquet",
    output:
        pairs="results/{run}/paralogs/pairs.parquet",
        excluded="results/{run}/paralogs/excluded.parquet",
        representatives="results/{run}/paralogs/representatives.parquet",
    log:
        logs("paralogs", "select_paralogs"),
    benchmark:
        benchmarks("paralogs", "select_paralogs")
    conda:
        "../../envs/cd-hit.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        **settings("paralogs", "source", "cluster_identity"),
        code=code("select_paralogs"),
    script:
        "../scripts/select_paralogs.py"


# The pairs' proteins are a corpus of their own, embedded as any other.
use rule embed_proteins as embed_paralogs with:
    wildcard_constraints:
        corpus="paralogs",


use rule build_embedding_store as build_paralog_store with:
    wildcard_constraints:
        corpus="paralogs",


rule predict_paralogs:
    input:
        model="results/{run}/glm/model.safetensors",
        pairs="results/{run}/paralogs/pairs.parquet",
        store="results/{run}/paralogs/embedding_store.npy",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
        training_store="results/{run}/metagenomes/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        calls="results/{run}/paralogs/calls.parquet",
        results="results/{run}/paralogs/results.parquet",
        coordinates="results/{run}/paralogs/projection.parquet",
        numbers="results/{run}/paralogs/numbers.parquet",
    log:
        logs("paralogs", "predict_paralogs"),
    benchmark:
        benchmarks("paralogs", "predict_paralogs")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        # of the training store, which is most of the input, little is read at a time
        mem_mb=memory(8000, 0.15),
        runtime=minutes(240, 1),
    params:
        **settings("paralogs", "chance_rounds", "bootstrap_rounds", "projection"),
        seed=setting("seed"),
        code=code("predict_paralogs"),
    script:
        "../scripts/predict_paralogs.py"


rule plot_paralogs:
    input:
        calls="results/{run}/paralogs/calls.parquet",
        results="results/{run}/paralogs/results.parquet",
        coordinates="results/{run}/paralogs/projection.parquet",
        numbers="results/{run}/paralogs/numbers.parquet",
    output:
        figures=drawn(
            "results/{run}/paralogs/figures",
            "paralog_projection",
            "paralog_counts",
            "paralog_confidence",
        ),
    log:
        logs("paralogs", "plot_paralogs"),
    benchmark:
        benchmarks("paralogs", "plot_paralogs")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("plot_paralogs"),
    script:
        "../scripts/plot_paralogs.py"


rule paralogs:
    input:
        expand(rules.plot_paralogs.output.figures, run=config["run"]),
        f"{RUN}/paralogs/results.parquet",
        f"{RUN}/paralogs/excluded.parquet",
        f"{RUN}/paralogs/numbers.parquet",


if PARALOGS_ARE_KNOWN:
    SCORECARD_NUMBERS.append("results/{run}/paralogs/numbers.parquet")
    REPORT_FIGURES.extend(rules.plot_paralogs.output.figures)
