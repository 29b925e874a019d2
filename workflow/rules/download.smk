"""Published data: releases by their own checksum lists, and files that the configuration names by
address."""

# The checksum list of a release in a folder of this machine: when it changes, files are fetched anew.
LOCAL_CHECKSUMS = {
    section: [
        path
        for path in [f"{setting(section, 'address')}/{name}"]
        if Path(path).exists()
    ]
    for section, name in (("release", "md5sum.txt"), ("reference", "md5checksums.txt"))
}


rule download_release:
    input:
        checksums=LOCAL_CHECKSUMS["release"],
    output:
        manifest="results/{run}/metagenomes/release/manifest.parquet",
    log:
        "logs/{run}/metagenomes/download_release.log",
    benchmark:
        "results/{run}/benchmarks/metagenomes/download_release.tsv"
    conda:
        "../../envs/python.yaml"
    threads: setting("release", "connections")
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        code=code("download_release"),
        address=setting("release", "address"),
        clusters=setting("release", "clusters"),
        bandwidth=optional("--bandwidth", setting("release", "bandwidth")),
    shell:
        f"python {SCRIPTS}/download_release.py --address {{params.address:q}} "
        "--clusters {params.clusters} {params.bandwidth} --threads {threads} --output {output.manifest} --log {log}"


rule download_reference_genome:
    input:
        checksums=LOCAL_CHECKSUMS["reference"],
    output:
        manifest="results/{run}/reference/release/manifest.parquet",
    log:
        "logs/{run}/reference/download_reference_genome.log",
    benchmark:
        "results/{run}/benchmarks/reference/download_reference_genome.tsv"
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(60),
    params:
        code=code("download_reference_genome"),
        address=setting("reference", "address"),
    shell:
        f"python {SCRIPTS}/download_reference_genome.py --address {{params.address:q}} "
        "--threads {threads} --output {output.manifest} --log {log}"


rule download_file:
    output:
        manifest="results/{run}/{download}/manifest.parquet",
    log:
        "logs/{run}/{download}/download_file.log",
    benchmark:
        "results/{run}/benchmarks/{download}/download_file.tsv"
    wildcard_constraints:
        download="|".join(map(re.escape, DOWNLOADS)) or "none",
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        code=code("download_file"),
        address=lambda wildcards: DOWNLOADS[wildcards.download],
    shell:
        f"python {SCRIPTS}/download_file.py --address {{params.address:q}} "
        "--output {output.manifest} --log {log}"
