"""Attention and operons (Figure 4A-C, Extended Data 5), with the baselines that they lack."""

OPERON_FIGURES = [
    "attention_heads",
    "operon_examples",
    "operon_precision_recall",
    "operon_comparison",
    "operon_calibration",
    "attention_of_one_subcontig",
]
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
        genes=f"{OPERONS}/{{genome}}/genes.parquet",
        pairs=f"{OPERONS}/{{genome}}/pairs.parquet",
        mapping=f"{OPERONS}/{{genome}}/mapping.parquet",
    log:
        "logs/{run}/operons/{genome}/label_operons.log",
    benchmark:
        "results/{run}/benchmarks/operons/{genome}/label_operons.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10, 10),
    params:
        code=code("label_operons"),
        assembly=one_assembly,
        source=lambda wildcards, input: optional("--source", input.source or None),
        proteins=lambda wildcards, input: optional("--proteins", input.proteins or None),
        synonyms=optional("--synonyms", SYNONYMS),
        genes_per_stretch=setting("operons", "genes_per_stretch"),
    shell:
        f"python {SCRIPTS}/label_operons.py --genes {{input.genes}} "
        "--contigs {input.contigs} --subcontigs {input.subcontigs} {params.proteins} "
        "{params.assembly} {params.source} {params.synonyms} "
        "--genes-per-stretch {params.genes_per_stretch} --output-genes {output.genes} "
        "--pairs {output.pairs} --mapping {output.mapping} --log {log}"


