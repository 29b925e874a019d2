"""Taxonomy of contigs from embeddings with and without context (Figure 5)."""

from glm.cluster import gpu_resources

TAXONOMY = "results/{run}/taxonomy"
TAXONOMY_SOURCE = setting("taxonomy", "source")
TAXONOMY_SHARDS = range(setting("taxonomy", "shards"))
TAXONOMY_FIGURES = [
    "taxonomy_projection",
    "taxonomy_precision_recall",
    "taxonomy_confusion",
    "taxonomy_viruses",
]


localrules:
    taxonomy,


if TAXONOMY_SOURCE == "corpus":

    rule sample_corpus:
        input:
            subcontigs="results/{run}/metagenomes/subcontigs.parquet",
            store="results/{run}/metagenomes/embedding_store.npy",
            lineages=setting("taxonomy", "lineages") or [],
        output:
            subcontigs=f"{TAXONOMY}/subcontigs.parquet",
            store=f"{TAXONOMY}/embedding_store.npy",
            stamp=f"{TAXONOMY}/embedding_store.json",
            contigs=f"{TAXONOMY}/contigs.parquet",
        log:
            "logs/{run}/taxonomy/sample_corpus.log",
        benchmark:
            "results/{run}/benchmarks/taxonomy/sample_corpus.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        params:
            code=code("sample_corpus"),
            per_genome=setting("taxonomy", "per_genome"),
            genes=lambda wildcards: within_reach(
                setting("taxonomy", "genes"), "taxonomy.genes"
            ),
            seed=setting("seed"),
        shell:
            f"python {SCRIPTS}/sample_corpus.py --subcontigs {{input.subcontigs}} "
            "--store {input.store} --lineages {input.lineages} "
            "--per-genome {params.per_genome} --genes {params.genes} --seed {params.seed} "
            "--output {output.subcontigs} --output-store {output.store} "
            "--output-stamp {output.stamp} --contigs {output.contigs} --log {log}"

else:

    rule download_taxonomy:
        output:
            manifest=f"{TAXONOMY}/lists/manifest.parquet",
        log:
            "logs/{run}/taxonomy/download_taxonomy.log",
        benchmark:
            "results/{run}/benchmarks/taxonomy/download_taxonomy.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=minutes(120),
        params:
            code=code("download_taxonomy"),
            refseq=setting("taxonomy", "refseq"),
            taxonomy=setting("taxonomy", "taxdump"),
        shell:
            f"python {SCRIPTS}/download_taxonomy.py --refseq {{params.refseq:q}} "
            "--taxonomy {params.taxonomy:q} --output {output.manifest} --log {log}"

    rule choose_genomes:
        input:
            manifest=f"{TAXONOMY}/lists/manifest.parquet",
        output:
            genomes=f"{TAXONOMY}/genomes.parquet",
        log:
            "logs/{run}/taxonomy/choose_genomes.log",
        benchmark:
            "results/{run}/benchmarks/taxonomy/choose_genomes.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(30),
        params:
            code=code("choose_genomes"),
        shell:
            f"python {SCRIPTS}/choose_genomes.py --manifest {{input.manifest}} "
            "--output {output.genomes} --log {log}"

    rule sample_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
        output:
            windows=f"{TAXONOMY}/windows/{{shard}}.parquet",
            skipped=f"{TAXONOMY}/windows/skipped_{{shard}}.parquet",
        log:
            "logs/{run}/taxonomy/sample_genomes/{shard}.log",
        benchmark:
            "results/{run}/benchmarks/taxonomy/sample_genomes/{shard}.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000),
            runtime=minutes(720),
        params:
            code=code("sample_genomes"),
            folder=f"{TAXONOMY}/refseq",
            shards=len(TAXONOMY_SHARDS),
            genes=lambda wildcards: within_reach(
                setting("taxonomy", "genes"), "taxonomy.genes"
            ),
            minimum=setting("taxonomy", "minimum_genes"),
            seed=setting("seed"),
        shell:
            f"python {SCRIPTS}/sample_genomes.py --genomes {{input.genomes}} "
            "--shard {wildcards.shard} --shards {params.shards} --genes {params.genes} "
            "--minimum-genes {params.minimum} --seed {params.seed} --folder {params.folder} "
            "--windows {output.windows} --skipped {output.skipped} --log {log}"

    rule collect_genomes:
        input:
            genomes=f"{TAXONOMY}/genomes.parquet",
            windows=expand(
                f"{TAXONOMY}/windows/{{shard}}.parquet",
                shard=TAXONOMY_SHARDS,
                allow_missing=True,
            ),
            skipped=expand(
                f"{TAXONOMY}/windows/skipped_{{shard}}.parquet",
                shard=TAXONOMY_SHARDS,
                allow_missing=True,
            ),
        output:
            subcontigs=f"{TAXONOMY}/subcontigs.parquet",
            representatives=f"{TAXONOMY}/representatives.parquet",
            contigs=f"{TAXONOMY}/contigs.parquet",
            skipped=f"{TAXONOMY}/skipped.parquet",
        log:
            "logs/{run}/taxonomy/collect_genomes.log",
        benchmark:
            "results/{run}/benchmarks/taxonomy/collect_genomes.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(8000),
            runtime=minutes(20),
        params:
            code=code("collect_genomes"),
        shell:
            f"python {SCRIPTS}/collect_genomes.py --genomes {{input.genomes}} "
            "--windows {input.windows} --skipped {input.skipped} "
            "--subcontigs {output.subcontigs} --representatives {output.representatives} "
            "--contigs {output.contigs} --all-skipped {output.skipped} --log {log}"

    # The contigs' proteins are a corpus of their own, embedded as any other.
    use rule embed_proteins as embed_taxonomy with:
        wildcard_constraints:
            corpus="taxonomy",

    use rule build_embedding_store as build_taxonomy_store with:
        wildcard_constraints:
            corpus="taxonomy",


