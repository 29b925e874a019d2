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
        "logs/{run}/{corpus}/contextual/{variant}/contextualise_subcontigs/{shard}.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/contextual/{variant}/contextualise_subcontigs/{shard}.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(12000),
        runtime=minutes(240),
    params:
        code=code("contextualise_subcontigs"),
        model=lambda wildcards, input: Path(input.model).parent,
        shards=lambda wildcards: contextual_shards(wildcards.corpus),
        batch=setting("contextualisation", "subcontigs_per_batch"),
        precision=setting("contextualisation", "precision"),
        stored=setting("contextualisation", "stored_precision"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/contextualise_subcontigs.py --model {{params.model}} "
        "--subcontigs {input.subcontigs} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--variant {wildcards.variant} --shard {wildcards.shard} --shards {params.shards} "
        "--subcontigs-per-batch {params.batch} --precision {params.precision} "
        "--stored-precision {params.stored} --gpus {params.gpus} --threads {threads} --seed {params.seed} "
        "--output {output.contextual} --log {log}"


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
        "logs/{run}/attention/{genome}/{variant}/extract_attention/{shard}.log",
    benchmark:
        "results/{run}/benchmarks/attention/{genome}/{variant}/extract_attention/{shard}.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        code=code("extract_attention"),
        model=lambda wildcards, input: Path(input.model).parent,
        assembly=one_assembly,
        shards=setting("operons", "attention_shards"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/extract_attention.py --model {{params.model}} "
        "--subcontigs {input.subcontigs} {params.assembly} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--variant {wildcards.variant} --shard {wildcards.shard} --shards {params.shards} "
        "--threads {threads} --seed {params.seed} --output {output.attention} --log {log}"
