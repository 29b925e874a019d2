"""What the trained gLM makes of genes in their context (Methods: Contextualized embedding
calculation and visualization, Attention analysis)."""

from glm.cluster import gpu_resources


wildcard_constraints:
    genome="|".join(["reference", *TRANSFER]),
    variant="|".join(ATTENTION_VARIANTS),


rule contextualise_subcontigs:
    input:
        model="results/{run}/glm/model.safetensors",
        subcontigs="results/{run}/{corpus}/subcontigs.parquet",
        store="results/{run}/{corpus}/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        contextual="results/{run}/{corpus}/contextual/{variant}/{shard}.parquet",
    log:
        logs(
            "{corpus}",
            "contextual/{variant}/contextualise_subcontigs/{shard}",
        ),
    benchmark:
        benchmarks("{corpus}", "contextual/{variant}/contextualise_subcontigs/{shard}")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(12000),
        runtime=minutes(240),
    params:
        **settings(
            "contextualisation",
            "subcontigs_per_batch",
            "precision",
            "stored_precision",
            "gpus",
        ),
        shards=lambda wildcards: contextual_shards(wildcards.corpus),
        run_seed=setting("seed"),
        code=code("contextualise_subcontigs"),
    script:
        "../scripts/contextualise_subcontigs.py"


rule extract_attention:
    input:
        model="results/{run}/glm/model.safetensors",
        subcontigs=of_corpus("subcontigs.parquet"),
        store=of_corpus("embedding_store.npy"),
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        attention="results/{run}/attention/{genome}/{variant}/{shard}.parquet",
    log:
        logs("attention", "{genome}/{variant}/extract_attention/{shard}"),
    benchmark:
        benchmarks("attention", "{genome}/{variant}/extract_attention/{shard}")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        # a genome of the corpus is read alone; the reference is a corpus of its own
        assembly=lambda wildcards: TRANSFER.get(wildcards.genome, {}).get("assembly"),
        shards=setting("operons", "attention_shards"),
        run_seed=setting("seed"),
        code=code("extract_attention"),
    script:
        "../scripts/extract_attention.py"
