"""Published data: releases by their own checksum lists, and files that the configuration names by
address."""

TEN_DAYS = 14400  # minutes: what a release took on a slow line
RELEASES = {
    "metagenomes": dict(kind="mgnify", **settings("release", "address", "clusters")),
}
if SINGLE_GENOMES or not HAS_CORPUS:
    del RELEASES["metagenomes"]
if HAS_REFERENCE:
    RELEASES["reference"] = dict(
        kind="refseq", **settings("reference", "address"), clusters="linclust"
    )


rule download_refseq_lists:
    output:
        manifest="results/{run}/refseq/manifest.parquet",
    resources:
        mem_mb=memory(2000),
        runtime=minutes(150),
    params:
        **settings("taxonomy", "refseq", "taxdump"),
    script:
        "../scripts/download_refseq_lists.py"


if FROM_REFSEQ:

    rule choose_training_genomes:
        input:
            manifest="results/{run}/refseq/manifest.parquet",
        output:
            genomes="results/{run}/metagenomes/release/genomes.parquet",
        resources:
            mem_mb=memory(8000),
            runtime=minutes(30),
        params:
            **setting("release", "refseq"),
            seed=setting("seed"),
        script:
            "../scripts/choose_training_genomes.py"

    rule download_genomes:
        input:
            genomes="results/{run}/metagenomes/release/genomes.parquet",
        output:
            manifest="results/{run}/metagenomes/release/manifest.parquet",
            left_out="results/{run}/metagenomes/release/left_out.parquet",
        threads: setting("release", "connections")
        resources:
            mem_mb=memory(2000),
            runtime=TEN_DAYS,
        params:
            **settings("release", "bandwidth"),
        script:
            "../scripts/download_genomes.py"


rule download_release:
    input:
        # the checksum list of a release on this machine: when it changes, files are fetched anew
        lambda wildcards: [
            path
            for name in ("md5sum.txt", "md5checksums.txt")
            for path in [f"{RELEASES[wildcards.corpus]['address']}/{name}"]
            if Path(path).exists()
        ],
    output:
        manifest="results/{run}/{corpus}/release/manifest.parquet",
    wildcard_constraints:
        corpus="|".join(RELEASES) or "none",
    threads: setting("release", "connections")
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        kind=lambda wildcards: RELEASES[wildcards.corpus]["kind"],
        address=lambda wildcards: RELEASES[wildcards.corpus]["address"],
        clusters=lambda wildcards: RELEASES[wildcards.corpus]["clusters"],
        bandwidth=setting("release", "bandwidth"),
    script:
        "../scripts/download_release.py"


rule download_file:
    output:
        manifest="results/{run}/{download}/manifest.parquet",
    wildcard_constraints:
        download="|".join(map(re.escape, ADDRESSES)) or "none",
    resources:
        mem_mb=memory(2000),
        runtime=TEN_DAYS,
    params:
        address=lambda wildcards: ADDRESSES[wildcards.download],
    script:
        "../scripts/download_file.py"
