"""Targets only: what a user asks for by name."""


localrules:
    train,
    embed,


rule train:
    input:
        f"{RUN}/glm/model.safetensors",


rule embed:
    input:
        f"{RUN}/metagenomes/embedding_store.npy",
        f"{RUN}/reference/embedding_store.npy",
