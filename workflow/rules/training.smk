"""gLM and its biLSTM baseline (Methods, gLM architecture and training)."""

import json

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
# What both models' training shares, but for what the launch alone needs.
SHARED = {
    key: value
    for key, value in config["training"].items()
    if key not in ("glm", "bilstm", "nodes", "wall_time")
}


for model in ("glm", "bilstm"):

    rule:
        name:
            f"train_{model}"
        input:
            **TRAINING_INPUTS,
        output:
            config=f"results/{{run}}/{model}/config.json",
            weights=f"results/{{run}}/{model}/model.safetensors",
            metrics=f"results/{{run}}/{model}/metrics.parquet",
        threads: TRAINING_THREADS
        resources:
            **TRAINING_RESOURCES,
            mem_mb=memory(8000, 1.2),
        params:
            script=f"{SCRIPTS}/train_{model}.py",
            settings=json.dumps(
                {
                    "model": setting(model),
                    "training": SHARED | setting("training", model),
                }
            ),
            wall_time=f"--wall-time {WALL_TIME}" if WALL_TIME else "",
            folder=f"results/{{run}}/{model}",
            seed=setting("seed"),
        shell:
            f"{LAUNCHER} -- {{params.script}} {TRAINING_ARGUMENTS}"
