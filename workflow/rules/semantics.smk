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
    output:
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
    log:
        logs("{entry}", "download_focal_genomes"),
    benchmark:
        benchmarks("{entry}", "download_focal_genomes")
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
        code=code("download_focal_genomes"),
    script:
        "../scripts/download_focal_genomes.py"


rule extract_focal_windows:
    input:
        entry_queries,
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
    output:
        subcontigs="results/{run}/{entry}/subcontigs.parquet",
        representatives="results/{run}/{entry}/representatives.parquet",
        focal_genes=f"{SEMANTICS}/focal_genes.parquet",
    log:
        logs("{entry}", "extract_focal_windows"),
    benchmark:
        benchmarks("{entry}", "extract_focal_windows")
    wildcard_constraints:
        entry=GENOME_PATTERN,
    conda:
        "../../envs/diamond.yaml"
    threads: 4
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        **settings("semantics", "e_value", "minimum_coverage"),
        entry=entry_settings,
        code=code("extract_focal_windows"),
    script:
        "../scripts/extract_focal_windows.py"


# The windows of an entry are a corpus of their own, embedded as any other.
use rule embed_proteins as embed_focal_windows with:
    wildcard_constraints:
        corpus=GENOME_PATTERN,


use rule build_embedding_store as build_focal_store with:
    wildcard_constraints:
        corpus=GENOME_PATTERN,


rule find_focal_genes:
    input:
        entry_queries,
        representatives=of_entry("representatives.parquet"),
        subcontigs=of_entry("subcontigs.parquet"),
        annotations=entry_annotations,
        manifest=entry_manifest,
    output:
        genes=f"{SEMANTICS}/focal_genes.parquet",
    log:
        logs("semantics/{entry}", "find_focal_genes"),
    benchmark:
        benchmarks("semantics/{entry}", "find_focal_genes")
    wildcard_constraints:
        entry=CORPUS_PATTERN,
    conda:
        "../../envs/diamond.yaml"
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(240),
    params:
        **settings("semantics", "e_value", "minimum_coverage", "maximum_occurrences"),
        entry=entry_settings,
        run_seed=setting("seed"),
        code=code("find_focal_genes"),
    script:
        "../scripts/find_focal_genes.py"


rule analyse_semantics:
    input:
        focal_genes=f"{SEMANTICS}/focal_genes.parquet",
        subcontigs=of_entry("subcontigs.parquet"),
        store=of_entry("embedding_store.npy"),
        groups=lambda wildcards: ENTRIES[wildcards.entry].get("groups", []),
        model="results/{run}/glm/model.safetensors",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        points=f"{SEMANTICS}/points.parquet",
        separation=f"{SEMANTICS}/separation.parquet",
        figures=drawn("results/{run}/semantics/{entry}", "{entry}"),
    log:
        logs("semantics/{entry}", "analyse_semantics"),
    benchmark:
        benchmarks("semantics/{entry}", "analyse_semantics")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(16000),
        runtime=minutes(120),
    params:
        **settings(
            "semantics",
            "minimum_group",
            "neighbours",
            "bootstrap_rounds",
            "permutations",
            "seeds",
            "projection",
        ),
        **settings("contextualisation", "precision", "gpus"),
        entry=entry_settings,
        run_seed=setting("seed"),
        code=code("analyse_semantics"),
    script:
        "../scripts/analyse_semantics.py"


rule measure_annotation_transfer:
    input:
        model="results/{run}/glm/model.safetensors",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
        store="results/{run}/metagenomes/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        points="results/{run}/unannotated/points.parquet",
        transfer="results/{run}/unannotated/transfer.parquet",
        figures=drawn("results/{run}/unannotated", "annotation_transfer"),
    log:
        logs("unannotated", "measure_annotation_transfer"),
    benchmark:
        benchmarks("unannotated", "measure_annotation_transfer")
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("contextualisation", "gpus")),
        mem_mb=memory(32000),
        runtime=minutes(240),
    params:
        **setting("unannotated"),
        **settings("contextualisation", "precision", "gpus"),
        seed=setting("seed"),
        code=code("measure_annotation_transfer"),
    script:
        "../scripts/measure_annotation_transfer.py"


rule measure_context_variance:
    input:
        **{variant: contextual("metagenomes", variant) for variant in VARIANCE_VARIANTS},
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
    output:
        variances="results/{run}/context_variance/variances.parquet",
        fits="results/{run}/context_variance/fits.parquet",
        words="results/{run}/context_variance/words.parquet",
        numbers="results/{run}/context_variance/numbers.parquet",
        figures=drawn("results/{run}/context_variance", "context_variance"),
    log:
        logs("context_variance", "measure_context_variance"),
    benchmark:
        benchmarks("context_variance", "measure_context_variance")
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(16000),
        runtime=minutes(600),
    params:
        **{
            key: value
            for key, value in setting("context_variance").items()
            if key != "controls"
        },
        seed=setting("seed"),
        code=code("measure_context_variance"),
    script:
        "../scripts/measure_context_variance.py"


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
    expand(
        rules.analyse_semantics.output.figures, entry=list(ENTRIES), allow_missing=True
    )
)
REPORT_FIGURES.extend(rules.measure_annotation_transfer.output.figures)
REPORT_FIGURES.extend(rules.measure_context_variance.output.figures)
