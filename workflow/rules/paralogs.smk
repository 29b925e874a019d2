"""Pairing the two proteins of a transporter (Figure 4D-F)."""

PARALOG_SOURCE = setting("paralogs", "source")
# Without a list of pairs there is nothing to ask UniProt for: the scorecard says "not run".
PARALOGS_ARE_KNOWN = PARALOG_SOURCE == "genomes" or setting("paralogs", "pairs")
PARALOG_FIGURES = ["paralog_projection", "paralog_counts", "paralog_confidence"]


localrules:
    paralogs,


if PARALOG_SOURCE == "genomes":

    rule find_paralogs:
        input:
            genes="results/{run}/metagenomes/genes.parquet",
            contigs="results/{run}/metagenomes/contigs.parquet",
            sequences=(
                "results/{run}/metagenomes/proteins.parquet"
                if setting("release", "source") == "genomes"
                else "results/{run}/metagenomes/release/manifest.parquet"
            ),
            reference_genes="results/{run}/reference/genes.parquet",
            reference_contigs="results/{run}/reference/contigs.parquet",
            reference_sequences="results/{run}/reference/proteins.parquet",
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        log:
            "logs/{run}/paralogs/find_paralogs.log",
        benchmark:
            "results/{run}/benchmarks/paralogs/find_paralogs.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(4000, 20),
            runtime=minutes(20, 60),
        params:
            code=code("find_paralogs"),
        shell:
            f"python {SCRIPTS}/find_paralogs.py "
            "--corpus {input.genes} {input.contigs} {input.sequences} "
            "--corpus {input.reference_genes} {input.reference_contigs} "
            "{input.reference_sequences} --output {output.candidates} --log {log}"

else:

    rule fetch_paralogs:
        input:
            pairs=setting("paralogs", "pairs") or [],
        output:
            candidates="results/{run}/paralogs/candidates.parquet",
        log:
            "logs/{run}/paralogs/fetch_paralogs.log",
        benchmark:
            "results/{run}/benchmarks/paralogs/fetch_paralogs.tsv"
        conda:
            "../../envs/python.yaml"
        threads: 1
        resources:
            mem_mb=memory(2000),
            runtime=minutes(240),
        params:
            code=code("fetch_paralogs"),
            pairs=setting("paralogs", "pairs") or "paralogs.pairs-is-not-set",
            address=setting("paralogs", "uniprot"),
            cache="results/{run}/paralogs/uniprot",
        shell:
            f"python {SCRIPTS}/fetch_paralogs.py --pairs {{params.pairs:q}} "
            "--address {params.address:q} --cache {params.cache} --output {output.candidates} --log {log}"


rule select_paralogs:
    input:
        candidates="results/{run}/paralogs/candidates.parquet",
    output:
        pairs="results/{run}/paralogs/pairs.parquet",
        excluded="results/{run}/paralogs/excluded.parquet",
        representatives="results/{run}/paralogs/representatives.parquet",
    log:
        "logs/{run}/paralogs/select_paralogs.log",
    benchmark:
        "results/{run}/benchmarks/paralogs/select_paralogs.tsv"
    conda:
        "../../envs/cd-hit.yaml"
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        code=code("select_paralogs"),
        source=PARALOG_SOURCE,
        identity=setting("paralogs", "cluster_identity"),
    shell:
        f"python {SCRIPTS}/select_paralogs.py --candidates {{input.candidates}} "
        "--source {params.source} --cluster-identity {params.identity} --threads {threads} "
        "--pairs {output.pairs} --excluded {output.excluded} "
        "--representatives {output.representatives} --log {log}"


# The pairs' proteins are a corpus of their own, embedded as any other.
use rule embed_proteins as embed_paralogs with:
    wildcard_constraints:
        corpus="paralogs",


use rule build_embedding_store as build_paralog_store with:
    wildcard_constraints:
        corpus="paralogs",


rule predict_paralogs:
    input:
        model="results/{run}/glm/model.safetensors",
        pairs="results/{run}/paralogs/pairs.parquet",
        store="results/{run}/paralogs/embedding_store.npy",
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits="results/{run}/decontamination/splits.parquet",
        training_store="results/{run}/metagenomes/embedding_store.npy",
        standardisation="results/{run}/embedding/standardisation.parquet",
        label_components="results/{run}/embedding/label_components.parquet",
    output:
        calls="results/{run}/paralogs/calls.parquet",
        results="results/{run}/paralogs/results.parquet",
        coordinates="results/{run}/paralogs/projection.parquet",
        numbers="results/{run}/paralogs/numbers.parquet",
    log:
        "logs/{run}/paralogs/predict_paralogs.log",
    benchmark:
        "results/{run}/benchmarks/paralogs/predict_paralogs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 8
    resources:
        # of the training store, which is most of the input, little is read at a time
        mem_mb=memory(8000, 0.15),
        runtime=minutes(240, 1),
    params:
        code=code("predict_paralogs"),
        model=lambda wildcards, input: Path(input.model).parent,
        chance=setting("paralogs", "chance_rounds"),
        rounds=setting("paralogs", "bootstrap_rounds"),
        projection=setting("paralogs", "projection"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/predict_paralogs.py --model {{params.model}} "
        "--pairs {input.pairs} --store {input.store} --subcontigs {input.subcontigs} "
        "--splits {input.splits} --training-store {input.training_store} "
        "--standardisation {input.standardisation} "
        "--label-components {input.label_components} --chance-rounds {params.chance} "
        "--bootstrap-rounds {params.rounds} --projection {params.projection} "
        "--threads {threads} --seed {params.seed} --calls {output.calls} "
        "--results {output.results} --coordinates {output.coordinates} "
        "--numbers {output.numbers} --log {log}"


rule plot_paralogs:
    input:
        calls="results/{run}/paralogs/calls.parquet",
        results="results/{run}/paralogs/results.parquet",
        coordinates="results/{run}/paralogs/projection.parquet",
        numbers="results/{run}/paralogs/numbers.parquet",
    output:
        figures=drawn("results/{run}/paralogs/figures", *PARALOG_FIGURES),
    log:
        "logs/{run}/paralogs/plot_paralogs.log",
    benchmark:
        "results/{run}/benchmarks/paralogs/plot_paralogs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("plot_paralogs"),
        folder=lambda wildcards, output: Path(output.figures[0]).parent,
    shell:
        f"python {SCRIPTS}/plot_paralogs.py --calls {{input.calls}} "
        "--results {input.results} --coordinates {input.coordinates} --numbers {input.numbers} "
        "--folder {params.folder} --log {log}"


rule paralogs:
    input:
        expand(rules.plot_paralogs.output.figures, run=config["run"]),
        f"{RUN}/paralogs/results.parquet",
        f"{RUN}/paralogs/excluded.parquet",
        f"{RUN}/paralogs/numbers.parquet",


if PARALOGS_ARE_KNOWN:
    SCORECARD_NUMBERS.append("results/{run}/paralogs/numbers.parquet")
    REPORT_FIGURES.extend(rules.plot_paralogs.output.figures)
