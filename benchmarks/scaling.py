"""What each stage costs on a whole release: the tables of docs/paper-size.md.

    python benchmarks/scaling.py

Sizes are published where known. Seconds of processor are measured (corpus.py at 16 M places,
fits.py, where one core is busy, at 400,000 embeddings; the demo's proteins searched at sensitivity
5.7), and so are an H200's hours (docs/performance.md); an A100's are not: they are floating-point
operations over the data sheet's peak at a stated utilisation, or the time in which a job that holds
a GPU writes its embeddings, which is measured.
"""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_PER_HOUR = 3600
PEAK = 312e12
"""Operations a second of an A100's bf16 tensor cores, from its data sheet."""
UTILISATION = 0.5
GENES_PER_SUBCONTIG = 22.4
FEATURES = 1280
RESIDUES_PER_PROTEIN = 220
EMBED_OPERATIONS = 1.47e9
"""Of a residue, ESM-2 650M: twice the weights, and attention at the mean length."""
GLM_PARAMETERS = 278_867_988
STEPS, BATCH = 1_296_960, 3000
TRAINED_PER_SECOND = 3100
"""Subcontigs of an A100 at that utilisation (docs/performance.md, Data path)."""
WRITE_RATE = 0.58e9
"""Bytes a second of a table of contextual embeddings (contextualise.py)."""
RESIDUES_SEEN, TRAINED_SEEN, CONTEXTUALISED_SEEN = 350_900, 12_340, 11_930
"""A second of an H200: ESM-2 650M; training with a half residual; contextualising, written."""
DOWNLOAD_RATE = 100e6
"""Bytes a second, of a fast connection."""
PLACE, METADATA, CLUSTER_PAIR, FASTA = 1.5, 14.4, 6.8, 110
"""Places of a protein (assumed); bytes of a place, of a protein in its cluster, of a cluster."""


@dataclass(frozen=True)
class Release:
    """How much there is of everything."""

    name: str
    proteins: float
    clusters: float
    representatives: float
    subcontigs: float

    @property
    def places(self) -> float:
        """Gene places."""
        return self.proteins * PLACE

    @property
    def bytes(self) -> float:
        """Of what is downloaded."""
        return self.places * METADATA + self.proteins * CLUSTER_PAIR + self.clusters * FASTA


@dataclass(frozen=True)
class Stage:
    """Hours of processor or GPU, and what limits a job.

    `busy`: cores or GPUs that a job keeps busy, of those that its rule asks for; `shared`: whether
    several jobs divide the work; `seen`: hours of an H200. Bytes of disk are outputs and what lies
    there meanwhile: a job that embeds keeps its rows beside the table until that is written.
    """

    rule: str
    hours: float
    busy: float
    memory: str
    disk: float
    shared: bool = False
    seen: float = 0.0

    def wall(self, jobs: int) -> float:
        """Hours until the stage is done."""
        return self.hours / self.busy / (jobs if self.shared else 1)


RELEASES = (
    Release("2022_05", 2.4e9, 624e6, 30.8e6, 7.32e6),
    Release("2026_07", 5.7e9, 1.6e9, 30.8e6 * 5.7 / 2.4, 7.32e6 * 5.7 / 2.4),
)


def stages(of: Release) -> list[Stage]:
    """The costs of a release."""
    hour = SECONDS_PER_HOUR
    gpu = PEAK * UTILISATION
    genes = of.subcontigs * GENES_PER_SUBCONTIG
    vectors = of.representatives * FEATURES * 2
    embedding = of.representatives * RESIDUES_PER_PROTEIN * EMBED_OPERATIONS / gpu / hour
    contextual = genes * FEATURES * 2
    context = max(genes * 2 * GLM_PARAMETERS / gpu, contextual / WRITE_RATE) / hour
    training = STEPS * BATCH / TRAINED_PER_SECOND / hour
    embedding_seen = of.representatives * RESIDUES_PER_PROTEIN / RESIDUES_SEEN / hour
    training_seen = STEPS * BATCH / TRAINED_SEEN / hour
    rows = of.representatives / hour
    return [
        Stage("download_release", of.bytes * 5.3e-9 / hour, 1, "0.2 GB", of.bytes),
        Stage("parse_genes", of.places * 1.84e-6 / hour, 3, "32 GB", of.places * 71),
        Stage("cluster_proteins", of.proteins * 0.42e-6 / hour, 1, "16 GB", of.proteins * 8),
        Stage("map_representatives", of.places * 0.2e-6 / hour, 2, "32 GB", genes * 12),
        Stage(
            *("collect_representatives", of.clusters * 4.0e-6 / hour, 1.3, "16 GB"),
            of.representatives * 700,
        ),
        Stage("build_subcontigs", of.places * 0.12e-6 / hour, 1, "4 GB", genes * 12),
        Stage("embed_proteins", embedding, 1, "8 GB", 2 * vectors, True, embedding_seen),
        Stage("search_reference_genome", rows * 4.9e-3, 28, "11 GB", of.representatives * 300),
        Stage("build_embedding_store", rows / 240e3, 1, "2 GB", vectors),
        Stage("fit_features", rows / 86e3 + rows / 18e3, 1, "3 GB", 0),
        Stage("train_glm", training, 4, "26 GB a GPU", 20e9, seen=training_seen),
        Stage(
            *("contextualise_subcontigs", context, 1, "12 GB", 2 * contextual),
            shared=True,
            seen=of.subcontigs / CONTEXTUALISED_SEEN / hour,
        ),
    ]


def hours(value: float) -> str:
    """Hours, or minutes where they say more."""
    return (
        f"{value:,.1f} h" if value >= 1 else f"{value * 60:,.0f} min" if value > 0.02 else "1 min"
    )


def main() -> None:
    """Print a table for each release."""
    for release in RELEASES:
        print(
            f"\n### {release.name}: {release.proteins / 1e9:.1f} G proteins, "
            f"{release.places / 1e9:.1f} G places, {release.representatives / 1e6:.0f} M "
            f"representatives, {release.subcontigs / 1e6:.1f} M subcontigs\n"
        )
        columns = ["stage", "core-hours", "A100 hours", "H200 hours", "memory", "disk"]
        columns += ["1 job", "10 jobs", "100 jobs"]
        print("| " + " | ".join(columns) + " |")
        print("|---" * len(columns) + "|")
        for stage in stages(release):
            costs = (
                ["", f"{stage.hours:,.1f} *", f"{stage.seen:,.1f}"]
                if stage.seen
                else [f"{stage.hours:,.2f}", "", ""]
            )
            walls = [
                hours(max(stage.wall(jobs), release.bytes / DOWNLOAD_RATE / SECONDS_PER_HOUR))
                if stage.rule == "download_release"
                else hours(stage.wall(jobs))
                for jobs in (1, 10, 100)
            ]
            disk = f"{stage.disk / 1e9:,.0f} GB"
            print("| " + " | ".join([stage.rule, *costs, stage.memory, disk, *walls]) + " |")


if __name__ == "__main__":
    main()
