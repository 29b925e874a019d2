"""Benchmarks of others, run from local copies of their data (beside the paper)."""

BENCHMARK_DATA = setting("benchmarks", "data")


rule evaluate_benchmarks:
    input:
        model=MODEL["model"],
        identity="results/{run}/protein_model/identity.json",
        genes="results/{run}/reference/genes.parquet",
        proteins="results/{run}/reference/proteins.parquet",
        genomes=setting("benchmarks", "genomes"),
        data=(
            sorted(map(str, Path(BENCHMARK_DATA).glob("*/data/*.parquet")))
            if BENCHMARK_DATA
            else []
        ),
        # what training saw, for the look-up
        subcontigs=of_corpus("results/{run}/metagenomes/subcontigs.parquet"),
        splits=of_corpus("results/{run}/decontamination/splits.parquet"),
        store=of_corpus("results/{run}/metagenomes/embedding_store.npy"),
    output:
        benchmarks="results/{run}/external_benchmarks/results.parquet",
        numbers="results/{run}/external_benchmarks/numbers.parquet",
    threads: 8
    resources:
        **ON_A_GPU,
        mem_mb=memory(16000),
        runtime=minutes(240),
    params:
        **settings("benchmarks", "bootstrap_rounds"),
        folder=BENCHMARK_DATA,
        seed=setting("seed"),
    script:
        "../scripts/evaluate_benchmarks.py"
