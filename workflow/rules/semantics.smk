"""What genes mean in their context (Figures 2 and 3A, B, D)."""

SEMANTICS = "results/{run}/semantics/{entry}"


localrules:
    semantics,


wildcard_constraints:
    entry="|".join(ENTRIES) or "none",


# Entries that look in genomes of NCBI, and those that look in the corpus.
GENOME_PATTERN = "|".join(GENOME_ENTRIES) or "none"
CORPUS_PATTERN = (
    "|".join(name for name in ENTRIES if name not in GENOME_ENTRIES) or "none"
)


rule download_focal_genomes:
    input:
        accessions=lambda wildcards: ENTRIES[wildcards.entry]["genomes"],
        code=code(
            "download_focal_genomes",
            "semantics/datasets",
            "corpus/streams",
            "corpus/genomes",
            "corpus/genbank",
            "corpus/gff",
            "corpus/coding",
            "corpus/gene_calling",
            "corpus/genome_tables",
        ),
    output:
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
    log:
        "logs/{run}/{entry}/download_focal_genomes.log",
    benchmark:
        "results/{run}/benchmarks/{entry}/download_focal_genomes.tsv"
    wildcard_constraints:
        entry=GENOME_PATTERN,
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(240),
    params:
        folder="results/{run}/{entry}/genomes",
        address=setting("semantics", "datasets"),
    shell:
        f"python {SCRIPTS}/download_focal_genomes.py --accessions {{input.accessions}} "
        "--address {params.address:q} --folder {params.folder} --genes {output.genes} "
        "--contigs {output.contigs} --proteins {output.proteins} --log {log}"


rule extract_focal_windows:
    input:
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
        queries=entry_queries,
        code=code("extract_focal_windows", "semantics/genomes", "semantics/focal"),
    output:
        subcontigs="results/{run}/{entry}/subcontigs.parquet",
        representatives="results/{run}/{entry}/representatives.parquet",
        genes=f"{SEMANTICS}/focal_genes.parquet",
    log:
        "logs/{run}/{entry}/extract_focal_windows.log",
    benchmark:
        "results/{run}/benchmarks/{entry}/extract_focal_windows.tsv"
    wildcard_constraints:
        entry=GENOME_PATTERN,
    conda:
        "../../envs/diamond.yaml"
    threads: 4
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        entry=entry_settings,
        e_value=setting("semantics", "e_value"),
        coverage=setting("semantics", "minimum_coverage"),
    shell:
        f"python {SCRIPTS}/extract_focal_windows.py --entry {{params.entry:q}} "
        "--genes {input.genes} --contigs {input.contigs} --proteins {input.proteins} "
        "--e-value {params.e_value} --coverage {params.coverage} --threads {threads} "
        "--subcontigs {output.subcontigs} --representatives {output.representatives} "
        "--focal-genes {output.genes} --log {log}"


# The windows of an entry are a corpus of their own, embedded as any other.
use rule embed_proteins as embed_focal_windows with:
    wildcard_constraints:
        corpus=GENOME_PATTERN,


use rule build_embedding_store as build_focal_store with:
    wildcard_constraints:
        corpus=GENOME_PATTERN,


