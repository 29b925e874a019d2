"""Enzyme classes from embeddings with and without context (Figure 3C, Extended Data 3-4)."""

from glm.cluster import gpu_resources

ENZYMES = "results/{run}/enzymes"
ENZYMES_ARE_KNOWN = setting("enzymes", "reference") is not None
ENZYME_FIGURES = ["enzyme_results", "enzyme_classes"]


localrules:
    enzymes,


rule assign_enzymes:
    input:
        representatives="results/{run}/metagenomes/representatives.parquet",
        reference=REFERENCE_SETS["enzymes"] or [],
    output:
        enzymes=f"{ENZYMES}/enzymes.parquet",
    log:
        "logs/{run}/enzymes/assign_enzymes.log",
    benchmark:
        "results/{run}/benchmarks/enzymes/assign_enzymes.tsv"
    conda:
        "../../envs/mmseqs2.yaml"
    threads: 32
    resources:
        mem_mb=memory(32000, 2),
        runtime=minutes(60, 120),
    params:
        code=code("assign_enzymes"),
        sensitivity=setting("enzymes", "sensitivity"),
        e_value=setting("enzymes", "e_value"),
        identity=setting("enzymes", "identity"),
        coverage=setting("enzymes", "coverage"),
    shell:
        f"python {SCRIPTS}/assign_enzymes.py --representatives {{input.representatives}} "
        "--reference {input.reference} --sensitivity {params.sensitivity} --e-value {params.e_value} "
        "--identity {params.identity} --coverage {params.coverage} "
        "--memory {resources.mem_mb} --threads {threads} --output {output.enzymes} --log {log}"


rule select_enzymes:
    input:
        enzymes=f"{ENZYMES}/enzymes.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
        representatives="results/{run}/metagenomes/representatives.parquet",
    output:
        examples=f"{ENZYMES}/examples.parquet",
    log:
        "logs/{run}/enzymes/select_enzymes.log",
    benchmark:
        "results/{run}/benchmarks/enzymes/select_enzymes.tsv"
    conda:
        "../../envs/mmseqs2.yaml"
    threads: 8
    resources:
        mem_mb=memory(8000, 0.3),
        runtime=minutes(30, 10),
    params:
        code=code("select_enzymes"),
        sampled=setting("enzymes", "subcontigs"),
        minimum=setting("enzymes", "minimum_proteins"),
        identity=setting("enzymes", "homologue_identity"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/select_enzymes.py --enzymes {{input.enzymes}} "
        "--subcontigs {input.subcontigs} --splits {input.splits} "
        "--representatives {input.representatives} --count {params.sampled} "
        "--minimum-proteins {params.minimum} --homologue-identity {params.identity} "
        "--seed {params.seed} --threads {threads} --output {output.examples} --log {log}"


rule embed_enzymes:
    input:
        examples=f"{ENZYMES}/examples.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        model="results/{run}/glm/model.safetensors",
        store="results/{run}/metagenomes/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        features=f"{ENZYMES}/features.parquet",
    log:
        "logs/{run}/enzymes/embed_enzymes.log",
    benchmark:
        "results/{run}/benchmarks/enzymes/embed_enzymes.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(24000),
        runtime=minutes(120),
    params:
        code=code("embed_enzymes"),
        model=lambda wildcards, input: Path(input.model).parent,
        batch=setting("contextualisation", "subcontigs_per_batch"),
        precision=setting("contextualisation", "precision"),
        seeds=setting("enzymes", "seeds"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/embed_enzymes.py --examples {{input.examples}} "
        "--subcontigs {input.subcontigs} --model {params.model} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--subcontigs-per-batch {params.batch} --precision {params.precision} "
        "--seeds {params.seeds} --gpus {params.gpus} --threads {threads} "
        "--seed {params.seed} --output {output.features} --log {log}"


rule classify_enzymes:
    input:
        examples=f"{ENZYMES}/examples.parquet",
        features=f"{ENZYMES}/features.parquet",
        representatives="results/{run}/metagenomes/representatives.parquet",
    output:
        results=f"{ENZYMES}/results.parquet",
        classes=f"{ENZYMES}/classes.parquet",
        numbers=f"{ENZYMES}/numbers.parquet",
    log:
        "logs/{run}/enzymes/classify_enzymes.log",
    benchmark:
        "results/{run}/benchmarks/enzymes/classify_enzymes.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(32000),
        runtime=minutes(720),
    params:
        code=code("classify_enzymes"),
        settings=json.dumps(setting("enzymes", "perceptron")),
        seeds=setting("enzymes", "seeds"),
        rounds=setting("enzymes", "bootstrap_rounds"),
        minimum=setting("enzymes", "minimum_test"),
        reference=setting("enzymes", "reference"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/classify_enzymes.py --examples {{input.examples}} "
        "--features {input.features} --representatives {input.representatives} "
        "--settings {params.settings:q} --seeds {params.seeds} "
        "--bootstrap-rounds {params.rounds} --minimum-test {params.minimum} "
        "--reference {params.reference:q} --gpus {params.gpus} --threads {threads} "
        "--seed {params.seed} --results {output.results} --classes {output.classes} "
        "--numbers {output.numbers} --log {log}"


rule plot_enzymes:
    input:
        results=f"{ENZYMES}/results.parquet",
        classes=f"{ENZYMES}/classes.parquet",
    output:
        figures=drawn(f"{ENZYMES}/figures", *ENZYME_FIGURES),
    log:
        "logs/{run}/enzymes/plot_enzymes.log",
    benchmark:
        "results/{run}/benchmarks/enzymes/plot_enzymes.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("plot_enzymes"),
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
        minimum=setting("enzymes", "minimum_test"),
    shell:
        f"python {SCRIPTS}/plot_enzymes.py --results {{input.results}} "
        "--classes {input.classes} --minimum-test {params.minimum} --folder {params.folder} "
        "--log {log}"


rule enzymes:
    input:
        expand(rules.plot_enzymes.output.figures, run=config["run"]),
        f"{RUN}/enzymes/numbers.parquet",


if ENZYMES_ARE_KNOWN:
    SCORECARD_NUMBERS.append("results/{run}/enzymes/numbers.parquet")
    REPORT_FIGURES.extend(rules.plot_enzymes.output.figures)
