from pathlib import Path

import numpy as np

from glm.corpus.fasta import read_fasta
from glm.embedding.batching import embed_sequences
from glm.embedding.protein_model import load_encoder
from protein_model_training.release import Release
from protein_model_training.retrieval import (
    Recall,
    composition,
    find_orthologues,
    ranks_of_orthologues,
)


def test_ranks_count_the_targets_that_are_nearer() -> None:
    targets = np.array([[0.0], [1.0], [2.0], [3.0]])
    ranks = ranks_of_orthologues(np.array([[0.1], [2.9]]), targets, np.array([0, 1]))
    assert ranks.tolist() == [0, 2]
    recall = Recall.of("x", "all", ranks, 4)
    assert (recall.recall_at_1, recall.recall_at_10) == (0.5, 1.0)


def test_composition_is_shares() -> None:
    shares = composition(["LLA", "X"])
    assert shares[0, :2].tolist() == [2 / 3, 1 / 3]
    assert shares[1].sum() == 0


def test_shipped_model_beats_composition_on_real_orthologues(demo: Path, release: Release) -> None:
    vibrio = {name: release.sequences[name] for name in release.proteins_of(*VIBRIO)}
    targets = {name: s for name, s in vibrio.items() if 150 <= len(s) <= 190}
    reference = next((demo / "reference").glob("*_protein.faa.gz"))
    proteins = {r.name: r.sequence.decode() for r in read_fasta(reference)}
    queries = {name: s for name, s in proteins.items() if 150 <= len(s) <= 190}
    pairs = find_orthologues(queries, targets, threads=2)
    assert len(pairs) > 40
    assert pairs["identity"].between(0.3, 0.6).all()
    rows = {name: row for row, name in enumerate(targets)}
    orthologue = np.array([rows[name] for name in pairs["target"]])
    asked = [queries[name] for name in pairs["query"]]
    encoder, _ = load_encoder(demo / "protein_model")

    def recall_at_1(embed: object) -> float:
        assert callable(embed)
        ranks = ranks_of_orthologues(embed(asked), embed(list(targets.values())), orthologue)
        return Recall.of("", "all", ranks, len(targets)).recall_at_1

    ours = recall_at_1(lambda sequences: embed_sequences(encoder, sequences, threads=2))
    assert ours > 0.5
    assert ours > recall_at_1(composition) + 0.2


VIBRIO = ("Vibrio cholerae", "N16961")
