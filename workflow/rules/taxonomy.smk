"""Taxonomy of contigs from embeddings with and without context (Figure 5)."""

TAXONOMY = "results/{run}/taxonomy"
TAXONOMY_SOURCE = setting("taxonomy", "source")
TAXONOMY_SHARDS = range(setting("taxonomy", "shards"))

if TAXONOMY_SOURCE == "corpus":

    rule sample_corpus:
        input:
            subcontigs="results/{run}/metagenomes/subcontigs.parquet",
            store="results/{run}/metagenomes/embedding_store.npy",
            lineages=setting("taxonomy", "lineages")
            or (
                "results/{run}/metagenomes/release/genomes.parquet"
                if FROM_REFSEQ
                else []
            ),
        output:
            chosen=f"{TAXONOMY}/subcontigs.parquet",
            chosen_store=f"{TAXONOMY}/embedding_store.npy",
            chosen_stamp=f"{TAXONOMY}/embedding_store.json",
            contigs=f"{TAXONOMY}/contigs.parquet",
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        params:
            **settings("taxonomy", "per_genome", "genes"),
            seed=setting("seed"),
        script:
            "../scripts/sample_corpus.py"

else:

    rule choose_genomes:
        input:
            manifest="results/{run}/refseq/manifest.parquet",
        output:
            genomes=f"{TAXONOMY}/genomes.parquet",
        resources:
            mem_mb=memory(8000),
            runtime=minutes(30),
        script:
            "../scripts/choose_genomes.py"

    rule sample_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
        output:
            windows=f"{TAXONOMY}/windows/{{shard}}.parquet",
            skipped=f"{TAXONOMY}/windows/skipped_{{shard}}.parquet",
        resources:
            mem_mb=memory(4000),
            runtime=minutes(720),
        params:
            **settings("taxonomy", "genes", "minimum_genes"),
            folder=f"{TAXONOMY}/refseq",
            shards=len(TAXONOMY_SHARDS),
            seed=setting("seed"),
        script:
            "../scripts/sample_genomes.py"

    rule collect_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
            windows=[f"{TAXONOMY}/windows/{n}.parquet" for n in TAXONOMY_SHARDS],
            left_out=[
                f"{TAXONOMY}/windows/skipped_{n}.parquet" for n in TAXONOMY_SHARDS
            ],
        output:
            subcontigs=f"{TAXONOMY}/subcontigs.parquet",
            representatives=f"{TAXONOMY}/representatives.parquet",
            contigs=f"{TAXONOMY}/contigs.parquet",
            skipped=f"{TAXONOMY}/skipped.parquet",
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        script:
            "../scripts/collect_genomes.py"


rule embed_contigs:
    input:
        **MODEL,
        subcontigs=f"{TAXONOMY}/subcontigs.parquet",
        store=f"{TAXONOMY}/embedding_store.npy",
    output:
        features=f"{TAXONOMY}/features.parquet",
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(12000),
        runtime=minutes(60),
    params:
        **settings("contextualisation", "subcontigs_per_batch", "precision", "layer"),
        seeds=setting("taxonomy", "seeds"),
        seed=setting("seed"),
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
            "bootstrap_rounds",
            "projection",
        ),
        seed=setting("seed"),
    script:
        "../scripts/classify_taxonomy.py"
