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
        LOCAL_CHECKSUMS["release"],
    output:
        manifest="results/{run}/metagenomes/release/manifest.parquet",
    log:
        logs("metagenomes", "download_release"),
    benchmark:
        benchmarks("metagenomes", "download_release")
    conda:
        "../../envs/python.yaml"
    threads: setting("release", "connections")
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        **settings("release", "address", "clusters", "bandwidth"),
        code=code("download_release"),
    script:
        "../scripts/download_release.py"


rule download_reference_genome:
    input:
        LOCAL_CHECKSUMS["reference"],
    output:
        manifest="results/{run}/reference/release/manifest.parquet",
    log:
        logs("reference", "download_reference_genome"),
    benchmark:
        benchmarks("reference", "download_reference_genome")
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(60),
    params:
        address=setting("reference", "address"),
        code=code("download_reference_genome"),
    script:
        "../scripts/download_reference_genome.py"


rule download_file:
    output:
        manifest="results/{run}/{download}/manifest.parquet",
    log:
        logs("{download}", "download_file"),
    benchmark:
        benchmarks("{download}", "download_file")
    wildcard_constraints:
        download="|".join(map(re.escape, DOWNLOADS)) or "none",
    conda:
        "../../envs/python.yaml"
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        address=lambda wildcards: DOWNLOADS[wildcards.download],
        code=code("download_file"),
    script:
        "../scripts/download_file.py"
