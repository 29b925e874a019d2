import numpy as np
import pytest
import torch
from transformers import EsmModel

from glm.embedding.alphabet import END, START, encode
from glm.embedding.encoder import Run
from glm.embedding.packed import PackedEncoder
from protein_model_training import detectors as construction
from protein_model_training.detectors import (
    DETECTORS,
    OFFSETS,
    RESIDUES,
    DetectorEncoder,
    block,
    build_detectors,
    empty_model,
    sample_scores,
    set_attention,
    set_embedding,
)
from protein_model_training.release import AMINO_ACIDS


def packed(protein: str) -> tuple[torch.Tensor, list[Run]]:
    residues = encode([protein], str).tokens.astype(np.int64)
    tokens = torch.from_numpy(np.concatenate([[START], residues, [END]]))
    return tokens, [Run(1, len(tokens), len(residues))]


@pytest.mark.parametrize("offset", OFFSETS)
def test_head_reads_the_residue_at_its_offset(offset: int, proteins: list[str]) -> None:
    model = empty_model()
    set_embedding(model)
    set_attention(model)
    protein = "".join(proteins[:10])
    stream = PackedEncoder(model, layer=1).hidden(*packed(protein))[1:-1]
    read = stream[:, block(offset)].argmax(1).tolist()
    inner = range(len(OFFSETS), len(protein) - len(OFFSETS))
    assert len(protein) > 500
    assert [AMINO_ACIDS[read[i]] for i in inner] == [protein[i + offset] for i in inner]
    assert stream[10:-10, block(offset)].max(1).values.min() > 0.9 * construction.ONE_HOT


def test_blocks_do_not_overlap() -> None:
    starts = sorted(block(offset).start for offset in (0, *OFFSETS))
    assert starts == [RESIDUES * i for i in range(1 + len(OFFSETS))]


def test_score_is_the_sum_of_substitution_scores(
    scores: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = torch.zeros(DETECTORS, construction.FEATURES)
    for offset, residue in ((-2, "W"), (0, "C"), (1, "H")):
        pattern[7, block(offset)] = torch.from_numpy(scores[AMINO_ACIDS.index(residue)]).float()
    monkeypatch.setattr(construction, "sample_patterns", lambda *_: pattern)
    plain = "AGLKVAGLKVAGLKVAGLKV"
    model = build_detectors([plain], [plain * 5], scores, seed=0)
    score = sample_scores_everywhere(model, "AGLKVAGLWACHKVAGLKVA")[:, 7]
    # Three matches are 15; the threshold is that of sequences that match nowhere, -3.
    assert score.argmax().item() == 10
    assert score[10].item() == pytest.approx(18, abs=0.3)
    assert score[[3, 4, 5, 15]].abs().max().item() < 0.3


def sample_scores_everywhere(model: EsmModel, protein: str) -> torch.Tensor:
    return DetectorEncoder(model).scores(*packed(protein))[1:-1]


def test_detectors_fire_on_their_share_of_positions(
    detectors: EsmModel, proteins: list[str]
) -> None:
    fired = (sample_scores(detectors, proteins[:10], "cpu") > 0).float().mean(0)
    half = DETECTORS // 2
    assert fired[:half].mean().item() == pytest.approx(0.02, abs=0.01)
    assert fired[half:].mean().item() == pytest.approx(0.01, abs=0.006)
    elsewhere = (sample_scores(detectors, proteins[100:150], "cpu") > 0).float().mean()
    assert 0.005 < elsewhere.item() < 0.03


def test_seed_decides_the_patterns(proteins: list[str], scores: np.ndarray) -> None:
    def patterns(seed: int) -> torch.Tensor:
        return construction.sample_patterns(proteins, scores, np.random.default_rng(seed))

    assert torch.equal(patterns(1), patterns(1))
    assert not torch.equal(patterns(1), patterns(2))


def test_detector_encoder_agrees_with_transformers(
    detectors: EsmModel, proteins: list[str]
) -> None:
    seen = []
    dense = detectors.encoder.layer[0].intermediate.dense
    hook = dense.register_forward_hook(lambda _, __, output: seen.append(output[0, 1:-1]))
    tokens, _ = packed(proteins[0])
    with torch.inference_mode():
        detectors(tokens[None], attention_mask=torch.ones(1, len(tokens), dtype=torch.long))
    hook.remove()
    ours = sample_scores_everywhere(detectors, proteins[0])
    torch.testing.assert_close(ours, seen[0], atol=2e-3, rtol=1e-4)
