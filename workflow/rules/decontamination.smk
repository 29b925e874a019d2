"""What is too like the reference genome to train on (Methods, Performance metric)."""


rule search_reference_genome:
    input:
        representatives="results/{run}/metagenomes/representatives.parquet",
        proteins="results/{run}/reference/proteins.parquet",
    output:
        hits="results/{run}/decontamination/reference_hits.parquet",
    log:
        "logs/{run}/decontamination/search_reference_genome.log",
    benchmark:
        "results/{run}/benchmarks/decontamination/search_reference_genome.tsv"
    conda:
        "../../envs/mmseqs2.yaml"
    threads: 32
    resources:
        mem_mb=memory(2000, 2),
        runtime=minutes(30, 60),
    params:
        code=code("search_reference_genome"),
        sensitivity=setting("decontamination", "sensitivity"),
        e_value=setting("decontamination", "e_value"),
        minimum_coverage=setting("decontamination", "minimum_coverage"),
    shell:
        f"python {SCRIPTS}/search_reference_genome.py "
        "--representatives {input.representatives} --proteins {input.proteins} "
        "--sensitivity {params.sensitivity} --e-value {params.e_value} "
        "--minimum-coverage {params.minimum_coverage} --memory {resources.mem_mb} "
        "--threads {threads} --output {output.hits} --log {log}"


rule flag_subcontigs:
    input:
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        hits=rules.search_reference_genome.output.hits,
    output:
        flags="results/{run}/decontamination/flags.parquet",
    log:
        "logs/{run}/decontamination/flag_subcontigs.log",
    benchmark:
        "results/{run}/benchmarks/decontamination/flag_subcontigs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000, 2),
        runtime=minutes(10, 10),
    params:
        code=code("flag_subcontigs"),
        identity=setting("decontamination", "identity"),
        share=setting("decontamination", "share"),
    shell:
        f"python {SCRIPTS}/flag_subcontigs.py --subcontigs {{input.subcontigs}} "
        "--hits {input.hits} --identity {params.identity} --share {params.share} "
        "--memory {resources.mem_mb} --threads {threads} --output {output.flags} --log {log}"


rule split_subcontigs:
    input:
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        flags=rules.flag_subcontigs.output.flags,
    output:
        splits="results/{run}/decontamination/splits.parquet",
        removed_by_assembly="results/{run}/decontamination/removed_by_assembly.parquet",
    log:
        "logs/{run}/decontamination/split_subcontigs.log",
    benchmark:
        "results/{run}/benchmarks/decontamination/split_subcontigs.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000, 1),
        runtime=minutes(10, 10),
    params:
        code=code("split_subcontigs"),
        validation_share=setting("decontamination", "validation_share"),
        seed=setting("seed"),
    shell:
        f"python {SCRIPTS}/split_subcontigs.py --subcontigs {{input.subcontigs}} "
        "--flags {input.flags} --validation-share {params.validation_share} "
        "--seed {params.seed} --memory {resources.mem_mb} --threads {threads} "
        "--splits {output.splits} --removed-by-assembly {output.removed_by_assembly} --log {log}"


rule audit_leakage:
    input:
        subcontigs="results/{run}/metagenomes/subcontigs.parquet",
        splits=rules.split_subcontigs.output.splits,
        hits=rules.search_reference_genome.output.hits,
    output:
        leakage="results/{run}/decontamination/leakage.parquet",
    log:
        "logs/{run}/decontamination/audit_leakage.log",
    benchmark:
        "results/{run}/benchmarks/decontamination/audit_leakage.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 4
    resources:
        mem_mb=memory(2000, 2),
        runtime=minutes(10, 30),
    params:
        code=code("audit_leakage"),
        share=setting("decontamination", "share"),
    shell:
        f"python {SCRIPTS}/audit_leakage.py --subcontigs {{input.subcontigs}} "
        "--splits {input.splits} --hits {input.hits} --share {params.share} "
        "--memory {resources.mem_mb} --threads {threads} --output {output.leakage} --log {log}"
