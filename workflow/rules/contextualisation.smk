"""What the trained gLM makes of genes in their context (Methods: Contextualized embedding
calculation and visualization, Attention analysis)."""

from glm.inference.names import VARIANTS

CONTEXTUAL_SHARDS = setting("contextualisation", "shards")


rule contextualise_subcontigs:
    input:
        **MODEL,
        subcontigs="results/{run}/{corpus}/subcontigs.parquet",
        store="results/{run}/{corpus}/embedding_store.npy",
    output:
        contextual="results/{run}/{corpus}/contextual/{variant}/{shard}.parquet",
    wildcard_constraints:
        variant="|".join(VARIANTS),
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(12000),
        runtime=minutes(240),
    params:
        **settings(
            "contextualisation",
            "subcontigs_per_batch",
            "precision",
            "layer",
            "stored_precision",
        ),
        shards=lambda wildcards: (
            CONTEXTUAL_SHARDS if wildcards.corpus == "metagenomes" else 1
        ),
        run_seed=setting("seed"),
    script:
        "../scripts/contextualise_subcontigs.py"
