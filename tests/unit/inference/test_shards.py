from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from tests.random_model import HIDDEN
from tests.unit.training.processes import killed_when

from glm import tables
from glm.data.corpus import read_corpus
from glm.data.features import read_feature_builder
from glm.enzymes.examples import genes_of
from glm.errors import GlmError
from glm.inference.contexts import arrange, in_batches, reading_order
from glm.inference.names import Variant
from glm.inference.opening import Reading
from glm.inference.reader import GeneReader
from glm.inference.shards import (
    choose_shard,
    contextualise_shard,
    read_proteins,
)
from glm.model import GenomicLanguageModel

from .conftest import LENGTHS

GENES = sum(LENGTHS)


def reader_of(folder: Path, named: np.ndarray | None = None) -> GeneReader:
    files = ("glm/model.safetensors", "subcontigs.parquet", "store.npy", "standardisation.parquet",
             "label_components.parquet")  # fmt: skip
    return Reading(*(folder / name for name in files), gpus=0).open(named=named)


def test_inputs_are_made_as_the_models_configuration_says(run_folder: Path, tmp_path: Path) -> None:
    spoilt = shutil.copytree(run_folder, tmp_path / "run")
    config = json.loads((spoilt / "glm" / "config.json").read_text())
    keys = {"input_clip": 0.5, "ones_standardised": True}
    (spoilt / "glm" / "config.json").write_text(json.dumps(config | keys))
    ours, theirs = (
        reader_of(each).genes.features(np.arange(GENES)) for each in (run_folder, spoilt)
    )
    fitted = tables.read(run_folder / "standardisation.parquet", tables.STANDARDISATION)
    ones = (1 - fitted["mean"].to_numpy()) / fitted["standard_deviation"].to_numpy()
    assert (ours[2, :-1] == 1).all()  # has no representative
    np.testing.assert_allclose(theirs[2, :-1], ones.clip(-0.5, 0.5), rtol=1e-6)
    torch.testing.assert_close(theirs[3], ours[3].clamp(-0.5, 0.5))


def test_the_layer_that_is_read_is_the_one_that_is_asked_for(run_folder: Path) -> None:
    """By hooks on the model, and by each gene masked on its own."""
    reader = reader_of(run_folder)
    genes, lengths = reader.genes.corpus.genes_of(np.array([0, 3]))
    seen: dict[str, np.ndarray] = {}
    last = reader.model.layers[-1]
    for name, module in (("after_attention", last.attention_norm), ("last", last)):

        def keep(_: object, __: object, output: object, name: str = name) -> None:
            hidden = output[0] if isinstance(output, tuple) else output
            seen[name] = hidden.detach().numpy()  # type: ignore[union-attr]

        module.register_forward_hook(keep)
    reader.hidden(genes, lengths)
    for name in ("last", "after_attention"):
        found = replace(reader, layer=name).hidden(genes, lengths)  # type: ignore[arg-type]
        np.testing.assert_array_equal(found, seen[name])
    masked = replace(reader, layer="masked").hidden(genes, lengths)
    assert masked.shape == (len(genes), HIDDEN)
    for place in range(len(genes)):
        alone = reader.masked(genes, lengths, np.array([place])).hidden.numpy()
        np.testing.assert_allclose(masked[place : place + 1], alone, rtol=1e-4, atol=1e-5)


def shard_of(
    folder: Path,
    variant: Variant = "trained",
    per_batch: int = 2,
    shard: int = 0,
    shards: int = 1,
) -> tuple[GeneReader, np.ndarray, list[np.ndarray]]:
    """What reads a shard, its genes' proteins and its batches."""
    path = folder / "subcontigs.parquet"
    named, batches = choose_shard(path, variant, 5, per_batch, shard, shards)
    return reader_of(folder, named), read_proteins(path, named), batches


def write_shard(
    folder: Path, output: Path, variant: Variant = "trained", shard: int = 0, shards: int = 1
) -> pa.Table:
    reader, proteins, batches = shard_of(folder, variant, 2, shard, shards)
    reader = reader.variant(variant, 5)
    contextualise_shard(reader, proteins, batches, output, {"a": 1}, variant, seed=5)
    return tables.read(output, tables.CONTEXTUAL)


def values(table: pa.Table) -> np.ndarray:
    column = table["embedding"].combine_chunks()
    return tables.vector_rows(column, np.dtype(np.float16)).astype(np.float32)