rule embed_contigs:
    input:
        subcontigs=f"{TAXONOMY}/subcontigs.parquet",
        store=f"{TAXONOMY}/embedding_store.npy",
        model="results/{run}/glm/model.safetensors",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        features=f"{TAXONOMY}/features.parquet",
    log:
        "logs/{run}/taxonomy/embed_contigs.log",
    benchmark:
        "results/{run}/benchmarks/taxonomy/embed_contigs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(12000),
        runtime=minutes(60),
    params:
        code=code("embed_contigs"),
        model=lambda wildcards, input: Path(input.model).parent,
        batch=setting("contextualisation", "subcontigs_per_batch"),
        precision=setting("contextualisation", "precision"),
        seeds=setting("taxonomy", "seeds"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/embed_contigs.py --subcontigs {{input.subcontigs}} "
        "--model {params.model} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--subcontigs-per-batch {params.batch} --precision {params.precision} "
        "--seeds {params.seeds} --gpus {params.gpus} --threads {threads} "
        "--seed {params.seed} --output {output.features} --log {log}"


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
    log:
        "logs/{run}/taxonomy/classify_taxonomy.log",
    benchmark:
        "results/{run}/benchmarks/taxonomy/classify_taxonomy.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
    params:
        code=code("classify_taxonomy"),
        label=setting("taxonomy", "label"),
        group=setting("taxonomy", "group"),
        folds=setting("taxonomy", "folds"),
        seeds=setting("taxonomy", "seeds"),
        genes=setting("taxonomy", "genes"),
        rounds=setting("taxonomy", "bootstrap_rounds"),
        projection=setting("taxonomy", "projection"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/classify_taxonomy.py --contigs {{input.contigs}} "
        "--features {input.features} --label {params.label} --group {params.group} "
        "--folds {params.folds} --seeds {params.seeds} --genes {params.genes} "
        "--bootstrap-rounds {params.rounds} --projection {params.projection} "
        "--threads {threads} --seed {params.seed} "
        "--results {output.results} --curves {output.curves} --confusion {output.confusion} "
        "--coordinates {output.coordinates} --numbers {output.numbers} --log {log}"


rule plot_taxonomy:
    input:
        contigs=f"{TAXONOMY}/contigs.parquet",
        results=f"{TAXONOMY}/results.parquet",
        curves=f"{TAXONOMY}/curves.parquet",
        confusion=f"{TAXONOMY}/confusion.parquet",
        coordinates=f"{TAXONOMY}/projection.parquet",
    output:
        figures=drawn(f"{TAXONOMY}/figures", *TAXONOMY_FIGURES),
    log:
        "logs/{run}/taxonomy/plot_taxonomy.log",
    benchmark:
        "results/{run}/benchmarks/taxonomy/plot_taxonomy.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        code=code("plot_taxonomy"),
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
        label=setting("taxonomy", "label"),
        group=setting("taxonomy", "group"),
    shell:
        f"python {SCRIPTS}/plot_taxonomy.py --contigs {{input.contigs}} "
        "--results {input.results} --curves {input.curves} --confusion {input.confusion} "
        "--coordinates {input.coordinates} --label {params.label} --group {params.group} "
        "--folder {params.folder} --log {log}"


rule taxonomy:
    input:
        expand(rules.plot_taxonomy.output.figures, run=config["run"]),
        f"{RUN}/taxonomy/numbers.parquet",


if TAXONOMY_SOURCE:
    SCORECARD_NUMBERS.append("results/{run}/taxonomy/numbers.parquet")
    REPORT_FIGURES.extend(rules.plot_taxonomy.output.figures)
