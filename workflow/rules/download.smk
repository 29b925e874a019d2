"""Published data, fetched by their own checksum lists."""

DOWNLOAD_MODULES = ["corpus/fetching", "corpus/release", "corpus/download"]


def local_checksums(section, name):
    """The checksum list of a release in a folder of this machine: another one is fetched anew."""
    path = Path(setting(section, "address")) / name
    return str(path) if path.exists() else []


rule download_release:
    input:
        checksums=local_checksums("release", "md5sum.txt"),
        code=code("download_release", *DOWNLOAD_MODULES),
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
        runtime=minutes(2880),
    params:
        address=setting("release", "address"),
        clusters=setting("release", "clusters"),
    shell:
        "python workflow/scripts/download_release.py --address {params.address:q} "
        "--clusters {params.clusters} --threads {threads} --output {output.manifest} --log {log}"


rule download_reference_genome:
    input:
        checksums=local_checksums("reference", "md5checksums.txt"),
        code=code("download_reference_genome", *DOWNLOAD_MODULES),
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
        address=setting("reference", "address"),
    shell:
        "python workflow/scripts/download_reference_genome.py --address {params.address:q} "
        "--threads {threads} --output {output.manifest} --log {log}"
