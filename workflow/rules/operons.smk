"""Attention and operons (Figure 4A-C, Extended Data 5), with the baselines that they lack."""

from glm.inference.names import ATTENTION_VARIANTS

OPERONS = "results/{run}/operons"
# The corpus that each genome lies in, and, where it is one assembly of many, that assembly.
CORPUS_OF = {"reference": "reference", **dict.fromkeys(TRANSFER, "metagenomes")}
ASSEMBLY_OF = {name: entry["assembly"] for name, entry in TRANSFER.items()}
of_genome = lambda file: lambda wildcards: (
    f"results/{wildcards.run}/{CORPUS_OF[wildcards.genome]}/{file}"
)
attention = lambda genome, variant="trained": [
    f"results/{{run}}/attention/{genome}/{variant}/{shard}.parquet"
    for shard in range(setting("operons", "attention_shards"))
]


wildcard_constraints:
    genome="|".join(CORPUS_OF),


rule extract_attention:
    input:
        **MODEL,
        subcontigs=of_genome("subcontigs.parquet"),
        store=of_genome("embedding_store.npy"),
    output:
        attention="results/{run}/attention/{genome}/{variant}/{shard}.parquet",
    wildcard_constraints:
        variant="|".join(ATTENTION_VARIANTS),
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        # a genome of the corpus is read alone; the reference is a corpus of its own
        assembly=lambda wildcards: ASSEMBLY_OF.get(wildcards.genome),
        shards=setting("operons", "attention_shards"),
        run_seed=setting("seed"),
    script:
        "../scripts/extract_attention.py"


rule extract_couplings:
    input:
        **MODEL,
        subcontigs="results/{run}/reference/subcontigs.parquet",
        store="results/{run}/reference/embedding_store.npy",
    output:
        couplings="results/{run}/couplings/reference.parquet",
    threads: 8
    resources:
        # each subcontig of 30 genes is read 465 times: minutes on a GPU, hours without
        **ON_A_GPU,
        mem_mb=memory(12000),
        runtime=minutes(240),
    script:
        "../scripts/extract_couplings.py"


rule label_operons:
    input:
        genes=of_genome("genes.parquet"),
        contigs=of_genome("contigs.parquet"),
        subcontigs=of_genome("subcontigs.parquet"),
        # gene names, which an MGnify release does not give
        proteins=lambda wildcards: (
            of_genome("proteins.parquet")(wildcards)
            if SINGLE_GENOMES or wildcards.genome == "reference"
            else []
        ),
        source=lambda wildcards: local(f"operons/{wildcards.genome}/list") or [],
        synonyms=local("operons/synonyms") or [],
    output:
        labelled_genes=f"{OPERONS}/{{genome}}/genes.parquet",
        pairs=f"{OPERONS}/{{genome}}/pairs.parquet",
        mapping=f"{OPERONS}/{{genome}}/mapping.parquet",
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10, 10),
    params:
        **settings("operons", "genes_per_stretch"),
        # one assembly of the training corpus; the reference is all of its own
        assembly=lambda wildcards: ASSEMBLY_OF.get(wildcards.genome),
    script:
        "../scripts/label_operons.py"


rule classify_operons:
    input:
        **MODEL,
        **{variant: attention("reference", variant) for variant in ATTENTION_VARIANTS},
        couplings=rules.extract_couplings.output.couplings,
        genes=f"{OPERONS}/reference/genes.parquet",
        pairs=f"{OPERONS}/reference/pairs.parquet",
        proteins="results/{run}/reference/proteins.parquet",
        subcontigs="results/{run}/reference/subcontigs.parquet",
        store="results/{run}/reference/embedding_store.npy",
    output:
        heads=f"{OPERONS}/attention_heads.parquet",
        comparison=f"{OPERONS}/comparison.parquet",
        scores=f"{OPERONS}/scores.parquet",
        predictor=f"{OPERONS}/predictor.json",
        numbers=f"{OPERONS}/numbers.parquet",
        figures=drawn(
            f"{OPERONS}/figures",
            "attention_heads",
            "operon_examples",
            "operon_precision_recall",
            "operon_comparison",
            "attention_of_one_subcontig",
        ),
    resources:
        mem_mb=memory(4000, 20),
        runtime=minutes(60),
    params:
        **settings("operons", "bootstrap_rounds", "examples"),
        genome=setting("reference", "name") if HAS_REFERENCE else None,
        run_seed=setting("seed"),
        seed=setting("seed"),
    script:
        "../scripts/classify_operons.py"


rule predict_operons:
    input:
        predictor=f"{OPERONS}/predictor.json",
        genes=[f"{OPERONS}/{genome}/genes.parquet" for genome in CORPUS_OF],
        pairs=[f"{OPERONS}/{genome}/pairs.parquet" for genome in CORPUS_OF],
        attention=[path for genome in CORPUS_OF for path in attention(genome)],
    output:
        predictions=[f"{OPERONS}/{genome}/predictions.parquet" for genome in CORPUS_OF],
        transfer=f"{OPERONS}/transfer.parquet",
        calibration=f"{OPERONS}/calibration.parquet",
        figures=drawn(f"{OPERONS}/figures", "operon_calibration"),
    resources:
        mem_mb=memory(4000),
        runtime=minutes(20),
    params:
        **settings("operons", "bootstrap_rounds"),
        assemblies=list(ASSEMBLY_OF.values()),
        seed=setting("seed"),
    script:
        "../scripts/predict_operons.py"
