"""Retrieval test of the demo's protein model beside amino-acid composition and random weights.

    python resources/demo/evaluate_protein_model.py --threads 2

Each protein of E. coli K-12 that has an orthologue in Vibrio cholerae N16961 (reciprocal best hits
of mmseqs, 30-60 % identity over 70 % of both) looks for it among all proteins of V. cholerae by
distance between embeddings. Writes retrieval.json into the model's folder and the table into its
README.md.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import EsmModel

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "workflow" / "scripts"))

from glm import files, step  # noqa: E402
from glm.corpus.fasta import read_fasta  # noqa: E402
from glm.embedding.batching import embed_sequences  # noqa: E402
from glm.embedding.packed import PackedEncoder  # noqa: E402
from glm.embedding.protein_model import load_encoder  # noqa: E402
from glm.errors import GlmError  # noqa: E402
from protein_model_training.contrastive import architecture  # noqa: E402
from protein_model_training.release import read_release  # noqa: E402
from protein_model_training.retrieval import (  # noqa: E402
    Recall,
    composition,
    find_orthologues,
    ranks_of_orthologues,
)

TARGET = ("Vibrio cholerae", "N16961")
REFERENCE = HERE / "reference" / "GCF_000005845.2_ASM584v2_protein.faa.gz"
TABLE_BEGINS, TABLE_ENDS = "<!-- retrieval begins -->", "<!-- retrieval ends -->"


def table(recalls: list[Recall]) -> str:
    """The recalls as a table in Markdown."""
    lines = [
        "| embedding | families | pairs | nearest of all | among the ten nearest |",
        "|---|---|---|---|---|",
    ]
    for recall in recalls:
        shares = f"{recall.recall_at_1:.3f} | {recall.recall_at_10:.3f}"
        lines.append(f"| {recall.embedding} | {recall.families} | {recall.pairs} | {shares} |")
    return "\n".join(lines)


def replace_table(readme: Path, text: str) -> None:
    """Put the table between the README's marks. Raises `GlmError` if it lacks them."""
    before, begins, rest = readme.read_text(encoding="utf-8").partition(TABLE_BEGINS)
    _, ends, after = rest.partition(TABLE_ENDS)
    if not (begins and ends):
        raise GlmError(f"{readme}: lacks {TABLE_BEGINS} and {TABLE_ENDS}; put them back")
    with files.writing(readme) as beside:
        beside.write_text(f"{before}{begins}\n{text}\n{ends}{after}", encoding="utf-8")


def evaluate_protein_model(
    threads: int,
    release: Path = HERE / "release",
    reference: Path = REFERENCE,
    model: Path = HERE / "protein_model",
    run_seed: int = 1,
) -> None:
    """Find the orthologues, embed both genomes in three ways, count, and write beside the model."""
    corpus = read_release(release)
    targets = {name: corpus.sequences[name] for name in corpus.proteins_of(*TARGET)}
    queries = {r.name: r.sequence.decode() for r in read_fasta(reference)}
    pairs = find_orthologues(queries, targets, threads)
    asked = [queries[name] for name in pairs["query"]]
    row = {name: number for number, name in enumerate(targets)}
    orthologue = np.array([row[name] for name in pairs["target"]])
    held_out = set((model / "held_out.txt").read_text().split())
    never_seen = np.array([corpus.representatives[name] in held_out for name in pairs["target"]])

    encoder, identity = load_encoder(model)
    torch.manual_seed(run_seed)
    untrained = PackedEncoder(EsmModel(architecture(), add_pooling_layer=False).eval())
    recalls = []
    for name, embedder in (
        (identity.name, encoder),
        ("amino-acid composition", None),
        ("random weights, same architecture", untrained),
    ):
        sequences = [*asked, *targets.values()]
        logging.info("%s: %d proteins", name, len(sequences))
        embedded = (
            composition(sequences)
            if embedder is None
            else embed_sequences(embedder, sequences, threads=threads)
        )
        both = embedded[: len(asked)], embedded[len(asked) :]
        ranks = ranks_of_orthologues(*both, orthologue)
        recalls.append(Recall.of(name, "all", ranks, len(targets)))
        recalls.append(Recall.of(name, "never seen", ranks[never_seen], len(targets)))

    text = table(recalls)
    logging.info("%s", text)
    with files.writing(model / "retrieval.json") as beside:
        result = {"sha256": identity.sha256, "recalls": [r.as_dict() for r in recalls]}
        beside.write_text(json.dumps(result, indent=2) + "\n")
    replace_table(model / "README.md", text)


if __name__ == "__main__":
    step.run(evaluate_protein_model)
