from __future__ import annotations

import esm
import numpy as np
import pyarrow as pa
import pytest

from glm.embedding.alphabet import TOKENS, Truncation, encode
from glm.errors import GlmError


def test_the_tokens_are_those_of_fair_esm() -> None:
    assert list(TOKENS) == esm.Alphabet.from_architecture("ESM-1b").all_toks


def test_residues_become_fair_esms_tokens() -> None:
    alphabet = esm.Alphabet.from_architecture("ESM-1b")
    sequence = "LAGVSERTIDPKQNFYMHWCXBUZO"
    encoded = encode(["M", sequence], str)
    assert encoded.residues(1, len(sequence)).tolist() == alphabet.encode(sequence)
    assert encoded.residues(0, 1).tolist() == alphabet.encode("M")


def test_a_slice_of_a_chunked_column_is_encoded_as_itself() -> None:
    column = pa.chunked_array([["MK", "LA"], ["GVS"]]).slice(1)
    encoded = encode(column, str)
    assert encoded.lengths.tolist() == [2, 3]
    assert encoded.residues(1, 3).tolist() == [TOKENS.index(residue) for residue in "GVS"]


@pytest.mark.parametrize("residue", ["*", "m", "J", "-", " ", "é"])
def test_an_illegal_residue_is_refused_with_its_protein_and_place(residue: str) -> None:
    with pytest.raises(GlmError, match=r"protein 101 has .* at residue 3"):
        encode(["MK", f"MK{residue}L"], lambda i: f"protein {100 + i}")


def test_an_empty_or_missing_sequence_is_refused() -> None:
    with pytest.raises(GlmError, match="protein 1 has an empty sequence"):
        encode(["M", ""], lambda i: f"protein {i}")
    with pytest.raises(GlmError, match="protein 1 has no sequence"):
        encode(pa.array(["M", None]), lambda i: f"protein {i}")


def test_truncation_by_residues_and_by_tokens() -> None:
    lengths = np.array([12286, 12287, 12290, 12291, 40000])
    kept, tokens = Truncation(residues=12290).apply(lengths)
    assert kept.tolist() == [12286, 12287, 12290, 12290, 12290]
    assert (tokens == kept + 2).all()
    # The published code keeps 12,288 tokens with the start token: 12,287 residues, no end token.
    kept, tokens = Truncation(tokens=12288).apply(lengths)
    assert kept.tolist() == [12286, 12287, 12287, 12287, 12287]
    assert tokens.tolist() == [12288] * 5
