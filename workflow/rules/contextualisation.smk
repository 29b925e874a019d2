"""What the trained gLM makes of genes in their context (Methods, Attention analysis)."""


wildcard_constraints:
    genome="|".join(["reference", *TRANSFER]),
    variant="|".join(ATTENTION_VARIANTS),


rule extract_attention:
    input:
        model="results/{run}/glm/model.safetensors",
        subcontigs=of_corpus("subcontigs.parquet"),
        store=of_corpus("embedding_store.npy"),
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
        code=code(
            "extract_attention",
            "contextualisation/attention",
            "model/genomic",
            "model/features",
        ),
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
        model=lambda wildcards, input: Path(input.model).parent,
        assembly=one_assembly,
        shards=setting("operons", "attention_shards"),
        seed=setting("seed"),
    shell:
        "python workflow/scripts/extract_attention.py --model {params.model} "
        "--subcontigs {input.subcontigs} {params.assembly} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--variant {wildcards.variant} --shard {wildcards.shard} --shards {params.shards} "
        "--threads {threads} --seed {params.seed} --output {output.attention} --log {log}"
