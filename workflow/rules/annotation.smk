"""What a reference calls the proteins (Methods, Gene annotation)."""

ANNOTATION_REFERENCE = setting("annotation", "reference")
ANNOTATION_FOLDER = "results/{run}/annotation"
ANNOTATION_SHARDS = range(setting("annotation", "shards"))
ANNOTATIONS = "results/{run}/{corpus}/annotations"


localrules:
    annotate,


# A database that is there already is used where it lies; any other reference becomes one, once.
ANNOTATION_DATABASE = (
    ANNOTATION_REFERENCE
    if ANNOTATION_REFERENCE.endswith(".dmnd")
    else f"{ANNOTATION_FOLDER}/reference.dmnd"
)


rule build_annotation_database:
    input:
        reference=REFERENCE_SETS["annotation"],
    output:
        database=f"{ANNOTATION_FOLDER}/reference.dmnd",
    log:
        "logs/{run}/annotation/build_annotation_database.log",
    benchmark:
        "results/{run}/benchmarks/annotation/build_annotation_database.tsv"
    conda:
        "../../envs/diamond.yaml"
    threads: 16
    resources:
        mem_mb=memory(16000),
        runtime=minutes(30, 10),
    params:
        code=code("build_annotation_database"),
    shell:
        f"python {SCRIPTS}/build_annotation_database.py --reference {{input.reference}} "
        "--threads {threads} --output {output.database} --log {log}"


rule annotate_proteins:
    input:
        representatives="results/{run}/{corpus}/representatives.parquet",
        database=ANNOTATION_DATABASE,
    output:
        annotations=f"{ANNOTATIONS}/{{shard}}.parquet",
    log:
        "logs/{run}/{corpus}/annotate_proteins/{shard}.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/annotate_proteins/{shard}.tsv"
    conda:
        "../../envs/diamond.yaml"
    threads: 32
    resources:
        mem_mb=memory(64000),
        runtime=minutes(1440),
    params:
        code=code("annotate_proteins"),
        e_value=setting("annotation", "e_value"),
        words=setting("annotation", "unannotated_words"),
        shards=len(ANNOTATION_SHARDS),
    shell:
        f"python {SCRIPTS}/annotate_proteins.py --representatives {{input.representatives}} "
        "--database {input.database} --e-value {params.e_value} "
        "--unannotated-words {params.words:q} --shard {wildcards.shard} "
        "--shards {params.shards} --memory {resources.mem_mb} --threads {threads} "
        "--output {output.annotations} --log {log}"


rule summarise_annotations:
    input:
        shards=expand(
            f"{ANNOTATIONS}/{{shard}}.parquet",
            shard=ANNOTATION_SHARDS,
            allow_missing=True,
        ),
    output:
        annotations="results/{run}/{corpus}/annotations.parquet",
        shares="results/{run}/{corpus}/annotation_shares.parquet",
        numbers="results/{run}/{corpus}/annotation_numbers.parquet",
    log:
        "logs/{run}/{corpus}/summarise_annotations.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/summarise_annotations.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        code=code("summarise_annotations"),
        reference=ANNOTATION_REFERENCE,
        words=setting("annotation", "unannotated_words"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/summarise_annotations.py --shards {{input.shards}} "
        "--reference {params.reference:q} --unannotated-words {params.words:q} "
        "--memory {resources.mem_mb} --threads {threads} --seed {params.seed} "
        "--annotations {output.annotations} --shares {output.shares} "
        "--numbers {output.numbers} --log {log}"


rule annotate:
    input:
        f"{RUN}/metagenomes/annotations.parquet",
        f"{RUN}/metagenomes/annotation_shares.parquet",


SCORECARD_NUMBERS.append("results/{run}/metagenomes/annotation_numbers.parquet")