def directly(folder: Path) -> np.ndarray:
    """The last hidden layer of each gene, the model called by hand for one subcontig at a time."""
    model = GenomicLanguageModel.from_pretrained(folder / "glm").eval()
    builder = read_feature_builder(
        folder / "standardisation.parquet", folder / "label_components.parquet", {}
    )
    store = torch.from_numpy(np.load(folder / "store.npy"))
    found = []
    for row in tables.read(folder / "subcontigs.parquet", tables.SUBCONTIGS).to_pylist():
        number = torch.tensor(row["representative"])
        features = builder.features(
            store[number.clamp(min=0)], number >= 0, torch.tensor(row["forward"])
        )
        with torch.no_grad():
            read = model(features, torch.tensor([len(number)]))
        found.append(read.hidden)
    return torch.cat(found).numpy()


def test_a_row_is_the_models_last_hidden_layer_at_that_gene(
    run_folder: Path, tmp_path: Path
) -> None:
    table = write_shard(run_folder, tmp_path / "0.parquet")
    assert tables.read_vectors(tmp_path / "0.parquet", tables.CONTEXTUAL).shape == (GENES, HIDDEN)
    np.testing.assert_allclose(values(table), directly(run_folder), atol=2e-3)
    assert table["protein"].to_pylist() == list(range(1000, 1000 + GENES))
    assert table["subcontig"].to_pylist() == np.repeat([7, 17, 27, 37, 47], LENGTHS).tolist()
    assert table["rank"].to_pylist() == [rank for n in LENGTHS for rank in range(n)]
    assert table["representative"][2].as_py() == -1
    counts = tables.read_counts(tmp_path / "0.parquet")
    assert counts == {"subcontigs": 5, "genes": GENES, "genes_without_representative": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["0.parquet"]


@pytest.mark.parametrize("variant", ["trained", "shuffled", "reordered"])
def test_shards_together_are_the_whole(run_folder: Path, tmp_path: Path, variant: Variant) -> None:
    """Also those of which there are more than batches: some have no row."""
    whole = write_shard(run_folder, tmp_path / "whole.parquet", variant)
    parts = [write_shard(run_folder, tmp_path / f"{n}.parquet", variant, n, 4) for n in range(4)]
    assert len(parts[3]) == 0
    assert pa.concat_tables(parts).drop(["embedding"]) == whole.drop(["embedding"])
    np.testing.assert_allclose(
        np.concatenate([values(part) for part in parts]), values(whole), atol=2e-3
    )
    every = whole.sort_by([("subcontig", "ascending"), ("rank", "ascending")])
    assert every["protein"].to_pylist() == list(range(1000, 1000 + GENES))


def test_shuffled_puts_a_gene_among_genes_of_other_subcontigs(run_folder: Path) -> None:
    corpus = read_corpus(run_folder / "subcontigs.parquet", 40)
    order = reading_order(5, "shuffled", 5)
    assert sorted(order) == list(range(5))
    reading = arrange(corpus, np.arange(5), "shuffled", 5)
    assert sorted(reading.order) == list(range(GENES))
    home = np.repeat(np.arange(5), LENGTHS)
    strangers = np.mean(home[reading.order] != home)
    assert strangers > 0.5


def test_reordered_keeps_the_genes_of_a_subcontig_together(run_folder: Path) -> None:
    corpus = read_corpus(run_folder / "subcontigs.parquet", 40)
    reading = arrange(corpus, np.arange(5), "reordered", 5)
    home = np.repeat(np.arange(5), LENGTHS)
    assert (home[reading.order] == home).all()
    assert (reading.order != np.arange(GENES)).any()


@pytest.mark.parametrize("variant", ["shuffled", "reordered"])
def test_a_row_follows_its_gene_wherever_it_is_read(
    run_folder: Path, tmp_path: Path, variant: Variant
) -> None:
    """Each row equals the model's output at the place in the input to which its gene went."""
    table = write_shard(run_folder, tmp_path / "0.parquet", variant)
    reader, proteins, batches = shard_of(run_folder, variant)
    begin = 0
    for batch in batches:
        windows = arrange(reader.genes.corpus, batch, variant, 5)
        input_genes = windows.as_read
        output = reader.hidden(input_genes, windows.lengths)
        rows = table.slice(begin, len(input_genes))
        begin += len(input_genes)
        place_of = {protein: k for k, protein in enumerate(proteins[input_genes].tolist())}
        places = [place_of[protein] for protein in rows["protein"].to_pylist()]
        np.testing.assert_allclose(values(rows), output[places], atol=2e-3)
    assert np.abs(values(table) - directly(run_folder)[: len(table)]).max() > 0.1


def test_an_untrained_model_gives_other_embeddings(run_folder: Path, tmp_path: Path) -> None:
    trained = values(write_shard(run_folder, tmp_path / "t.parquet"))
    untrained = values(write_shard(run_folder, tmp_path / "u.parquet", "untrained"))
    assert untrained.shape == trained.shape
    assert np.corrcoef(trained.ravel(), untrained.ravel())[0, 1] < 0.5


def test_half_precision_stays_close(run_folder: Path) -> None:
    reader = reader_of(run_folder)
    arguments = np.arange(GENES), np.array(LENGTHS)
    exact = reader.hidden(*arguments)
    half = replace(reader, precision="bf16").hidden(*arguments)
    cosine = (exact * half).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(half, axis=1)
    assert cosine.min() > 0.999
    assert not np.array_equal(exact, half)


def test_an_embedding_that_is_not_finite_names_its_subcontig(
    run_folder: Path, tmp_path: Path
) -> None:
    shard = shard_of(run_folder)
    genes = shard[0].genes
    bad = int(genes.corpus.representative[6])  # the second gene of the second subcontig
    genes.store.embeddings[bad] = torch.nan
    output = tmp_path / "0.parquet"
    with pytest.raises(GlmError, match=r"a gene of subcontig 17 is not finite"):
        contextualise_shard(*shard, output, {})
    assert not output.exists()


def test_an_embedding_beyond_float16_is_refused_where_it_is_kept_so(
    run_folder: Path, tmp_path: Path
) -> None:
    shard = shard_of(run_folder)
    reader = shard[0]
    with torch.no_grad():
        for layer in reader.model.layers:
            layer.feed_forward_norm.weight *= 1e6
    with pytest.raises(GlmError, match=r"not finite: set contextualisation.stored_precision"):
        contextualise_shard(*shard, tmp_path / "0.parquet", {})
    contextualise_shard(*shard, tmp_path / "0.parquet", {}, stored="fp32")
    with pytest.raises(GlmError, match=r"subcontig 17 is not finite: .* beyond float16"):
        reader.embed_some(
            np.array([6]), in_batches(reader.genes.corpus, 2, "trained", 1), np.float16
        )


def test_enzymes_of_other_subcontigs_are_refused(run_folder: Path) -> None:
    corpus = reader_of(run_folder).genes.corpus
    path = run_folder / "subcontigs.parquet"
    known = {"subcontig": [17], "rank": [1], "representative": corpus.representative[6:7]}
    assert genes_of(pd.DataFrame(known), corpus, path).tolist() == [6]
    with pytest.raises(GlmError, match=r"subcontigs\.parquet: not the subcontigs that"):
        genes_of(pd.DataFrame({**known, "representative": [-1]}), corpus, path)


def contextualise(folder: Path, output: Path, **options: float) -> None:
    """All genes forty times over."""
    reader, proteins, batches = shard_of(folder, per_batch=1)
    contextualise_shard(reader, proteins, batches * 40, output, {}, stored="fp32", **options)


def contextualise_and_save_often(folder: Path, output: Path) -> None:
    contextualise(folder, output, seconds_between_saves=0.0)


def test_a_killed_shard_resumes_and_comes_out_the_same(run_folder: Path, tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed" / "0.parquet", tmp_path / "whole" / "0.parquet"
    note, rows = killed.with_name(".0.note.json"), killed.with_name(".0.rows")

    def saved() -> int:
        held: int = json.loads(note.read_text())["rows"] if note.exists() else 0
        return held

    killed_when(saved, contextualise_and_save_often, run_folder, killed)
    assert 0 < saved() < 40 * GENES, "the kill must come after the first save and before the end"
    assert not killed.exists()
    assert rows.stat().st_size >= saved() * HIDDEN * 4
    with rows.open("ab") as handle:
        handle.write(b"torn")
    for output in (killed, whole):
        contextualise(run_folder, output)
    assert killed.read_bytes() == whole.read_bytes()
    assert [path.name for path in killed.parent.iterdir()] == ["0.parquet"]


def test_an_error_of_the_writing_thread_is_raised_and_costs_no_saved_batch(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full disk makes one, after twenty batches."""
    output, write, written = tmp_path / "a" / "0.parquet", tables.TableWriter.write, []

    def failing(table: tables.TableWriter, rows: dict[str, object]) -> None:
        written.append(rows)
        if len(written) == 20:
            raise ValueError("no more")
        write(table, rows)

    monkeypatch.setattr(tables.TableWriter, "write", failing)
    with pytest.raises(ValueError, match="no more"):
        contextualise(run_folder, output, seconds_between_saves=0.0)
    left = {path.name for path in output.parent.iterdir()}
    assert {".0.note.json", ".0.rows"} == left
    contextualise(run_folder, output)
    whole = tmp_path / "whole" / "0.parquet"
    contextualise(run_folder, whole)
    assert output.read_bytes() == whole.read_bytes()
