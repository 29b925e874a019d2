from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch
from tests.unit.training.processes import killed_when
from transformers import EsmModel

from glm import logs, tables
from glm.embedding.alphabet import Truncation
from glm.embedding.batching import Embedder, embed_sequences
from glm.embedding.encoder import Run
from glm.embedding.packed import PackedEncoder
from glm.embedding.protein_model import load_encoder
from glm.embedding.shards import BLOCKS_PER_SHARD, Journal, deal, embed_shard, read_shard
from glm.errors import GlmError

Writer = Callable[[list[str]], Path]


def realistic_lengths(count: int) -> np.ndarray:
    drawn = np.random.default_rng(0).lognormal(5.4, 0.6, count)
    return np.sort(drawn.astype(int).clip(20, 12000))


@pytest.mark.parametrize(("count", "shards"), [(20000, 7), (20000, 1), (50, 4), (3, 8), (0, 2)])
def test_every_row_is_dealt_once(count: int, shards: int) -> None:
    lengths = realistic_lengths(count)
    dealt = [row for k in range(shards) for a, b in deal(lengths, shards, k) for row in range(a, b)]
    assert sorted(dealt) == list(range(count))


def test_shards_are_equal_in_residues() -> None:
    lengths = realistic_lengths(20000)
    sums = [sum(lengths[a:b].sum() for a, b in deal(lengths, 10, k)) for k in range(10)]
    assert max(sums) / min(sums) < 1.02
    assert all(len(deal(lengths, 10, k)) == BLOCKS_PER_SHARD for k in range(10))


def test_a_shard_reads_its_rows_across_row_groups(write_representatives: Writer) -> None:
    path = write_representatives(["M" * length for length in range(1, 60)])
    whole = pq.read_table(path)
    pq.write_table(whole, path, row_group_size=7)
    read = [read_shard(path, 3, shard)["representative"].to_pylist() for shard in range(3)]
    assert sorted(number for numbers in read for number in numbers) == list(range(59))
    assert all(numbers == sorted(numbers) for numbers in read)


@pytest.mark.parametrize("rows_per_group", [1, 3, 1000])
def test_proteins_of_one_sequence_are_in_one_shard(
    write_representatives: Writer, rows_per_group: int
) -> None:
    sequences = [f"M{'K' * length}{last}" for length in (3, 9) for last in "ACDE" for _ in range(5)]
    path = write_representatives(sequences)
    whole = pq.read_table(path).sort_by([("length", "ascending"), ("sha256", "ascending")])
    pq.write_table(whole, path, row_group_size=rows_per_group)
    read = [read_shard(path, 3, shard) for shard in range(3)]
    numbers = [number for table in read for number in table["representative"].to_pylist()]
    assert sorted(numbers) == list(range(len(sequences)))
    shards = [set(table["sequence"].to_pylist()) for table in read]
    assert sum(map(len, shards)) == len(set(sequences))
    assert len(read[0]) < len(sequences)


def test_unsorted_representatives_are_refused(write_representatives: Writer) -> None:
    path = write_representatives(["M" * length for length in range(1, 6)])
    pq.write_table(pq.read_table(path).take([0, 1, 3, 2, 4]), path)
    with pytest.raises(GlmError, match="row 3 is shorter"):
        read_shard(path, 1, 0)


def embedder_of(model: EsmModel, **options: int) -> Embedder:
    return Embedder(PackedEncoder(model), Truncation(**options), tokens_per_batch=128)


def test_a_shard_holds_float16_embeddings_and_counts(
    esm_model: EsmModel, sequences: list[str], write_representatives: Writer, tmp_path: Path
) -> None:
    proteins = read_shard(write_representatives([*sequences, sequences[0]]), 1, 0)
    output = tmp_path / "embeddings" / "0.parquet"
    counts = embed_shard(proteins, embedder_of(esm_model, residues=100), output, {})
    read = tables.read(output, tables.EMBEDDINGS)
    assert read["representative"].to_pylist() == list(range(len(sequences) + 1))
    found = tables.read_vectors(output, tables.EMBEDDINGS)
    assert (found.dtype, found.shape[1]) == (np.float16, 64)
    expected = embed_sequences(
        PackedEncoder(esm_model), proteins["sequence"].to_pylist(), Truncation(residues=100)
    )
    np.testing.assert_allclose(found, expected, atol=2e-2)
    # 13 proteins, of which sequences[0] is there twice; two are longer than 100 residues.
    assert counts["proteins"] == len(sequences) + 1
    assert counts["unique"] == len(sequences)
    assert counts["truncated"] == 2
    assert counts == tables.read_counts(output)
    assert [path.name for path in output.parent.iterdir()] == ["0.parquet"]