rule find_focal_genes:
    input:
        representatives=of_entry("representatives.parquet"),
        subcontigs=of_entry("subcontigs.parquet"),
        annotations=entry_annotations,
        manifest=entry_manifest,
        queries=entry_queries,
        code=code("find_focal_genes", "semantics/focal", "semantics/grouping"),
    output:
        genes=f"{SEMANTICS}/focal_genes.parquet",
    log:
        "logs/{run}/semantics/{entry}/find_focal_genes.log",
    benchmark:
        "results/{run}/benchmarks/semantics/{entry}/find_focal_genes.tsv"
    wildcard_constraints:
        entry=CORPUS_PATTERN,
    conda:
        "../../envs/diamond.yaml"
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(240),
    params:
        entry=entry_settings,
        annotations=lambda wildcards, input: optional(
            "--annotations", input.annotations or None
        ),
        manifest=lambda wildcards, input: optional("--manifest", input.manifest or None),
        e_value=setting("semantics", "e_value"),
        coverage=setting("semantics", "minimum_coverage"),
        maximum=setting("semantics", "maximum_occurrences"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/find_focal_genes.py --entry {{params.entry:q}} "
        "--representatives {input.representatives} --subcontigs {input.subcontigs} "
        "{params.annotations} {params.manifest} --e-value {params.e_value} "
        "--coverage {params.coverage} --maximum {params.maximum} --threads {threads} "
        "--seed {params.seed} --output {output.genes} --log {log}"


rule analyse_semantics:
    input:
        genes=f"{SEMANTICS}/focal_genes.parquet",
        subcontigs=of_entry("subcontigs.parquet"),
        store=of_entry("embedding_store.npy"),
        groups=lambda wildcards: ENTRIES[wildcards.entry].get("groups", []),
        model="results/{run}/glm/model.safetensors",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
        code=code(
            "analyse_semantics",
            "contextualisation/names",
            "semantics/analysis",
            "semantics/grouping",
            "semantics/representations",
            "semantics/separation",
            "contextualisation/reading",
            "model/features",
            "model/genomic",
            "projection",
            "statistics",
            "training/corpus",
        ),
    output:
        points=f"{SEMANTICS}/points.parquet",
        separation=f"{SEMANTICS}/separation.parquet",
    log:
        "logs/{run}/semantics/{entry}/analyse_semantics.log",
    benchmark:
        "results/{run}/benchmarks/semantics/{entry}/analyse_semantics.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(16000),
        runtime=minutes(120),
    params:
        entry=entry_settings,
        model=lambda wildcards, input: Path(input.model).parent,
        minimum=setting("semantics", "minimum_group"),
        neighbours=setting("semantics", "neighbours"),
        rounds=setting("semantics", "bootstrap_rounds"),
        permutations=setting("semantics", "permutations"),
        seeds=setting("semantics", "seeds"),
        projection=setting("semantics", "projection"),
        precision=setting("contextualisation", "precision"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/analyse_semantics.py --entry {{params.entry:q}} "
        "--focal-genes {input.genes} --subcontigs {input.subcontigs} --store {input.store} "
        "--model {params.model} --standardisation {input.standardisation} "
        "--label-components {input.label_components} --minimum-group {params.minimum} "
        "--neighbours {params.neighbours} --bootstrap-rounds {params.rounds} "
        "--permutations {params.permutations} --seeds {params.seeds} "
        "--projection {params.projection} --precision {params.precision} --gpus {params.gpus} "
        "--threads {threads} --seed {params.seed} --points {output.points} "
        "--separation {output.separation} --log {log}"


rule plot_semantics:
    input:
        points=f"{SEMANTICS}/points.parquet",
        separation=f"{SEMANTICS}/separation.parquet",
        code=code("plot_semantics", "semantics/figures", "figures"),
    output:
        figures=drawn("results/{run}/semantics/{entry}", "{entry}"),
    log:
        "logs/{run}/semantics/{entry}/plot_semantics.log",
    benchmark:
        "results/{run}/benchmarks/semantics/{entry}/plot_semantics.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
    shell:
        f"python {SCRIPTS}/plot_semantics.py --points {{input.points}} "
        "--separation {input.separation} --folder {params.folder} --log {log}"


rule measure_annotation_transfer:
    input:
        model="results/{run}/glm/model.safetensors",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
        store="results/{run}/metagenomes/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
        code=code(
            "measure_annotation_transfer",
            "model/features",
            "model/genomic",
            "semantics/representations",
            "contextualisation/names",
            "semantics/share",
            "semantics/transfer",
            "contextualisation/embeddings",
            "contextualisation/reading",
            "projection",
            "statistics",
        ),
    output:
        points="results/{run}/unannotated/points.parquet",
        transfer="results/{run}/unannotated/transfer.parquet",
    log:
        "logs/{run}/unannotated/measure_annotation_transfer.log",
    benchmark:
        "results/{run}/benchmarks/unannotated/measure_annotation_transfer.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(32000),
        runtime=minutes(240),
    params:
        model=lambda wildcards, input: Path(input.model).parent,
        share=setting("unannotated", "share"),
        target=setting("unannotated", "target_precision"),
        rounds=setting("unannotated", "bootstrap_rounds"),
        seeds=setting("unannotated", "seeds"),
        drawn=setting("unannotated", "maximum_drawn"),
        projection=setting("unannotated", "projection"),
        precision=setting("contextualisation", "precision"),
        gpus=setting("contextualisation", "gpus"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/measure_annotation_transfer.py --model {{params.model}} "
        "--subcontigs {input.subcontigs} --annotations {input.annotations} --store {input.store} "
        "--standardisation {input.standardisation} --label-components {input.label_components} "
        "--share {params.share} --target-precision {params.target} "
        "--bootstrap-rounds {params.rounds} --seeds {params.seeds} --maximum-drawn {params.drawn} "
        "--projection {params.projection} --precision {params.precision} --gpus {params.gpus} "
        "--threads {threads} --seed {params.seed} --points {output.points} "
        "--transfer {output.transfer} --log {log}"


rule plot_annotation_transfer:
    input:
        points="results/{run}/unannotated/points.parquet",
        transfer="results/{run}/unannotated/transfer.parquet",
        code=code("plot_annotation_transfer", "semantics/transfer_figure", "figures"),
    output:
        figures=drawn("results/{run}/unannotated", "annotation_transfer"),
    log:
        "logs/{run}/unannotated/plot_annotation_transfer.log",
    benchmark:
        "results/{run}/benchmarks/unannotated/plot_annotation_transfer.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
    shell:
        f"python {SCRIPTS}/plot_annotation_transfer.py --points {{input.points}} "
        "--transfer {input.transfer} --folder {params.folder} --log {log}"


rule measure_context_variance:
    input:
        **{variant: contextual("metagenomes", variant) for variant in VARIANCE_VARIANTS},
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
        code=code(
            "measure_context_variance",
            "numbers",
            "semantics/distribution",
            "semantics/variance",
        ),
    output:
        variances="results/{run}/context_variance/variances.parquet",
        fits="results/{run}/context_variance/fits.parquet",
        words="results/{run}/context_variance/words.parquet",
        numbers="results/{run}/context_variance/numbers.parquet",
    log:
        "logs/{run}/context_variance/measure_context_variance.log",
    benchmark:
        "results/{run}/benchmarks/context_variance/measure_context_variance.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(600),
    params:
        contextual=variance_options,
        minimum=setting("context_variance", "minimum_occurrences"),
        size=setting("context_variance", "sample_size"),
        samples=setting("context_variance", "samples"),
        seeds=setting("context_variance", "seeds"),
        maximum=setting("context_variance", "maximum_proteins"),
        tail=setting("context_variance", "tail_share"),
        word=setting("context_variance", "minimum_word"),
        rounds=setting("context_variance", "bootstrap_rounds"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/measure_context_variance.py --subcontigs {{input.subcontigs}} "
        "--annotations {input.annotations} {params.contextual} "
        "--minimum-occurrences {params.minimum} --sample-size {params.size} "
        "--samples {params.samples} --seeds {params.seeds} --maximum-proteins {params.maximum} "
        "--tail-share {params.tail} --minimum-word {params.word} "
        "--bootstrap-rounds {params.rounds} --threads {threads} --seed {params.seed} "
        "--variances {output.variances} --fits {output.fits} --words {output.words} "
        "--numbers {output.numbers} --log {log}"


rule plot_context_variance:
    input:
        variances="results/{run}/context_variance/variances.parquet",
        fits="results/{run}/context_variance/fits.parquet",
        words="results/{run}/context_variance/words.parquet",
        code=code("plot_context_variance", "semantics/variance_figure", "figures"),
    output:
        figures=drawn("results/{run}/context_variance", "context_variance"),
    log:
        "logs/{run}/context_variance/plot_context_variance.log",
    benchmark:
        "results/{run}/benchmarks/context_variance/plot_context_variance.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000),
        runtime=minutes(10),
    params:
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
    shell:
        f"python {SCRIPTS}/plot_context_variance.py --variances {{input.variances}} "
        "--fits {input.fits} --words {input.words} --folder {params.folder} --log {log}"


rule semantics:
    input:
        expand(
            f"{RUN}/semantics/{{entry}}/{{entry}}.{{format}}",
            entry=list(ENTRIES),
            format=["png", "pdf"],
        ),
        f"{RUN}/unannotated/annotation_transfer.png",
        f"{RUN}/context_variance/context_variance.png",


SCORECARD_NUMBERS.append("results/{run}/context_variance/numbers.parquet")
REPORT_FIGURES.extend(
    expand(rules.plot_semantics.output.figures, entry=list(ENTRIES), allow_missing=True)
)
REPORT_FIGURES.extend(rules.plot_annotation_transfer.output.figures)
REPORT_FIGURES.extend(rules.plot_context_variance.output.figures)
