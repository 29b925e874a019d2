"""Targets only: what a user asks for by name."""


localrules:
    all,
    train,
    embed,


rule all:
    default_target: True
    input:
        f"{RUN}/report/scorecard.parquet",
        f"{RUN}/evaluation/training_curves.png",


rule train:
    input:
        f"{RUN}/glm/model.safetensors",


rule embed:
    input:
        f"{RUN}/metagenomes/embedding_store.npy",
        f"{RUN}/reference/embedding_store.npy",