class Counting(PackedEncoder):
    """Counts the tokens that it reads."""

    tokens = 0

    def __call__(self, tokens: torch.Tensor, runs: list[Run]) -> torch.Tensor:
        self.tokens += len(tokens)
        return super().__call__(tokens, runs)


def test_a_sequence_that_is_there_often_is_embedded_once(
    esm_model: EsmModel, write_representatives: Writer, tmp_path: Path
) -> None:
    proteins = read_shard(write_representatives(["MKLV"] * 5 + ["MKLVA"]), 1, 0)
    encoder = Counting(esm_model)
    embed_shard(proteins, Embedder(encoder, Truncation(), 128), tmp_path / "0.parquet", {})
    assert encoder.tokens == 4 + 5 + 2 * 2  # each once, with a start and an end
    rows = tables.read(tmp_path / "0.parquet", tables.EMBEDDINGS)["embedding"].to_pylist()
    assert len(rows) == 6
    assert rows[0] == rows[4] != rows[5]


def test_progress_tells_residues_a_second_and_the_time_left(
    esm_model: EsmModel,
    sequences: list[str],
    write_representatives: Writer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(logs, "SECONDS_BETWEEN_LINES", 0.0)
    caplog.set_level(logging.INFO)
    proteins = read_shard(write_representatives(sequences), 1, 0)
    embed_shard(proteins, embedder_of(esm_model), tmp_path / "0.parquet", {})
    lines = [record.message for record in caplog.records if "residues/s" in record.message]
    assert re.search(r"\d+%.*\[\d+:\d+<\d+:\d+, .*residues/s\]", lines[len(lines) // 2]), lines


def test_a_shard_without_proteins_is_an_empty_table(
    esm_model: EsmModel, write_representatives: Writer, tmp_path: Path
) -> None:
    proteins = read_shard(write_representatives(["MK"]), 5, 0)
    others = [read_shard(write_representatives(["MK"]), 5, shard) for shard in range(5)]
    empty = next(table for table in [proteins, *others] if not len(table))
    embed_shard(empty, embedder_of(esm_model), tmp_path / "0.parquet", {})
    assert len(tables.read(tmp_path / "0.parquet", tables.EMBEDDINGS)) == 0


def test_an_illegal_residue_names_shard_and_protein_and_leaves_nothing(
    esm_model: EsmModel, write_representatives: Writer, tmp_path: Path
) -> None:
    proteins = read_shard(write_representatives(["MK", "MKL*V"]), 1, 0)
    output = tmp_path / "embeddings" / "0.parquet"
    with pytest.raises(GlmError, match=r"0\.parquet: protein 101 has '\*' at residue 4"):
        embed_shard(proteins, embedder_of(esm_model), output, {})
    assert not output.exists()


def test_a_journal_of_other_inputs_is_not_taken_up(tmp_path: Path) -> None:
    first = Journal(tmp_path / "0.parquet", 2, {"model": "a"})
    first.append(np.ones((3, 2)))
    first.save()
    first.append(np.ones((1, 2)))  # never saved: lost by a kill
    first.handle.flush()
    again = Journal(tmp_path / "0.parquet", 2, {"model": "a"})
    assert (again.batches, again.rows) == (1, 3)
    assert again.read().shape == (3, 2)
    other = Journal(tmp_path / "0.parquet", 2, {"model": "b"})
    assert (other.batches, other.rows) == (0, 0)


def embed(representatives: Path, model: Path, output: Path, **options: float) -> None:
    embedder = Embedder(load_encoder(model, allow_random_weights=True)[0], Truncation(), 128)
    embed_shard(read_shard(representatives, 1, 0), embedder, output, {}, **options)


def embed_and_save_often(representatives: Path, model: Path, output: Path) -> None:
    embed(representatives, model, output, seconds_between_saves=0.0)


def test_a_killed_shard_goes_on_and_comes_out_the_same(
    model_folder: Path, write_representatives: Writer, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    made = ["".join(rng.choice(list("ACDEFGHIKL"), n)) for n in rng.integers(20, 200, 500)]
    path = write_representatives(made)
    killed, whole = tmp_path / "killed" / "0.parquet", tmp_path / "whole" / "0.parquet"
    note, rows = killed.with_name(".0.note.json"), killed.with_name(".0.rows")
    killed_when(note.exists, embed_and_save_often, path, model_folder, killed)
    assert note.exists(), "the kill must come after the first save"
    assert not killed.exists()
    assert 0 < rows.stat().st_size < 500 * 64 * 2, "the kill must come before the end"
    with rows.open("ab") as handle:
        handle.write(b"torn")
    for output in (killed, whole):
        embed(path, model_folder, output)
    assert killed.read_bytes() == whole.read_bytes()
    assert [path.name for path in killed.parent.iterdir()] == ["0.parquet"]
