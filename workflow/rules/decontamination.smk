"""What is too like the reference genome to train on (Methods, Performance metric)."""


rule search_reference_genome:
    input:
        representatives="results/{run}/metagenomes/representatives.parquet",
        proteins=of_reference("results/{run}/reference/proteins.parquet"),
    output:
        hits="results/{run}/decontamination/reference_hits.parquet",
    threads: 32
    resources:
        mem_mb=memory(2000, 2),
        runtime=minutes(30, 60),
    params:
        **settings("decontamination", "sensitivity", "e_value", "minimum_coverage"),
    script:
        "../scripts/search_reference_genome.py"


rule split_subcontigs:
    input:
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        hits="results/{run}/decontamination/reference_hits.parquet",
    output:
        flags="results/{run}/decontamination/flags.parquet",
        splits="results/{run}/decontamination/splits.parquet",
        removed_by_assembly="results/{run}/decontamination/removed_by_assembly.parquet",
        leakage="results/{run}/decontamination/leakage.parquet",
    threads: 4
    resources:
        mem_mb=memory(2000, 2),
        runtime=minutes(30, 50),
    params:
        **settings("decontamination", "identity", "share", "validation_share"),
        seed=setting("seed"),
    script:
        "../scripts/split_subcontigs.py"
