"""Proteins to vectors, and what the model reads and predicts (Methods, Sequence database)."""

EMBEDDING_SHARDS = setting("embedding", "shards")
# Corpora that are embedded: the two, and the proteins that single analyses ask for.
EMBEDDED = "|".join(
    ["metagenomes", "reference", "paralogs", "taxonomy", *GENOME_ENTRIES]
)


rule download_protein_model:
    input:
        # of a model in a folder: another one is embedded with anew
        [
            path
            for name in ("config.json", "model.safetensors", "identity.json")
            for path in [Path(setting("embedding", "model"), name)]
            if path.is_file()
        ],
    output:
        "results/{run}/protein_model/config.json",
        "results/{run}/protein_model/model.safetensors",
        "results/{run}/protein_model/vocab.txt",
        identity="results/{run}/protein_model/identity.json",
    resources:
        mem_mb=memory(8000),
        runtime=minutes(120),
    params:
        **settings("embedding", "model", "revision", "allow_random_weights"),
    script:
        "../scripts/download_protein_model.py"


rule embed_proteins:
    input:
        "results/{run}/protein_model/config.json",
        # says whose weights they are: their date alone embeds nothing anew
        "results/{run}/protein_model/identity.json",
        ancient("results/{run}/protein_model/model.safetensors"),
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        embeddings="results/{run}/{corpus}/embeddings/{shard}.parquet",
    wildcard_constraints:
        corpus=EMBEDDED,
    # the trainings wait for it; annotations and the like can be made while those run
    priority: 1
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(8000, 0.5),
        runtime=minutes(240),
    params:
        **settings(
            "embedding",
            "layer",
            "maximum_residues",
            "maximum_tokens",
            "residues_per_batch",
            "precision",
            "allow_random_weights",
        ),
        model=lambda wildcards, input: str(Path(input[0]).parent),
        shards=lambda wildcards: (
            EMBEDDING_SHARDS if wildcards.corpus == "metagenomes" else 1
        ),
    script:
        "../scripts/embed_proteins.py"


rule build_embedding_store:
    input:
        embeddings=shards("embeddings", EMBEDDING_SHARDS),
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        store="results/{run}/{corpus}/embedding_store.npy",
        stamp="results/{run}/{corpus}/embedding_store.json",
    wildcard_constraints:
        corpus=EMBEDDED,
    threads: 4
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30, 1),
    script:
        "../scripts/build_embedding_store.py"


if not PRETRAINED:

    rule fit_features:
        input:
            embeddings=shards("embeddings", EMBEDDING_SHARDS, "metagenomes"),
            representatives="results/{run}/metagenomes/representatives.parquet",
            subcontigs="results/{run}/metagenomes/subcontigs.parquet",
            splits="results/{run}/decontamination/splits.parquet",
        output:
            standardisation=MODEL["standardisation"],
            label_components=MODEL["label_components"],
        threads: 8
        resources:
            mem_mb=memory(3000),
            runtime=minutes(60, 3),
        params:
            **settings("labels", "components"),
        script:
            "../scripts/fit_features.py"
