"""ESM-2's alphabet: residues to tokens, and which tokens a batch is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from glm.errors import GlmError

TOKENS = (
    *("<cls>", "<pad>", "<eos>", "<unk>"),
    *"LAGVSERTIDPKQNFYMHWCXBUZO.-",
    *("<null_1>", "<mask>"),
)
RESIDUES = "LAGVSERTIDPKQNFYMHWCXBUZO"
START, END = TOKENS.index("<cls>"), TOKENS.index("<eos>")
ILLEGAL = 255
TOKEN_OF_BYTE = np.full(256, ILLEGAL, dtype=np.uint8)
TOKEN_OF_BYTE[np.frombuffer(RESIDUES.encode(), np.uint8)] = [TOKENS.index(r) for r in RESIDUES]


@dataclass(frozen=True)
class Truncation:
    """Where long proteins are cut: by residues (the paper) or by tokens (the published code).

    `residues` residues are kept between a start and an end token. A limit of `tokens` counts the
    start and the end token too, and cuts the end token off with the residues.
    """

    residues: int | None = None
    tokens: int | None = None

    def apply(self, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residues kept of each protein, and its tokens (start and end included), int64."""
        kept = lengths.astype(np.int64)
        if self.residues is not None:
            kept = np.minimum(kept, self.residues)
        tokens = kept + 2
        if self.tokens is not None:
            tokens = np.minimum(tokens, self.tokens)
            kept = np.minimum(kept, tokens - 1)
        return kept, tokens


@dataclass(frozen=True)
class EncodedProteins:
    """Proteins as tokens, end to end: protein i is tokens[offsets[i] : offsets[i] + lengths[i]]."""

    tokens: np.ndarray
    offsets: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        """Proteins."""
        return len(self.lengths)

    def residues(self, index: int, kept: int) -> np.ndarray:
        """The first `kept` residues of a protein, as tokens."""
        start = self.offsets[index]
        return self.tokens[start : start + kept]


def encode(
    sequences: pa.Array | pa.ChunkedArray | list[str], name: Callable[[int], str]
) -> EncodedProteins:
    """Encode sequences of upper-case residues in ESM-2's alphabet (X, B, U, Z and O included).

    `name` says what protein i is called, for the error. Raises `GlmError` naming the first
    protein that is empty or has a character that is no residue, and where.
    """
    array = pa.array(sequences) if isinstance(sequences, list) else sequences
    array = array.cast(pa.large_binary())
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not len(array):
        empty = np.empty(0, np.int64)
        return EncodedProteins(np.empty(0, np.uint8), empty, empty)
    if array.null_count:
        missing = int(np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False))[0])
        raise GlmError(f"{name(missing)} has no sequence; remove it or give it one")
    bounds = np.frombuffer(array.buffers()[1], np.int64)[
        array.offset : array.offset + len(array) + 1
    ]
    data = array.buffers()[2]
    raw = np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]] if data else np.empty(0, np.uint8)
    offsets, lengths = bounds[:-1] - bounds[0], np.diff(bounds)
    if not lengths.all():
        raise GlmError(f"{name(int(np.argmin(lengths)))} has an empty sequence; remove it")
    tokens = TOKEN_OF_BYTE[raw]
    if (tokens == ILLEGAL).any():
        place = int(np.argmax(tokens == ILLEGAL))
        protein = int(np.searchsorted(offsets, place, side="right")) - 1
        raise GlmError(
            f"{name(protein)} has {chr(raw[place])!r} at residue {place - offsets[protein] + 1}, "
            f"which is no residue of ESM-2's alphabet ({RESIDUES}); fix or remove the protein"
        )
    return EncodedProteins(tokens, offsets, lengths)
