"""Targets only: what a user asks for by name."""


localrules:
    train,
    embed,
    download,


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
        release=[] if OWN_GENOMES else f"{RUN}/metagenomes/release/manifest.parquet",
        reference=f"{RUN}/reference/release/manifest.parquet",
        protein_model=f"{RUN}/protein_model/model.safetensors",
        files=[f"{RUN}/{folder}/manifest.parquet" for folder in DOWNLOADS],
        paralogs=(
            f"{RUN}/paralogs/candidates.parquet"
            if PARALOG_SOURCE == "uniprot" and PARALOGS_ARE_KNOWN
            else []
        ),
        genomes=[f"{RUN}/{entry}/genes.parquet" for entry in GENOME_ENTRIES],
        taxonomy=(
            [f"{RUN}/taxonomy/windows/{shard}.parquet" for shard in TAXONOMY_SHARDS]
            if TAXONOMY_SOURCE == "refseq"
            else []
        ),
