"""Benchmarks of others, run from local copies of their data (beside the paper)."""

DGEB = setting("benchmarks", "dgeb")


rule evaluate_benchmarks:
    input:
        model=MODEL["model"],
        identity="results/{run}/protein_model/identity.json",
        genes="results/{run}/reference/genes.parquet",
        proteins="results/{run}/reference/proteins.parquet",
        genomes=setting("benchmarks", "genomes"),
        dgeb=sorted(map(str, Path(DGEB).glob("*/data/*.parquet"))) if DGEB else [],
        # what training saw, for the look-up
        subcontigs=of_corpus("results/{run}/metagenomes/subcontigs.parquet"),
        splits=of_corpus("results/{run}/decontamination/splits.parquet"),
        store=of_corpus("results/{run}/metagenomes/embedding_store.npy"),
    output:
        benchmarks="results/{run}/dgeb/results.parquet",
        numbers="results/{run}/dgeb/numbers.parquet",
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(16000),
        runtime=minutes(240),
    params:
        **settings("benchmarks", "bootstrap_rounds"),
        folder=DGEB,
        seed=setting("seed"),
    script:
        "../scripts/evaluate_benchmarks.py"
