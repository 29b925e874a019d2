"""What a user asks for by name, beside all: each analysis, and what is worth having alone."""


localrules:
    train,
    embed,
    download,


for name, analysis in ANALYSES.items():

    rule:
        name:
            name
        input:
            expand([*analysis["figures"], analysis["numbers"]], run=config["run"]),
        localrule: True


rule train:
    input:
        f"{RUN}/glm/model.safetensors",


rule embed:
    input:
        f"{RUN}/metagenomes/embedding_store.npy",
        f"{RUN}/reference/embedding_store.npy",


# All that a run of this configuration fetches, for machines whose other jobs have no network.
rule download:
    input:
        [f"{RUN}/{corpus}/release/manifest.parquet" for corpus in RELEASES],
        f"{RUN}/protein_model/model.safetensors",
        [f"{RUN}/{folder}/manifest.parquet" for folder in ADDRESSES],
        [f"{RUN}/{entry}/genes.parquet" for entry in GENOME_ENTRIES],
        [f"{RUN}/paralogs/candidates.parquet"] if PARALOG_PAIRS else [],
        (
            [f"{RUN}/taxonomy/windows/{shard}.parquet" for shard in TAXONOMY_SHARDS]
            if TAXONOMY_SOURCE == "refseq"
            else []
        ),
