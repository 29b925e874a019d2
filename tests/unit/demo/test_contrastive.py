import numpy as np
import torch
import torch.nn.functional as F

from glm.embedding.alphabet import END, START, TOKEN_OF_BYTE
from glm.embedding.batching import embed_sequences
from glm.embedding.packed import PackedEncoder
from protein_model_training.contrastive import (
    Training,
    contrast,
    hide,
    new_model,
    read_pairs,
    train,
)
from protein_model_training.evolution import Evolution, Pairs
from protein_model_training.release import FittingSet


def pairs_of(families: list[int], length: int = 50) -> Pairs:
    count = len(families)
    tokens = torch.randint(4, 24, (2 * count, length))
    family = torch.tensor(families)
    return Pairs(tokens, torch.ones_like(tokens, dtype=torch.bool), (family, family))


def test_the_loss_is_low_where_homologues_are_nearest() -> None:
    torch.manual_seed(0)
    left = torch.randn(50, 16)
    pairs = pairs_of(list(range(50)))
    near = contrast(torch.cat([left, left + 0.1 * torch.randn(50, 16)]), pairs)
    moved = contrast(torch.cat([left, left.roll(1, 0)]), pairs)
    assert near < 0.05 < moved


def test_members_of_a_family_are_no_wrong_answers() -> None:
    torch.manual_seed(0)
    twins = torch.randn(25, 16).repeat(2, 1)
    means = torch.cat([twins, twins])
    apart = contrast(means, pairs_of(list(range(50))))
    together = contrast(means, pairs_of(list(range(25)) * 2))
    assert together < 0.05 < apart


def test_an_eighth_of_every_second_protein_is_masked_and_no_padding() -> None:
    torch.manual_seed(0)
    pairs = pairs_of(list(range(200)), length=100)
    pairs.valid[:, 80:] = False
    hidden = hide(pairs)
    assert not hidden[:, 80:].any()
    shares = hidden[:, :80].float().mean(1)
    assert 0.4 < (shares > 0).float().mean() < 0.6
    assert 0.1 < shares[shares > 0].mean() < 0.14


def test_training_brings_homologues_together_and_is_repeated_by_its_seed(
    chosen: FittingSet,
) -> None:
    evolution = Evolution(chosen, "cpu")
    how = Training(steps=24, pairs=16, length=32, learning_rate=4e-3)
    trained, again = (train(evolution, how, seed=3) for _ in range(2))
    for name, weights in trained.state_dict().items():
        assert torch.equal(weights, again.state_dict()[name]), name
    torch.manual_seed(3)
    untrained = new_model().eval()
    pairs = evolution.draw(64, 48)
    with torch.no_grad():
        before, after = (
            contrast(read_pairs(model.esm, model.lm_head, pairs)[0], pairs)
            for model in (untrained, trained)
        )
    assert after < before - 0.3


def test_the_pipeline_reads_what_was_trained(chosen: FittingSet) -> None:
    """Windows without start and end tokens are what is trained, whole proteins what is read."""
    torch.manual_seed(3)
    model = new_model().eval()
    protein = next(iter(chosen.fitted.values()))
    tokens = torch.from_numpy(TOKEN_OF_BYTE[np.frombuffer(protein.encode(), np.uint8)])[None].long()
    whole = F.pad(F.pad(tokens, (1, 0), value=START), (0, 1), value=END)
    with torch.no_grad():
        states = model.esm(whole, attention_mask=torch.ones_like(whole)).last_hidden_state
    read = embed_sequences(PackedEncoder(model.esm), [protein])
    torch.testing.assert_close(states[:, 1:-1].mean(1), torch.from_numpy(read))
