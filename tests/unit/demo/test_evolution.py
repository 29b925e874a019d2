import numpy as np
import pytest
import torch

from glm.embedding.alphabet import TOKEN_OF_BYTE, TOKENS
from protein_model_training.evolution import FIRST_RESIDUE, RESIDUES, Evolution, substitutions
from protein_model_training.release import AMINO_ACIDS, FittingSet


@pytest.fixture
def evolution(chosen: FittingSet) -> Evolution:
    torch.manual_seed(0)
    return Evolution(chosen, "cpu")


def tokens_of(sequence: str) -> np.ndarray:
    return TOKEN_OF_BYTE[np.frombuffer(sequence.encode(), np.uint8)]


def test_what_replaces_an_amino_acid_is_another_and_rather_a_similar_one(
    chosen: FittingSet,
) -> None:
    chances = substitutions(chosen.scores, np.full(20, 0.05)).diff(prepend=torch.zeros(20, 1))
    torch.testing.assert_close(chances.sum(1), torch.ones(20))
    assert chances.diagonal().abs().max() < 1e-6
    leucine, isoleucine = (AMINO_ACIDS.index(residue) for residue in "LI")
    assert chances[leucine].argmax() == isoleucine


def test_windows_are_pieces_of_the_proteins(evolution: Evolution, chosen: FittingSet) -> None:
    rows, none = torch.tensor([3, 4, 5]), torch.zeros(3)
    tokens, valid = evolution.window(rows, torch.tensor([0.0, 0.5, 1.0]), 40, none)
    assert valid.all()
    for row, found, share in zip(rows.tolist(), tokens, (0, 0.5, 1), strict=True):
        whole = tokens_of(list(chosen.fitted.values())[row])
        start = min(int(share * (len(whole) - 40 + 1)), len(whole) - 40)
        np.testing.assert_array_equal(found, whole[start : start + 40])


def test_a_short_protein_ends_within_its_window(evolution: Evolution, chosen: FittingSet) -> None:
    _, valid = evolution.window(torch.tensor([7]), torch.tensor([0.7]), 200, torch.zeros(1))
    assert valid.sum() == len(list(chosen.fitted.values())[7])


def test_indels_shift_what_follows(evolution: Evolution) -> None:
    rows, place = torch.zeros(500, dtype=torch.long), torch.zeros(500)
    whole, _ = evolution.window(rows[:1], place[:1], 50, torch.zeros(1))
    tokens, _ = evolution.window(rows, place, 50, torch.full((500,), 0.05))
    same = (tokens == whole).float()
    assert same[:, 0].mean() > 0.9  # an insertion alone changes the first
    assert 0.05 < same[:, -1].mean() < 0.4


def test_identity_falls_with_time_and_only_amino_acids_change(evolution: Evolution) -> None:
    before = torch.randint(FIRST_RESIDUE, FIRST_RESIDUE + RESIDUES, (300, 100))
    before[:, 0] = TOKENS.index("X")
    identity = [
        (evolution.substitute(before, torch.full((300,), time)) == before).float()
        for time in (0.0, 0.3, 2.2)
    ]
    assert identity[0].all()
    assert identity[1].mean() > identity[2].mean() > 0.2
    assert all(same[:, 0].all() for same in identity)
    # rates differ among sites: after a long time some are as they were
    assert identity[2][:, 1:].mean() > np.exp(-2.2)


def test_half_of_the_pairs_are_found_homologues(evolution: Evolution) -> None:
    pairs = evolution.draw(40, 64)
    assert pairs.tokens.shape == pairs.valid.shape == (80, 64)
    left, right = pairs.families
    assert (left == right).all()
    assert (left[:20] == evolution.families[0]).all()
    assert len(left[20:].unique()) > 10
    assert ((pairs.tokens >= FIRST_RESIDUE) | ~pairs.valid).all()


def test_the_same_seed_gives_the_same_pairs(chosen: FittingSet) -> None:
    drawn = []
    for _ in range(2):
        torch.manual_seed(5)
        drawn.append(Evolution(chosen, "cpu").draw(8, 32).tokens)
    assert torch.equal(*drawn)
