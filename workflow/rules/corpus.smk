"""From a release, a RefSeq genome or one's own genomes to subcontigs (Methods, Sequence database)."""

# The reference's proteins stand for themselves; single genomes have no published clusters.
CLUSTER_METHOD = {
    "metagenomes": "linclust" if SINGLE_GENOMES else setting("release", "clusters"),
    "reference": "own",
}


if OWN_GENOMES:

    rule call_genes:
        input:
            genomes=lambda wildcards: [
                str(file) for genome in own_genomes() for file in genome.files
            ],
        output:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
            proteins="results/{run}/metagenomes/proteins.parquet",
        resources:
            mem_mb=memory(2000, 20),
            runtime=minutes(10, 600),
        params:
            listed=lambda wildcards: [
                {
                    "name": genome.name,
                    "biome": genome.biome,
                    "files": [str(file) for file in genome.files],
                }
                for genome in own_genomes()
            ],
        script:
            "../scripts/call_genes.py"

elif FROM_REFSEQ:

    rule parse_refseq_genomes:
        input:
            manifest="results/{run}/metagenomes/release/manifest.parquet",
        output:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
            proteins="results/{run}/metagenomes/proteins.parquet",
        resources:
            mem_mb=memory(4000),
            runtime=minutes(240),
        script:
            "../scripts/parse_refseq_genomes.py"

else:

    rule parse_genes:
        input:
            manifest="results/{run}/metagenomes/release/manifest.parquet",
        output:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
        threads: 16
        resources:
            mem_mb=memory(32000),
            runtime=minutes(720),
        script:
            "../scripts/parse_genes.py"


if HAS_REFERENCE:

    rule parse_reference_genome:
        input:
            manifest="results/{run}/reference/release/manifest.parquet",
        output:
            genes="results/{run}/reference/genes.parquet",
            contigs="results/{run}/reference/contigs.parquet",
            proteins="results/{run}/reference/proteins.parquet",
        resources:
            mem_mb=memory(2000),
            runtime=minutes(10),
        params:
            **settings("reference", "name"),
        script:
            "../scripts/parse_reference_genome.py"


rule cluster_proteins:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.corpus],
    output:
        clusters="results/{run}/{corpus}/clusters.parquet",
    threads: 16
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
    params:
        method=lambda wildcards: CLUSTER_METHOD[wildcards.corpus],
        identity=setting("corpus", "linclust_identity"),
        coverage=setting("corpus", "linclust_coverage"),
    script:
        "../scripts/cluster_proteins.py"


rule map_representatives:
    input:
        genes="results/{run}/{corpus}/genes.parquet",
        contigs="results/{run}/{corpus}/contigs.parquet",
        clusters="results/{run}/{corpus}/clusters.parquet",
    output:
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
    threads: 16
    resources:
        mem_mb=memory(32000),
        runtime=minutes(30, 10),
    params:
        **settings("corpus", "minimum_genes"),
    script:
        "../scripts/map_representatives.py"


rule collect_representatives:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.corpus],
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
    output:
        representatives="results/{run}/{corpus}/representatives.parquet",
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
    params:
        **settings("corpus", "minimum_genes", "maximum_genes"),
    script:
        "../scripts/collect_representatives.py"


rule build_subcontigs:
    input:
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
        contigs="results/{run}/{corpus}/contigs.parquet",
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        subcontigs="results/{run}/{corpus}/subcontigs.parquet",
    resources:
        mem_mb=memory(4000, 0.5),
        runtime=minutes(10, 10),
    params:
        **settings("corpus", "minimum_genes", "maximum_genes"),
    script:
        "../scripts/build_subcontigs.py"
