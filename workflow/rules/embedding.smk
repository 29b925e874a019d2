"""Proteins to vectors, and what the model reads and predicts (Methods, Sequence database)."""

from glm.cluster import gpu_resources


rule download_protein_model:
    input:
        protein_model_files,
    output:
        "results/{run}/protein_model/config.json",
        "results/{run}/protein_model/model.safetensors",
        "results/{run}/protein_model/vocab.txt",
        identity="results/{run}/protein_model/identity.json",
    log:
        "logs/{run}/download_protein_model.log",
    benchmark:
        "results/{run}/benchmarks/download_protein_model.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(120),
    params:
        **settings("embedding", "model", "revision", "allow_random_weights"),
        code=code("download_protein_model"),
    script:
        "../scripts/download_protein_model.py"


rule embed_proteins:
    input:
        "results/{run}/protein_model/config.json",
        # says whose weights they are: their date alone embeds nothing anew
        "results/{run}/protein_model/identity.json",
        ancient("results/{run}/protein_model/model.safetensors"),
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        embeddings="results/{run}/{corpus}/embeddings/{shard}.parquet",
    log:
        logs("{corpus}", "embed_proteins/{shard}"),
    benchmark:
        benchmarks("{corpus}", "embed_proteins/{shard}")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("embedding", "gpus")),
        mem_mb=memory(8000, 0.5),
        runtime=minutes(240),
    params:
        **settings(
            "embedding",
            "layer",
            "maximum_residues",
            "maximum_tokens",
            "residues_per_batch",
            "precision",
            "gpus",
            "allow_random_weights",
        ),
        model=lambda wildcards, input: str(Path(input[0]).parent),
        shards=lambda wildcards: embedding_shards(wildcards.corpus),
        code=code("embed_proteins"),
    script:
        "../scripts/embed_proteins.py"


rule build_embedding_store:
    input:
        embeddings=embeddings,
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        store="results/{run}/{corpus}/embedding_store.npy",
        stamp="results/{run}/{corpus}/embedding_store.json",
    log:
        logs("{corpus}", "build_embedding_store"),
    benchmark:
        benchmarks("{corpus}", "build_embedding_store")
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30, 1),
    params:
        code=code("build_embedding_store"),
    script:
        "../scripts/build_embedding_store.py"


rule fit_features:
    input:
        embeddings=embeddings,
        representatives="results/{run}/metagenomes/representatives.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
    output:
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    log:
        logs("embedding", "fit_features"),
    benchmark:
        benchmarks("embedding", "fit_features")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60, 3),
    params:
        **settings("labels", "components"),
        code=code("fit_features"),
    script:
        "../scripts/fit_features.py"
