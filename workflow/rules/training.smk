"""gLM and its biLSTM baseline (Methods, gLM architecture and training), or a gLM that is there."""

import json

from glm.cluster import launcher, training_resources

TRAINING_INPUTS = dict(
    subcontigs="results/{run}/metagenomes/subcontigs.parquet",
    splits="results/{run}/decontamination/splits.parquet",
    store="results/{run}/metagenomes/embedding_store.npy",
    store_note="results/{run}/metagenomes/embedding_store.json",
    standardisation=MODEL["standardisation"],
    label_components=MODEL["label_components"],
    reference_subcontigs=of_reference("results/{run}/reference/subcontigs.parquet"),
    reference_store=of_reference("results/{run}/reference/embedding_store.npy"),
)
OF_REFERENCE = (
    "--reference-subcontigs {input.reference_subcontigs} "
    "--reference-store {input.reference_store} "
)
TRAINING_ARGUMENTS = (
    "--subcontigs {input.subcontigs} --splits {input.splits} --store {input.store} "
    "--standardisation {input.standardisation} --label-components {input.label_components} "
    f"{of_reference(OF_REFERENCE) or ''}"
    "--settings {params.settings:q} {params.wall_time} "
    "--output {params.folder} --state {params.folder}/state "
    f"--gpus {GPUS} --seed {{params.seed}} --threads {{threads}} --log {{log}}"
)
MOST_CORES = 16
# Of each node: its GPUs' processes, each with the threads that prepare its batches; or cores.
TRAINING_THREADS = (
    GPUS * (1 + setting("training", "workers"))
    or setting("training", "threads")
    or min(workflow.cores or MOST_CORES, MOST_CORES)
)
TRAINING_RESOURCES = training_resources(
    GPUS, setting("training", "nodes"), setting("training", "wall_time")
)
# `python`, torchrun on one node, or srun and torchrun on several.
LAUNCHER = launcher(GPUS, setting("training", "nodes"), "{threads}")
WALL_TIME = setting("training", "wall_time")
# What both models' training shares, but for what the launch alone needs.
SHARED = {
    key: value
    for key, value in config["training"].items()
    if key not in ("glm", "bilstm", "threads", "nodes", "wall_time")
}


for model in [] if PRETRAINED else ["glm", "bilstm"]:

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
                    "model": {
                        key: value
                        for key, value in setting(model).items()
                        if key != "pretrained"
                    },
                    "training": SHARED | setting("training", model),
                }
            ),
            wall_time=f"--wall-time {WALL_TIME}" if WALL_TIME else "",
            folder=f"results/{{run}}/{model}",
            seed=setting("seed"),
        shell:
            f"{LAUNCHER} -- {{params.script}} {TRAINING_ARGUMENTS}"


if PRETRAINED:

    rule download_pretrained_model:
        input:
            # of a model in a folder: another one is read anew
            [
                path
                for name in ("config.json", "model.safetensors")
                for path in [Path(PRETRAINED, name)]
                if path.is_file()
            ],
            identity="results/{run}/protein_model/identity.json",
        output:
            **MODEL,
            config="results/{run}/glm/config.json",
        resources:
            mem_mb=memory(4000),
            runtime=minutes(120),
        params:
            **settings("embedding", "layer", "maximum_residues", "maximum_tokens"),
            pretrained=PRETRAINED,
        script:
            "../scripts/download_pretrained_model.py"
