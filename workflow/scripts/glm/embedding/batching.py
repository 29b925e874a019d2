"""Length-sorted, token-budgeted batches without padding, on several cores or on one GPU."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby

import numpy as np
import torch

from glm.embedding.alphabet import END, START, EncodedProteins, Truncation, encode
from glm.embedding.encoder import ProteinEncoder, Run
from glm.errors import GlmError

# On a processor a batch's activations should stay in the second-level cache.
PROCESSOR_TOKENS_PER_BATCH = 1024
BATCHES_AHEAD = 4

logger = logging.getLogger("glm")


def plan_batches(tokens: np.ndarray, budget: int) -> list[tuple[int, int]]:
    """Cut proteins, in their order, into batches [start, stop) of at most `budget` tokens.

    A protein over the budget is a batch of its own. The plan depends on nothing but the lengths
    and the budget, so a run that is resumed has the same batches.
    """
    ends = np.cumsum(tokens)
    batches, start = [], 0
    while start < len(tokens):
        before = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + budget, side="right")))
        batches.append((start, stop))
        start = stop
    return batches


class Embedder:
    """Embeds encoded proteins batch by batch; halves its budget when the GPU's memory runs out."""

    def __init__(
        self,
        encoder: ProteinEncoder,
        truncation: Truncation,
        tokens_per_batch: int,
        threads: int = 1,
    ) -> None:
        """`threads` batches run at a time on a processor, one at a time on a GPU."""
        on_processor = encoder.device.type == "cpu"
        self.encoder, self.truncation = encoder, truncation
        self.threads = threads if on_processor else 1
        self.budget = (
            min(tokens_per_batch, PROCESSOR_TOKENS_PER_BATCH) if on_processor else tokens_per_batch
        )
        if on_processor:
            # One batch a core scales better than one batch over all cores.
            torch.set_num_threads(1)

    def plan(self, proteins: EncodedProteins) -> list[tuple[int, int]]:
        """The batches of proteins that are sorted by length."""
        return plan_batches(self.truncation.apply(proteins.lengths)[1], self.budget)

    def embed(
        self, proteins: EncodedProteins, batches: Sequence[tuple[int, int]]
    ) -> Iterator[np.ndarray]:
        """Embed the batches in their order: (proteins of the batch, features), float32."""
        kept, tokens = self.truncation.apply(proteins.lengths)

        def embed_batch(batch: tuple[int, int]) -> torch.Tensor:
            return self._within_memory(proteins, kept, tokens, batch)

        with ThreadPoolExecutor(self.threads) as pool:
            waiting: deque[Future[torch.Tensor]] = deque()
            try:
                for batch in batches:
                    waiting.append(pool.submit(embed_batch, batch))
                    if len(waiting) > BATCHES_AHEAD * self.threads:
                        yield waiting.popleft().result().cpu().numpy()
                while waiting:
                    yield waiting.popleft().result().cpu().numpy()
            finally:
                pool.shutdown(cancel_futures=True)

    def _within_memory(
        self,
        proteins: EncodedProteins,
        kept: np.ndarray,
        tokens: np.ndarray,
        batch: tuple[int, int],
    ) -> torch.Tensor:
        """Embed one batch, in as many pieces as the present budget asks for."""
        start, stop = batch
        embedded = []
        while start < stop:
            end = start + plan_batches(tokens[start:stop], self.budget)[0][1]
            try:
                embedded.append(self._embed_piece(proteins, kept, tokens, start, end))
                start = end
                continue
            except torch.OutOfMemoryError as error:
                if end - start == 1:
                    raise GlmError(
                        f"a protein of {kept[start]} residues does not fit into the GPU's memory "
                        "alone; lower embedding.maximum_residues or use a larger GPU"
                    ) from error
                self.budget = int(tokens[start:end].sum()) // 2
                logger.warning("out of memory: continuing with %d tokens a batch", self.budget)
            torch.cuda.empty_cache()  # outside the handler: the traceback holds the tensors
        return torch.cat(embedded)

    def _embed_piece(
        self, proteins: EncodedProteins, kept: np.ndarray, tokens: np.ndarray, start: int, stop: int
    ) -> torch.Tensor:
        packed = np.full(int(tokens[start:stop].sum()), END, np.uint8)
        place = 0
        for index in range(start, stop):
            packed[place] = START
            packed[place + 1 : place + 1 + kept[index]] = proteins.residues(index, kept[index])
            place += tokens[index]
        shapes = zip(tokens[start:stop].tolist(), kept[start:stop].tolist(), strict=True)
        runs = [Run(len(list(same)), *shape) for shape, same in groupby(shapes)]
        return self.encoder(torch.from_numpy(packed), runs)


def embed_sequences(
    encoder: ProteinEncoder,
    sequences: list[str],
    truncation: Truncation | None = None,
    tokens_per_batch: int = 65536,
    threads: int = 1,
) -> np.ndarray:
    """Embed sequences held in memory, in any order: (proteins, features), float32."""
    order = np.argsort([len(sequence) for sequence in sequences], kind="stable")
    proteins = encode([sequences[i] for i in order], lambda i: f"sequence {order[i] + 1}")
    embedder = Embedder(encoder, truncation or Truncation(), tokens_per_batch, threads)
    embedded = np.empty((len(sequences), encoder.features), np.float32)
    batches = embedder.plan(proteins)
    for (start, stop), rows in zip(batches, embedder.embed(proteins, batches), strict=True):
        embedded[order[start:stop]] = rows
    return embedded
