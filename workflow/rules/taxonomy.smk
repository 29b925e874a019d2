"""Taxonomy of contigs from embeddings with and without context (Figure 5)."""

from glm.cluster import gpu_resources

TAXONOMY = "results/{run}/taxonomy"
TAXONOMY_SOURCE = setting("taxonomy", "source")
TAXONOMY_SHARDS = range(setting("taxonomy", "shards"))


localrules:
    taxonomy,


if TAXONOMY_SOURCE == "corpus":

    rule sample_corpus:
        input:
            subcontigs="results/{run}/metagenomes/subcontigs.parquet",
            store="results/{run}/metagenomes/embedding_store.npy",
            lineages=setting("taxonomy", "lineages") or [],
        output:
            chosen=f"{TAXONOMY}/subcontigs.parquet",
            chosen_store=f"{TAXONOMY}/embedding_store.npy",
            chosen_stamp=f"{TAXONOMY}/embedding_store.json",
            contigs=f"{TAXONOMY}/contigs.parquet",
        log:
            logs("taxonomy", "sample_corpus"),
        benchmark:
            benchmarks("taxonomy", "sample_corpus")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        params:
            per_genome=setting("taxonomy", "per_genome"),
            genes=lambda wildcards: within_reach(
                setting("taxonomy", "genes"), "taxonomy.genes"
            ),
            seed=setting("seed"),
            code=code("sample_corpus"),
        script:
            "../scripts/sample_corpus.py"

else:

    rule download_taxonomy:
        output:
            manifest=f"{TAXONOMY}/lists/manifest.parquet",
        log:
            logs("taxonomy", "download_taxonomy"),
        benchmark:
            benchmarks("taxonomy", "download_taxonomy")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=minutes(120),
        params:
            **settings("taxonomy", "refseq", "taxdump"),
            code=code("download_taxonomy"),
        script:
            "../scripts/download_taxonomy.py"

    rule choose_genomes:
        input:
            manifest=f"{TAXONOMY}/lists/manifest.parquet",
        output:
            genomes=f"{TAXONOMY}/genomes.parquet",
        log:
            logs("taxonomy", "choose_genomes"),
        benchmark:
            benchmarks("taxonomy", "choose_genomes")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(30),
        params:
            code=code("choose_genomes"),
        script:
            "../scripts/choose_genomes.py"

    rule sample_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
        output:
            windows=f"{TAXONOMY}/windows/{{shard}}.parquet",
            skipped=f"{TAXONOMY}/windows/skipped_{{shard}}.parquet",
        log:
            logs("taxonomy", "sample_genomes/{shard}"),
        benchmark:
            benchmarks("taxonomy", "sample_genomes/{shard}")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=minutes(720),
        params:
            folder=f"{TAXONOMY}/refseq",
            shards=len(TAXONOMY_SHARDS),
            genes=lambda wildcards: within_reach(
                setting("taxonomy", "genes"), "taxonomy.genes"
            ),
            minimum_genes=setting("taxonomy", "minimum_genes"),
            seed=setting("seed"),
            code=code("sample_genomes"),
        script:
            "../scripts/sample_genomes.py"

    rule collect_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
            windows=expand(
                f"{TAXONOMY}/windows/{{shard}}.parquet",
                shard=TAXONOMY_SHARDS,
                allow_missing=True,
            ),
            left_out=expand(
                f"{TAXONOMY}/windows/skipped_{{shard}}.parquet",
                shard=TAXONOMY_SHARDS,
                allow_missing=True,
            ),
        output:
            subcontigs=f"{TAXONOMY}/subcontigs.parquet",
            representatives=f"{TAXONOMY}/representatives.parquet",
            contigs=f"{TAXONOMY}/contigs.parquet",
            skipped=f"{TAXONOMY}/skipped.parquet",
        log:
            logs("taxonomy", "collect_genomes"),
        benchmark:
            benchmarks("taxonomy", "collect_genomes")
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        params:
            code=code("collect_genomes"),
        script:
            "../scripts/collect_genomes.py"

    # The contigs' proteins are a corpus of their own, embedded as any other.
    use rule embed_proteins as embed_taxonomy with:
        wildcard_constraints:
            corpus="taxonomy",

    use rule build_embedding_store as build_taxonomy_store with:
        wildcard_constraints:
            corpus="taxonomy",


rule embed_contigs:
    input:
        subcontigs=f"{TAXONOMY}/subcontigs.parquet",
        store=f"{TAXONOMY}/embedding_store.npy",
        model="results/{run}/glm/model.safetensors",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        features=f"{TAXONOMY}/features.parquet",
    log:
        logs("taxonomy", "embed_contigs"),
    benchmark:
        benchmarks("taxonomy", "embed_contigs")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(12000),
        runtime=minutes(60),
    params:
        **settings("contextualisation", "subcontigs_per_batch", "precision", "gpus"),
        seeds=setting("taxonomy", "seeds"),
        seed=setting("seed"),
        code=code("embed_contigs"),
    script:
        "../scripts/embed_contigs.py"


rule classify_taxonomy:
    input:
        contigs=f"{TAXONOMY}/contigs.parquet",
        features=f"{TAXONOMY}/features.parquet",
    output:
        results=f"{TAXONOMY}/results.parquet",
        curves=f"{TAXONOMY}/curves.parquet",
        confusion=f"{TAXONOMY}/confusion.parquet",
        coordinates=f"{TAXONOMY}/projection.parquet",
        numbers=f"{TAXONOMY}/numbers.parquet",
        figures=drawn(
            f"{TAXONOMY}/figures",
            "taxonomy_projection",
            "taxonomy_precision_recall",
            "taxonomy_confusion",
            "taxonomy_viruses",
        ),
    log:
        logs("taxonomy", "classify_taxonomy"),
    benchmark:
        benchmarks("taxonomy", "classify_taxonomy")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
    params:
        **settings(
            "taxonomy",
            "label",
            "group",
            "folds",
            "seeds",
            "genes",
            "bootstrap_rounds",
            "projection",
        ),
        seed=setting("seed"),
        code=code("classify_taxonomy"),
    script:
        "../scripts/classify_taxonomy.py"


rule taxonomy:
    input:
        expand(rules.classify_taxonomy.output.figures, run=config["run"]),
        f"{RUN}/taxonomy/numbers.parquet",


if TAXONOMY_SOURCE:
    SCORECARD_NUMBERS.append("results/{run}/taxonomy/numbers.parquet")
    REPORT_FIGURES.extend(rules.classify_taxonomy.output.figures)
