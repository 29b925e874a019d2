"""A whole run through the real rules, small enough to be submitted and broken again and again.

The phage lambda, a stretch of S. aureus N315 and the stretch of E. coli DH1 that K-12's first genes
lie on, cut from the demo's genomes; a protein model of random weights; models of one thin layer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.corpus.small_release import DEMO, LAMBDA, read, write, write_checksums
from tests.workflow.small_run import (
    ESCHERICHIA_DH1,
    STAPHYLOCOCCUS_N315,
    genes_of,
    sequences,
)
from tests.workflow.test_embedding import write_model

REFERENCE_GENES = 210
DH1_GENES = slice(3499, 3619)  # K-12's first genes
STAPHYLOCOCCUS_GENES = slice(0, 270)
LINEAGES = """\
assembly\tdomain\tclass\tgenus
ERZ1\tBacteria\tGammaproteobacteria\tEscherichia
ERZ12\tBacteria\tBacilli\tStaphylococcus
ERZ18\tViruses\tCaudoviricetes\tLambdavirus
"""
BUDGET: dict[str, object] = {"batch_size": 4, "learning_rate": 1e-3, "warmup_steps": 2}
# long enough to be interrupted again and again
GLM_STEPS, BILSTM_STEPS = 120, 40
ENTRY = {
    "name": "if1_by_biome",
    "title": "Translation initiation factor IF-1",
    "group_by": "biome",
    "biome_level": 3,
    "sets": [{"name": "IF-1", "queries": "resources/demo/queries/if1.faa"}],
}
FEW = {"bootstrap_rounds": 10}
SETTINGS: dict[str, Any] = {
    "run": "small",
    "release": {"address": "source/release"},
    "reference": {"address": "source/reference"},
    "embedding": {"model": "source/model", "allow_random_weights": True, "shards": 1},
    "labels": {"components": 8},
    "decontamination": {"validation_share": 0.3},
    "glm": {
        "hidden_size": 16,
        "heads": 2,
        "feed_forward_size": 16,
        "dropout": 0.1,
    },
    "bilstm": {"layers": 1, "hidden_size": 16},
    "training": {
        "glm": {**BUDGET, "steps": GLM_STEPS},
        "bilstm": {**BUDGET, "steps": BILSTM_STEPS},
        "log_every": 10,
        "validate_every": 20,
        "checkpoint_every": 10,
    },
    "operons": {**FEW, "transfer": [], "genes_per_stretch": 10},
    "paralogs": {**FEW, "chance_rounds": 10},
    "semantics": {**FEW, "permutations": 19, "seeds": 1, "projection": "pca", "entries": [ENTRY]},
    "unannotated": {**FEW, "share": 1.0, "projection": "pca"},
    "context_variance": {**FEW, "minimum_occurrences": 2, "sample_size": 2, "controls": []},
    "enzymes": {
        **FEW,
        "seeds": 1,
        "minimum_test": 1,
        "perceptron": {"hidden_sizes": [16], "maximum_epochs": 5},
    },
    "taxonomy": {**FEW, "seeds": 1, "lineages": "source/lineages.tsv", "projection": "pca"},
}
# The last table or figure of every stage up to the accuracies; all targets are the report's too.
TARGETS = tuple(
    f"results/small/{name}"
    for name in (
        "evaluation/training_curves.png",
        "evaluation/absolute_accuracy.parquet",
        "decontamination/leakage.parquet",
        "decontamination/removed_by_assembly.parquet",
        "attention/reference/trained/0.parquet",
        "operons/reference/pairs.parquet",
    )
)


def write_source(folder: Path) -> None:
    """The release, the reference genome and the protein model that every run starts from."""
    write_release(folder / "release")
    write_reference(folder / "reference")
    write_model(folder / "model")
    (folder / "lineages.tsv").write_text(LINEAGES)


def write_release(folder: Path) -> None:
    """Two shards of proteins and of the places of their genes."""
    folder.mkdir(parents=True)
    kept = {protein for protein, _ in genes_of(ESCHERICHIA_DH1)[DH1_GENES]}
    kept |= {protein for protein, _ in genes_of(STAPHYLOCOCCUS_N315)[STAPHYLOCOCCUS_GENES]}
    genomes = (ESCHERICHIA_DH1, STAPHYLOCOCCUS_N315, LAMBDA)
    for shard in (1, 2):
        name = f"mgy_seq_metadata_{shard}.tsv.gz"
        lines, fasta = [], []
        for line in read(DEMO / "release" / name):
            protein, places = line.split("\t")
            chosen = [
                place
                for place in places.split(";")
                if place.startswith(LAMBDA) or (protein in kept and place.startswith(genomes))
            ]
            if chosen:
                lines.append(f"{protein}\t{';'.join(chosen)}")
                fasta += [f">{protein}", sequences()[protein]]
        write(folder / name, lines)
        write(folder / f"mgy_proteins_{shard}.fa.gz", fasta)
    write_checksums(folder)


def write_reference(folder: Path, genes: int = REFERENCE_GENES) -> None:
    """The first genes of K-12."""
    folder.mkdir(parents=True)
    source = DEMO / "reference"
    table = next(source.glob("*_feature_table.txt.gz"))
    write(folder / table.name, read(table)[: 1 + 2 * genes])
    fasta = next(source.glob("*_protein.faa.gz"))
    records = "\n".join(read(fasta)).split("\n>")[:genes]
    write(folder / fasta.name, "\n>".join(records).split("\n"))
    write_checksums(folder)
    (folder / "md5sum.txt").rename(folder / "md5checksums.txt")
