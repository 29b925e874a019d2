"""From a release, a RefSeq genome or one's own genomes to subcontigs (Methods, Sequence database)."""

OWN_GENOMES = setting("release", "source") == "genomes"


# Where a corpus keeps its protein sequences: a release's FASTA (by its manifest), or a table.
SEQUENCES = {
    "metagenomes": f"{RUN}/metagenomes/"
    + ("proteins.parquet" if OWN_GENOMES else "release/manifest.parquet"),
    "reference": f"{RUN}/reference/proteins.parquet",
}
# The reference's proteins stand for themselves; one's own genomes have no published clusters.
CLUSTER_METHOD = {
    "metagenomes": "linclust" if OWN_GENOMES else setting("release", "clusters"),
    "reference": "own",
}


if OWN_GENOMES:

    rule call_genes:
        input:
            genomes=setting("release", "genomes"),
            code=code(
                "call_genes",
                "corpus/genomes",
                "corpus/genbank",
                "corpus/gff",
                "corpus/coding",
                "corpus/gene_calling",
                "corpus/genetic_code",
                "corpus/genome_tables",
                "corpus/fasta",
            ),
        output:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
            proteins="results/{run}/metagenomes/proteins.parquet",
        log:
            "logs/{run}/metagenomes/call_genes.log",
        benchmark:
            "results/{run}/benchmarks/metagenomes/call_genes.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000, 20),
            runtime=minutes(10, 600),
        shell:
            f"python {SCRIPTS}/call_genes.py {{input.genomes:q}} --genes {{output.genes}} "
            "--contigs {output.contigs} --proteins {output.proteins} --log {log}"

else:

    rule parse_genes:
        input:
            manifest="results/{run}/metagenomes/release/manifest.parquet",
            code=code(
                "parse_genes",
                "corpus/gene_metadata",
                "corpus/places",
                "corpus/blocks",
                "corpus/runs",
                "corpus/kept",
                "corpus/rows",
            ),
        output:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
        log:
            "logs/{run}/metagenomes/parse_genes.log",
        benchmark:
            "results/{run}/benchmarks/metagenomes/parse_genes.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 16
        resources:
            mem_mb=memory(32000),
            runtime=minutes(720),
        shell:
            f"python {SCRIPTS}/parse_genes.py --manifest {{input.manifest}} "
            "--memory {resources.mem_mb} --threads {threads} --genes {output.genes} "
            "--contigs {output.contigs} --log {log}"


rule parse_reference_genome:
    input:
        manifest="results/{run}/reference/release/manifest.parquet",
        code=code(
            "parse_reference_genome",
            "corpus/refseq",
            "corpus/genome_tables",
            "corpus/fasta",
        ),
    output:
        genes="results/{run}/reference/genes.parquet",
        contigs="results/{run}/reference/contigs.parquet",
        proteins="results/{run}/reference/proteins.parquet",
    log:
        "logs/{run}/reference/parse_reference_genome.log",
    benchmark:
        "results/{run}/benchmarks/reference/parse_reference_genome.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        name=setting("reference", "name"),
    shell:
        f"python {SCRIPTS}/parse_reference_genome.py --manifest {{input.manifest}} "
        "--name {params.name:q} --genes {output.genes} --contigs {output.contigs} "
        "--proteins {output.proteins} --log {log}"


rule cluster_proteins:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.corpus],
        code=code(
            "cluster_proteins",
            "corpus/clusters",
            "corpus/blocks",
            "corpus/sequences",
            "corpus/fasta",
        ),
    output:
        clusters="results/{run}/{corpus}/clusters.parquet",
    log:
        "logs/{run}/{corpus}/cluster_proteins.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/cluster_proteins.tsv"
    conda:
        "../../envs/mmseqs2.yaml"
    threads: 16
    resources:
        mem_mb=memory(16000),
        runtime=minutes(720),
    params:
        method=lambda wildcards: CLUSTER_METHOD[wildcards.corpus],
        identity=setting("corpus", "linclust_identity"),
        coverage=setting("corpus", "linclust_coverage"),
    shell:
        f"python {SCRIPTS}/cluster_proteins.py --sequences {{input.sequences}} "
        "--method {params.method} --identity {params.identity} --coverage {params.coverage} "
        "--memory {resources.mem_mb} --threads {threads} --output {output.clusters} --log {log}"


rule map_representatives:
    input:
        genes="results/{run}/{corpus}/genes.parquet",
        contigs="results/{run}/{corpus}/contigs.parquet",
        clusters="results/{run}/{corpus}/clusters.parquet",
        code=code("map_representatives", "corpus/mapping", "corpus/rows", "database"),
    output:
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
    log:
        "logs/{run}/{corpus}/map_representatives.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/map_representatives.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 16
    resources:
        mem_mb=memory(32000),
        runtime=minutes(30, 10),
    params:
        minimum_genes=setting("corpus", "minimum_genes"),
    shell:
        f"python {SCRIPTS}/map_representatives.py --genes {{input.genes}} "
        "--contigs {input.contigs} --clusters {input.clusters} "
        "--minimum-genes {params.minimum_genes} --memory {resources.mem_mb} --threads {threads} "
        "--output {output.mapped_genes} --log {log}"


rule collect_representatives:
    input:
        sequences=lambda wildcards: SEQUENCES[wildcards.corpus],
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
        code=code(
            "collect_representatives",
            "corpus/representatives",
            "corpus/blocks",
            "corpus/kept",
            "corpus/sequences",
            "corpus/fasta",
            "corpus/rows",
            "database",
        ),
    output:
        representatives="results/{run}/{corpus}/representatives.parquet",
    log:
        "logs/{run}/{corpus}/collect_representatives.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/collect_representatives.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(16000),
        runtime=minutes(1440),
    params:
        minimum_genes=setting("corpus", "minimum_genes"),
        maximum_genes=setting("corpus", "maximum_genes"),
    shell:
        f"python {SCRIPTS}/collect_representatives.py --sequences {{input.sequences}} "
        "--mapped-genes {input.mapped_genes} --minimum-genes {params.minimum_genes} "
        "--maximum-genes {params.maximum_genes} --memory {resources.mem_mb} --threads {threads} "
        "--output {output.representatives} --log {log}"


rule build_subcontigs:
    input:
        mapped_genes="results/{run}/{corpus}/mapped_genes.parquet",
        contigs="results/{run}/{corpus}/contigs.parquet",
        representatives="results/{run}/{corpus}/representatives.parquet",
        code=code("build_subcontigs", "corpus/subcontigs", "corpus/rows"),
    output:
        subcontigs="results/{run}/{corpus}/subcontigs.parquet",
    log:
        "logs/{run}/{corpus}/build_subcontigs.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/build_subcontigs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(4000, 0.5),
        runtime=minutes(10, 10),
    params:
        minimum_genes=setting("corpus", "minimum_genes"),
        maximum_genes=setting("corpus", "maximum_genes"),
    shell:
        f"python {SCRIPTS}/build_subcontigs.py --mapped-genes {{input.mapped_genes}} "
        "--contigs {input.contigs} --representatives {input.representatives} "
        "--minimum-genes {params.minimum_genes} --maximum-genes {params.maximum_genes} "
        "--output {output.subcontigs} --log {log}"
