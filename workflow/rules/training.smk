"""gLM and its biLSTM baseline (Methods, gLM architecture and training)."""

from glm.cluster import launcher, training_resources

TRAINING_INPUTS = dict(
    subcontigs="results/{run}/metagenomes/subcontigs.parquet",
    splits="results/{run}/decontamination/splits.parquet",
    store="results/{run}/metagenomes/embedding_store.npy",
    store_note="results/{run}/metagenomes/embedding_store.json",
    standardisation="results/{run}/embedding/standardisation.parquet",
    label_components="results/{run}/embedding/label_components.parquet",
    reference_subcontigs="results/{run}/reference/subcontigs.parquet",
    reference_store="results/{run}/reference/embedding_store.npy",
)
TRAINING_ARGUMENTS = (
    "--subcontigs {input.subcontigs} --splits {input.splits} --store {input.store} "
    "--standardisation {input.standardisation} --label-components {input.label_components} "
    "--reference-subcontigs {input.reference_subcontigs} "
    "--reference-store {input.reference_store} "
    "--settings {params.settings:q} {params.wall_time} "
    "--output {params.folder} --state {params.folder}/state "
    "--seed {params.seed} --threads {threads} --log {log}"
)
# Of each node: its GPUs' processes, each with the threads that prepare its batches.
TRAINING_THREADS = max(
    2, setting("training", "gpus") * (1 + setting("training", "workers"))
)
TRAINING_RESOURCES = training_resources(
    setting("training", "gpus"),
    setting("training", "nodes"),
    setting("training", "wall_time"),
)
# `python`, torchrun on one node, or srun and torchrun on several.
LAUNCHER = launcher(
    setting("training", "gpus"), setting("training", "nodes"), "{threads}"
)
WALL_TIME = setting("training", "wall_time")


rule train_glm:
    input:
        **TRAINING_INPUTS,
    output:
        config="results/{run}/glm/config.json",
        weights="results/{run}/glm/model.safetensors",
        metrics="results/{run}/glm/metrics.parquet",
    log:
        "logs/{run}/glm/train_glm.log",
    benchmark:
        "results/{run}/benchmarks/glm/train_glm.tsv"
    conda:
        "../../envs/python.yaml"
    threads: TRAINING_THREADS
    resources:
        **TRAINING_RESOURCES,
        mem_mb=memory(8000, 1.2),
    params:
        code=code("train_glm"),
        settings=training_settings("glm"),
        wall_time=f"--wall-time {WALL_TIME}" if WALL_TIME else "",
        folder=lambda wildcards, output: str(Path(output.config).parent),
        seed=setting("seed"),
    shell:
        f"{LAUNCHER} -- {SCRIPTS}/train_glm.py {TRAINING_ARGUMENTS}"


rule train_bilstm:
    input:
        **TRAINING_INPUTS,
    output:
        config="results/{run}/bilstm/config.json",
        weights="results/{run}/bilstm/model.safetensors",
        metrics="results/{run}/bilstm/metrics.parquet",
    log:
        "logs/{run}/bilstm/train_bilstm.log",
    benchmark:
        "results/{run}/benchmarks/bilstm/train_bilstm.tsv"
    conda:
        "../../envs/python.yaml"
    threads: TRAINING_THREADS
    resources:
        **TRAINING_RESOURCES,
        mem_mb=memory(8000, 1.2),
    params:
        code=code("train_bilstm"),
        settings=training_settings("bilstm"),
        wall_time=f"--wall-time {WALL_TIME}" if WALL_TIME else "",
        folder=lambda wildcards, output: str(Path(output.config).parent),
        seed=setting("seed"),
    shell:
        f"{LAUNCHER} -- {SCRIPTS}/train_bilstm.py {TRAINING_ARGUMENTS}"