rule correlate_heads:
    input:
        **{variant: attention("reference", variant) for variant in ATTENTION_VARIANTS},
        pairs=f"{OPERONS}/reference/pairs.parquet",
    output:
        heads=f"{OPERONS}/attention_heads.parquet",
    log:
        "logs/{run}/operons/correlate_heads.log",
    benchmark:
        "results/{run}/benchmarks/operons/correlate_heads.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000, 20),
        runtime=minutes(20),
    params:
        code=code("correlate_heads"),
        attention=attention_options,
        rounds=setting("operons", "bootstrap_rounds"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/correlate_heads.py --pairs {{input.pairs}} {{params.attention}} "
        "--bootstrap-rounds {params.rounds} --seed {params.seed} --output {output.heads} "
        "--log {log}"


rule classify_operons:
    input:
        **{variant: attention("reference", variant) for variant in ATTENTION_VARIANTS},
        pairs=f"{OPERONS}/reference/pairs.parquet",
        subcontigs="results/{run}/reference/subcontigs.parquet",
        store="results/{run}/reference/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
    output:
        comparison=f"{OPERONS}/comparison.parquet",
        scores=f"{OPERONS}/scores.parquet",
    log:
        "logs/{run}/operons/classify_operons.log",
    benchmark:
        "results/{run}/benchmarks/operons/classify_operons.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000, 20),
        runtime=minutes(30),
    params:
        code=code("classify_operons"),
        attention=attention_options,
        rounds=setting("operons", "bootstrap_rounds"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/classify_operons.py --pairs {{input.pairs}} {{params.attention}} "
        "--subcontigs {input.subcontigs} --store {input.store} "
        "--standardisation {input.standardisation} --bootstrap-rounds {params.rounds} "
        "--seed {params.seed} --output {output.comparison} --scores {output.scores} --log {log}"


rule fit_operon_predictor:
    input:
        pairs=f"{OPERONS}/reference/pairs.parquet",
        attention=attention("reference", "trained"),
        scores=f"{OPERONS}/scores.parquet",
    output:
        predictor=f"{OPERONS}/predictor.json",
    log:
        "logs/{run}/operons/fit_operon_predictor.log",
    benchmark:
        "results/{run}/benchmarks/operons/fit_operon_predictor.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("fit_operon_predictor"),
        genome=setting("reference", "name"),
    shell:
        f"python {SCRIPTS}/fit_operon_predictor.py --pairs {{input.pairs}} "
        "--attention {input.attention} --scores {input.scores} --genome {params.genome:q} "
        "--output {output.predictor} --log {log}"


rule predict_operons:
    input:
        predictor=f"{OPERONS}/predictor.json",
        genes=f"{OPERONS}/{{genome}}/genes.parquet",
        pairs=f"{OPERONS}/{{genome}}/pairs.parquet",
        attention=lambda wildcards: expand(
            attention(wildcards.genome, "trained"), run=wildcards.run
        ),
    output:
        predictions=f"{OPERONS}/{{genome}}/predictions.parquet",
    log:
        "logs/{run}/operons/{genome}/predict_operons.log",
    benchmark:
        "results/{run}/benchmarks/operons/{genome}/predict_operons.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("predict_operons"),
    shell:
        f"python {SCRIPTS}/predict_operons.py --predictor {{input.predictor}} "
        "--genes {input.genes} --pairs {input.pairs} --attention {input.attention} "
        "--output {output.predictions} --log {log}"


rule evaluate_operon_transfer:
    input:
        predictor=f"{OPERONS}/predictor.json",
        predictions=[f"{OPERONS}/{genome}/predictions.parquet" for genome in TRANSFER],
    output:
        transfer=f"{OPERONS}/transfer.parquet",
        calibration=f"{OPERONS}/calibration.parquet",
    log:
        "logs/{run}/operons/evaluate_operon_transfer.log",
    benchmark:
        "results/{run}/benchmarks/operons/evaluate_operon_transfer.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("evaluate_operon_transfer"),
        predictions=transfer_predictions,
        rounds=setting("operons", "bootstrap_rounds"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/evaluate_operon_transfer.py --predictor {{input.predictor}} "
        "{params.predictions} --bootstrap-rounds {params.rounds} --seed {params.seed} "
        "--output {output.transfer} --calibration {output.calibration} --log {log}"


rule plot_operons:
    input:
        heads=f"{OPERONS}/attention_heads.parquet",
        comparison=f"{OPERONS}/comparison.parquet",
        scores=f"{OPERONS}/scores.parquet",
        transfer=f"{OPERONS}/transfer.parquet",
        calibration=f"{OPERONS}/calibration.parquet",
        genes=f"{OPERONS}/reference/genes.parquet",
        pairs=f"{OPERONS}/reference/pairs.parquet",
        proteins="results/{run}/reference/proteins.parquet",
        attention=attention("reference", "trained"),
    output:
        figures=drawn(f"{OPERONS}/figures", *OPERON_FIGURES),
    log:
        "logs/{run}/operons/plot_operons.log",
    benchmark:
        "results/{run}/benchmarks/operons/plot_operons.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("plot_operons"),
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
        genome=setting("reference", "name"),
        examples=setting("operons", "examples"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/plot_operons.py --heads {{input.heads}} "
        "--comparison {input.comparison} --scores {input.scores} --transfer {input.transfer} "
        "--calibration {input.calibration} --genes {input.genes} --pairs {input.pairs} "
        "--proteins {input.proteins} --attention {input.attention} --genome {params.genome:q} "
        "--examples {params.examples} --seed {params.seed} --folder {params.folder} --log {log}"


rule summarise_operons:
    input:
        heads=f"{OPERONS}/attention_heads.parquet",
        comparison=f"{OPERONS}/comparison.parquet",
        pairs=f"{OPERONS}/reference/pairs.parquet",
    output:
        numbers=f"{OPERONS}/numbers.parquet",
    log:
        "logs/{run}/operons/summarise_operons.log",
    benchmark:
        "results/{run}/benchmarks/operons/summarise_operons.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("summarise_operons"),
    shell:
        f"python {SCRIPTS}/summarise_operons.py --heads {{input.heads}} "
        "--comparison {input.comparison} --pairs {input.pairs} --output {output.numbers} "
        "--log {log}"


rule operons:
    input:
        expand(rules.plot_operons.output.figures, run=config["run"]),
        f"{RUN}/operons/reference/predictions.parquet",
        f"{RUN}/operons/transfer.parquet",
        f"{RUN}/operons/numbers.parquet",


SCORECARD_NUMBERS.append("results/{run}/operons/numbers.parquet")
REPORT_FIGURES.extend(rules.plot_operons.output.figures)
