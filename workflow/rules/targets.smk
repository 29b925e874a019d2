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
            given_by(name, analysis),
        localrule: True


# Without a baseline to train first, the accuracies too: the run ends with how good the gLM is.
rule train:
    input:
        f"{RUN}/glm/model.safetensors",
        [] if BASELINE else f"{RUN}/evaluation/pseudo_accuracy.parquet",


rule embed:
    input:
        [f"{RUN}/{corpus}/embedding_store.npy" for corpus in SEQUENCES],


# All that a run of this configuration fetches, for machines whose other jobs have no network.
rule download:
    input:
        [f"{RUN}/{corpus}/release/manifest.parquet" for corpus in RELEASES],
        [f"{RUN}/metagenomes/release/manifest.parquet"] if FROM_REFSEQ else [],
        f"{RUN}/protein_model/model.safetensors",
        [f"{RUN}/glm/model.safetensors"] if PRETRAINED else [],
        [
            f"{RUN}/{folder}/manifest.parquet"
            for folder in ADDRESSES
            if HAS_CORPUS or {"operons", *GENOME_ENTRIES} & {*folder.split("/")}
        ],
        [f"{RUN}/{entry}/genes.parquet" for entry in GENOME_ENTRIES],
        [f"{RUN}/paralogs/candidates.parquet"] if PARALOG_PAIRS else [],
        (
            [f"{RUN}/taxonomy/windows/{shard}.parquet" for shard in TAXONOMY_SHARDS]
            if TAXONOMY_SOURCE == "refseq"
            else []
        ),
