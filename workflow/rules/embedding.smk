"""Proteins to vectors, and what the model reads and predicts (Methods, Sequence database)."""

from glm.cluster import gpu_resources

MODEL_MODULES = [
    "embedding/alphabet",
    "embedding/packed",
    "embedding/protein_model",
]


RANDOM_WEIGHTS = (
    "--allow-random-weights" if setting("embedding", "allow_random_weights") else ""
)


rule download_protein_model:
    input:
        model=protein_model_files,
    output:
        config="results/{run}/protein_model/config.json",
        weights="results/{run}/protein_model/model.safetensors",
        identity="results/{run}/protein_model/identity.json",
        vocabulary="results/{run}/protein_model/vocab.txt",
    log:
        "logs/{run}/download_protein_model.log",
    benchmark:
        "results/{run}/benchmarks/download_protein_model.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(8000),
        runtime=minutes(120),
    params:
        code=code("download_protein_model"),
        folder=lambda wildcards, output: str(Path(output.identity).parent),
        model=setting("embedding", "model"),
        revision=optional("--revision", setting("embedding", "revision")),
        random=RANDOM_WEIGHTS,
    shell:
        f"python {SCRIPTS}/download_protein_model.py --model {{params.model:q}} "
        "{params.revision} {params.random} --threads {threads} "
        "--output {params.folder} --log {log}"


rule embed_proteins:
    input:
        representatives="results/{run}/{corpus}/representatives.parquet",
        # says whose weights they are: their date alone embeds nothing anew
        identity="results/{run}/protein_model/identity.json",
        config="results/{run}/protein_model/config.json",
        weights=ancient("results/{run}/protein_model/model.safetensors"),
    output:
        embeddings="results/{run}/{corpus}/embeddings/{shard}.parquet",
    log:
        "logs/{run}/{corpus}/embed_proteins/{shard}.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/embed_proteins/{shard}.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        **gpu_resources(setting("embedding", "gpus")),
        mem_mb=memory(8000, 0.5),
        runtime=minutes(240),
    params:
        code=code("embed_proteins"),
        model=lambda wildcards, input: str(Path(input.identity).parent),
        shards=lambda wildcards: embedding_shards(wildcards.corpus),
        layer=optional("--layer", setting("embedding", "layer")),
        residues=optional(
            "--maximum-residues", setting("embedding", "maximum_residues")
        ),
        tokens=optional("--maximum-tokens", setting("embedding", "maximum_tokens")),
        budget=setting("embedding", "residues_per_batch"),
        precision=setting("embedding", "precision"),
        gpus=setting("embedding", "gpus"),
        random=RANDOM_WEIGHTS,
    shell:
        f"python {SCRIPTS}/embed_proteins.py --representatives {{input.representatives}} "
        "--model {params.model} --shard {wildcards.shard} --shards {params.shards} "
        "{params.layer} {params.residues} {params.tokens} {params.random} "
        "--residues-per-batch {params.budget} --precision {params.precision} "
        "--gpus {params.gpus} --threads {threads} --output {output.embeddings} --log {log}"


rule build_embedding_store:
    input:
        embeddings=embeddings,
        representatives="results/{run}/{corpus}/representatives.parquet",
    output:
        store="results/{run}/{corpus}/embedding_store.npy",
        stamp="results/{run}/{corpus}/embedding_store.json",
    log:
        "logs/{run}/{corpus}/build_embedding_store.log",
    benchmark:
        "results/{run}/benchmarks/{corpus}/build_embedding_store.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30, 1),
    params:
        code=code("build_embedding_store"),
        folder=shard_folder,
        shards=lambda wildcards: embedding_shards(wildcards.corpus),
    shell:
        f"python {SCRIPTS}/build_embedding_store.py --embeddings {{params.folder}} "
        "--shards {params.shards} "
        "--representatives {input.representatives} --threads {threads} "
        "--output {output.store} --stamp {output.stamp} --log {log}"


rule fit_standardisation:
    input:
        embeddings=embeddings,
        representatives="results/{run}/metagenomes/representatives.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
    output:
        standardisation="results/{run}/embedding/standardisation.parquet",
    log:
        "logs/{run}/embedding/fit_standardisation.log",
    benchmark:
        "results/{run}/benchmarks/embedding/fit_standardisation.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60, 1),
    params:
        code=code("fit_standardisation"),
        folder=shard_folder,
        shards=embedding_shards("metagenomes"),
    shell:
        f"python {SCRIPTS}/fit_standardisation.py --embeddings {{params.folder}} "
        "--shards {params.shards} "
        "--representatives {input.representatives} --subcontigs {input.subcontigs} "
        "--splits {input.splits} --threads {threads} "
        "--output {output.standardisation} --log {log}"


rule fit_label_components:
    input:
        embeddings=embeddings,
        standardisation=rules.fit_standardisation.output.standardisation,
        representatives="results/{run}/metagenomes/representatives.parquet",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
    output:
        components="results/{run}/embedding/label_components.parquet",
    log:
        "logs/{run}/embedding/fit_label_components.log",
    benchmark:
        "results/{run}/benchmarks/embedding/fit_label_components.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60, 2),
    params:
        code=code("fit_label_components"),
        folder=shard_folder,
        shards=embedding_shards("metagenomes"),
        components=setting("labels", "components"),
    shell:
        f"python {SCRIPTS}/fit_label_components.py --embeddings {{params.folder}} "
        "--shards {params.shards} "
        "--standardisation {input.standardisation} "
        "--representatives {input.representatives} --subcontigs {input.subcontigs} "
        "--splits {input.splits} --components {params.components} --threads {threads} "
        "--output {output.components} --log {log}"
