"""What a reference calls the proteins (Methods, Gene annotation)."""

ANNOTATION_REFERENCE = setting("annotation", "reference")
ANNOTATION_FOLDER = "results/{run}/annotation"
ANNOTATION_SHARDS = range(setting("annotation", "shards"))
ANNOTATIONS = "results/{run}/{corpus}/annotations"

# A database that is there already is used where it lies; any other reference becomes one, once.
ANNOTATION_DATABASE = (
    ANNOTATION_REFERENCE
    if ANNOTATION_REFERENCE.endswith(".dmnd")
    else f"{ANNOTATION_FOLDER}/reference.dmnd"
)


rule build_annotation_database:
    input:
        reference=local("annotation/reference"),
    output:
        database=f"{ANNOTATION_FOLDER}/reference.dmnd",
    threads: 16
    resources:
        mem_mb=memory(16000),
        runtime=minutes(30, 10),
    script:
        "../scripts/build_annotation_database.py"


rule annotate_proteins:
    input:
        representatives="results/{run}/{corpus}/representatives.parquet",
        database=ANNOTATION_DATABASE,
    output:
        annotations=f"{ANNOTATIONS}/{{shard}}.parquet",
    threads: 32
    resources:
        mem_mb=memory(64000),
        runtime=minutes(1440),
    params:
        **settings("annotation", "e_value", "unannotated_words"),
        shards=len(ANNOTATION_SHARDS),
    script:
        "../scripts/annotate_proteins.py"


rule summarise_annotations:
    input:
        shards=[f"{ANNOTATIONS}/{n}.parquet" for n in ANNOTATION_SHARDS],
        representatives="results/{run}/{corpus}/representatives.parquet",
        protenn=local("annotation/protenn") or [],
        hmmer=local("annotation/hmmer") or [],
    output:
        annotations="results/{run}/{corpus}/annotations.parquet",
        shares="results/{run}/{corpus}/annotation_shares.parquet",
        numbers="results/{run}/{corpus}/annotation_numbers.parquet",
    threads: 4
    resources:
        mem_mb=memory(8000),
        runtime=minutes(30),
    params:
        reference=ANNOTATION_REFERENCE,
        unannotated_words=setting("annotation", "unannotated_words"),
        seed=setting("seed"),
    script:
        "../scripts/summarise_annotations.py"
