"""What genes mean in their context (Figures 2 and 3A, B, D)."""

SEMANTICS = "results/{run}/semantics/{entry}"
# Entries that look in the corpus, not in genomes of NCBI.
CORPUS_PATTERN = "|".join(set(ENTRIES) - set(GENOME_ENTRIES)) or "none"
GENOME_PATTERN = "|".join(GENOME_ENTRIES) or "none"
# An entry as its rules read it: query files that the configuration names by address are fetched.
FETCHED = {
    name: {
        **entry,
        "sets": [
            (
                {**each, "queries": local(f"semantics/{name}/queries/{number}")}
                if "queries" in each
                else each
            )
            for number, each in enumerate(entry["sets"])
        ],
    }
    for name, entry in ENTRIES.items()
}
of_entry = lambda file: lambda wildcards: "results/{}/{}/{}".format(
    wildcards.run,
    wildcards.entry if wildcards.entry in GENOME_ENTRIES else "metagenomes",
    file,
)
queries = lambda wildcards: [
    each["queries"] for each in FETCHED[wildcards.entry]["sets"] if each.get("queries")
]


rule download_focal_genomes:
    input:
        accessions=lambda wildcards: ENTRIES[wildcards.entry]["genomes"],
    output:
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
    wildcard_constraints:
        entry=GENOME_PATTERN,
    resources:
        mem_mb=memory(4000),
        runtime=minutes(240),
    params:
        folder="results/{run}/{entry}/genomes",
        address=setting("semantics", "datasets"),
    script:
        "../scripts/download_focal_genomes.py"


rule extract_focal_windows:
    input:
        queries,
        genes="results/{run}/{entry}/genes.parquet",
        contigs="results/{run}/{entry}/contigs.parquet",
        proteins="results/{run}/{entry}/proteins.parquet",
    output:
        subcontigs="results/{run}/{entry}/subcontigs.parquet",
        representatives="results/{run}/{entry}/representatives.parquet",
        focal_genes=f"{SEMANTICS}/focal_genes.parquet",
    wildcard_constraints:
        entry=GENOME_PATTERN,
    threads: 4
    resources:
        mem_mb=memory(4000),
        runtime=minutes(30),
    params:
        **settings("semantics", "e_value", "minimum_coverage"),
        entry=lambda wildcards: FETCHED[wildcards.entry],
    script:
        "../scripts/extract_focal_windows.py"


rule find_focal_genes:
    input:
        queries,
        representatives=of_entry("representatives.parquet"),
        subcontigs=of_entry("subcontigs.parquet"),
        annotations=lambda wildcards: (
            of_entry("annotations.parquet")(wildcards)
            if any("words" in each for each in ENTRIES[wildcards.entry]["sets"])
            else []
        ),
        # says where the release's biomes lie
        manifest=lambda wildcards: (
            "results/{run}/metagenomes/release/manifest.parquet"
            if ENTRIES[wildcards.entry]["group_by"] == "biome" and not SINGLE_GENOMES
            else []
        ),
    output:
        genes=f"{SEMANTICS}/focal_genes.parquet",
    wildcard_constraints:
        entry=CORPUS_PATTERN,
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(240),
    params:
        **settings("semantics", "e_value", "minimum_coverage", "maximum_occurrences"),
        entry=lambda wildcards: FETCHED[wildcards.entry],
        run_seed=setting("seed"),
    script:
        "../scripts/find_focal_genes.py"


rule analyse_semantics:
    input:
        **MODEL,
        focal_genes=f"{SEMANTICS}/focal_genes.parquet",
        subcontigs=of_entry("subcontigs.parquet"),
        store=of_entry("embedding_store.npy"),
        groups=lambda wildcards: ENTRIES[wildcards.entry].get("groups", []),
    output:
        points=f"{SEMANTICS}/points.parquet",
        separation=f"{SEMANTICS}/separation.parquet",
        figures=drawn("results/{run}/semantics/{entry}", "{entry}"),
    threads: 8
    resources:
        **ON_A_GPU,
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
        **settings("contextualisation", "precision", "layer"),
        entry=lambda wildcards: FETCHED[wildcards.entry],
        run_seed=setting("seed"),
    script:
        "../scripts/analyse_semantics.py"


rule measure_annotation_transfer:
    input:
        **MODEL,
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
        store="results/{run}/metagenomes/embedding_store.npy",
    output:
        points="results/{run}/unannotated/points.parquet",
        transfer="results/{run}/unannotated/transfer.parquet",
        same_product="results/{run}/unannotated/same_product.parquet",
        numbers="results/{run}/unannotated/numbers.parquet",
        figures=drawn("results/{run}/unannotated", "annotation_transfer"),
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(32000),
        runtime=minutes(240),
    params:
        **setting("unannotated"),
        **settings("contextualisation", "precision", "layer"),
        seed=setting("seed"),
    script:
        "../scripts/measure_annotation_transfer.py"


rule measure_context_variance:
    input:
        **{
            variant: shards(f"contextual/{variant}", CONTEXTUAL_SHARDS, "metagenomes")
            for variant in ("trained", *setting("context_variance", "controls"))
        },
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        annotations="results/{run}/metagenomes/annotations.parquet",
    output:
        variances="results/{run}/context_variance/variances.parquet",
        fits="results/{run}/context_variance/fits.parquet",
        words="results/{run}/context_variance/words.parquet",
        numbers="results/{run}/context_variance/numbers.parquet",
        figures=drawn("results/{run}/context_variance", "context_variance"),
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
    script:
        "../scripts/measure_context_variance.py"
