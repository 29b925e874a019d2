"""Attention and operons (Figure 4A-C, Extended Data 5), with the baselines that they lack."""

OPERONS = "results/{run}/operons"


localrules:
    operons,


rule label_operons:
    input:
        genes=of_corpus("genes.parquet"),
        contigs=of_corpus("contigs.parquet"),
        subcontigs=of_corpus("subcontigs.parquet"),
        proteins=gene_names,
        source=lambda wildcards: OPERON_LISTS[wildcards.genome] or [],
        synonyms=SYNONYMS or [],
    output:
        labelled_genes=f"{OPERONS}/{{genome}}/genes.parquet",
        pairs=f"{OPERONS}/{{genome}}/pairs.parquet",
        mapping=f"{OPERONS}/{{genome}}/mapping.parquet",
    log:
        logs("operons/{genome}", "label_operons"),
    benchmark:
        benchmarks("operons/{genome}", "label_operons")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10, 10),
    params:
        **settings("operons", "genes_per_stretch"),
        # one assembly of the training corpus; the reference is all of its own
        assembly=lambda wildcards: TRANSFER.get(wildcards.genome, {}).get("assembly"),
        code=code("label_operons"),
    script:
        "../scripts/label_operons.py"


rule classify_operons:
    input:
        **{variant: attention("reference", variant) for variant in ATTENTION_VARIANTS},
        genes=f"{OPERONS}/reference/genes.parquet",
        pairs=f"{OPERONS}/reference/pairs.parquet",
        proteins="results/{run}/reference/proteins.parquet",
        subcontigs="results/{run}/reference/subcontigs.parquet",
        store="results/{run}/reference/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
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
    log:
        logs("operons", "classify_operons"),
    benchmark:
        benchmarks("operons", "classify_operons")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000, 20),
        runtime=minutes(60),
    params:
        **settings("operons", "bootstrap_rounds", "examples"),
        genome=setting("reference", "name"),
        run_seed=setting("seed"),
        seed=setting("seed"),
        code=code("classify_operons"),
    script:
        "../scripts/classify_operons.py"


rule predict_operons:
    input:
        predictor=f"{OPERONS}/predictor.json",
        genes=f"{OPERONS}/{{genome}}/genes.parquet",
        pairs=f"{OPERONS}/{{genome}}/pairs.parquet",
        attention=attention("{genome}", "trained"),
    output:
        predictions=f"{OPERONS}/{{genome}}/predictions.parquet",
    log:
        logs("operons/{genome}", "predict_operons"),
    benchmark:
        benchmarks("operons/{genome}", "predict_operons")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("predict_operons"),
    script:
        "../scripts/predict_operons.py"


rule evaluate_operon_transfer:
    input:
        predictor=f"{OPERONS}/predictor.json",
        predictions=[f"{OPERONS}/{genome}/predictions.parquet" for genome in TRANSFER],
    output:
        transfer=f"{OPERONS}/transfer.parquet",
        calibration=f"{OPERONS}/calibration.parquet",
        figures=drawn(f"{OPERONS}/figures", "operon_calibration"),
    log:
        logs("operons", "evaluate_operon_transfer"),
    benchmark:
        benchmarks("operons", "evaluate_operon_transfer")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        **settings("operons", "bootstrap_rounds"),
        assemblies=[entry["assembly"] for entry in TRANSFER.values()],
        seed=setting("seed"),
        code=code("evaluate_operon_transfer"),
    script:
        "../scripts/evaluate_operon_transfer.py"


OPERON_FIGURES = [
    *rules.classify_operons.output.figures,
    *rules.evaluate_operon_transfer.output.figures,
]


rule operons:
    input:
        expand(OPERON_FIGURES, run=config["run"]),
        f"{RUN}/operons/reference/predictions.parquet",
        f"{RUN}/operons/transfer.parquet",
        f"{RUN}/operons/numbers.parquet",


SCORECARD_NUMBERS.append("results/{run}/operons/numbers.parquet")
REPORT_FIGURES.extend(OPERON_FIGURES)
