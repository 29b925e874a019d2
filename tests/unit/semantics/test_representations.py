from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import pdist
from tests.random_model import random_reader
from tests.unit.inference.conftest import write_subcontigs

from glm import figures, tables
from glm.data.corpus import Corpus
from glm.errors import GlmError
from glm.inference.reader import GeneReader
from glm.probes import all_at_equal_dimension, standardised
from glm.semantics import analysis, representations, share
from glm.semantics import figures as drawing
from glm.semantics.representations import NAMES, represent_all, windows_of


@pytest.fixture
def reader(corpus: Corpus) -> GeneReader:
    return random_reader(corpus)


@pytest.fixture
def corpus() -> Corpus:
    """Subcontigs 70, 80, 90 of 9, 5 and 6 genes; gene n has the representative n."""
    return Corpus(
        subcontig=np.array([70, 80, 90]),
        offsets=np.array([0, 9, 14, 20]),
        representative=np.arange(20, dtype=np.int32),
        forward=np.arange(20) % 3 > 0,
    )


FOCAL = pd.DataFrame({"subcontig": [90, 70, 70], "rank": [5, 4, 0]})


def test_windows_reach_so_far_and_not_over_the_end(corpus: Corpus) -> None:
    whole = windows_of(corpus, FOCAL, None)
    assert whole.windows.lengths.tolist() == [6, 9, 9]
    near = windows_of(corpus, FOCAL, 2)
    first, *_ = near.windows.in_parts(1)
    assert (first.genes.tolist(), first.chosen.tolist()) == ([17, 18, 19], [2])
    assert near.windows.lengths.tolist() == [3, 5, 3]
    for around in (whole, near):
        assert around.focal.tolist() == [19, 4, 0]
    with pytest.raises(GlmError, match="subcontig 71: the corpus has no such"):
        windows_of(corpus, pd.DataFrame({"subcontig": [71], "rank": [0]}), None)


def test_of_a_large_corpus_a_part_is_read_and_the_focal_genes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = np.arange(200)
    write_subcontigs(tmp_path, np.split(number, 50), number.astype(np.int32), number > 0)
    path, focal = tmp_path / "subcontigs.parquet", pd.DataFrame({"subcontig": [27, 497, 27]})
    assert len(representations.subcontigs_to_read(path, focal, 1)) == 50
    monkeypatch.setattr(representations, "STRANGERS", 10)
    found = representations.subcontigs_to_read(path, focal, 1)
    assert {27, 497} <= set(found.tolist())
    assert 10 <= len(found) <= 12
    assert found.tolist() != representations.subcontigs_to_read(path, focal, 2).tolist()


def test_representations_are_what_they_say(reader: GeneReader, corpus: Corpus) -> None:
    windows = windows_of(corpus, FOCAL, 2)
    found = represent_all(reader, windows, seeds=2, seed=7)
    assert list(found) == list(NAMES)
    store = reader.genes.store.embeddings.float().numpy()
    assert np.array_equal(found["context-free"][0], store[[19, 4, 0]])
    alone = reader.hidden(np.arange(2, 7), np.array([5]))  # gene 4 with two on each side
    np.testing.assert_allclose(found["contextualised"][0][1], alone[2], atol=1e-5)
    expected = store[[2, 3, 5, 6]].clip(-10, 10).mean(0)
    np.testing.assert_allclose(found["mean of neighbours"][0][1], expected, atol=1e-3)
    assert found["contextualised"][0] is found["contextualised"][1]
    for name in ("untrained gLM", "shuffled context"):
        one, other = found[name]
        assert np.abs(one - other).max() > 0.05
        assert np.abs(one - found["contextualised"][0]).max() > 0.05


def test_a_focal_gene_without_numbers_names_its_subcontig(
    reader: GeneReader, corpus: Corpus
) -> None:
    reader.genes.store.embeddings[4] = torch.nan  # the second of the focal genes, in subcontig 70
    with pytest.raises(GlmError, match=r"subcontig 70 is not finite: the gLM, .* store holds"):
        represent_all(reader, windows_of(corpus, FOCAL, 2), seeds=1, seed=7)
    half = replace(reader, precision="fp16")
    with pytest.raises(GlmError, match=r"subcontig 70 is not finite: set contextualisation.preci"):
        represent_all(half, windows_of(corpus, FOCAL, 2), seeds=1, seed=7)
    with pytest.raises(GlmError, match=r"a gene of subcontig 70 is not finite"):
        for _, _, replicates in share.represent_share(reader, np.array([17]), seeds=[13]):
            list(replicates)


def planted(per_group: int = 12) -> tuple[pd.DataFrame, dict[str, list[np.ndarray]]]:
    rng = np.random.default_rng(2)
    group = np.repeat(["near", "far"], per_group)
    genes = pd.DataFrame(
        {
            "subcontig": np.arange(len(group)),
            "rank": 0,
            "protein": 1,
            "set": "IF-1",
            "group": group,
            "assembly": [f"g{number}" for number in range(len(group))],
        }
    )
    free = np.ones((len(group), 5))
    parted = rng.normal(size=(len(group), 5)) + 20.0 * (group == "far")[:, None]
    every = {name: [rng.normal(size=(len(group), 5))] for name in NAMES}
    return genes, {**every, "context-free": [free], "contextualised": [parted]}


def test_equal_context_free_embeddings_do_not_part_and_contexts_do(tmp_path: Path) -> None:
    """Figure 2B and C: one protein in two biomes."""
    genes, every = planted()
    found = analysis.analyse(genes, every, "pca", neighbours=4, rounds=100, permutations=99, seed=1)
    rows = found.separation.set_index(["representation", "measure"])
    assert rows.loc[("context-free", "silhouette"), "value"] == 0
    assert rows.loc[("context-free", "adjusted Rand index"), "value"] == 0
    assert rows.loc[("context-free", "neighbour purity"), "value"] == pytest.approx(0.48, abs=0.15)
    assert rows.loc[("contextualised", "adjusted Rand index"), "value"] == 1
    assert rows.loc[("contextualised", "silhouette"), "gain_lower"] > 0.5
    assert rows.loc[("contextualised", "silhouette"), "p"] == 0.01
    tables.write(found.separation, tmp_path / "s.parquet", tables.SEPARATION, {})
    tables.write(found.points, tmp_path / "p.parquet", tables.SEMANTIC_POINTS, {})
    figure, caption = drawing.entry(found.points, found.separation, "IF-1", "pca", "biome")
    assert "n = 24 genes of 24 genomes" in caption
    assert "gain over context-free +1.00" in caption
    figure.clear()


def test_a_single_group_is_a_reason_and_no_crash(tmp_path: Path) -> None:
    genes = planted()[0]
    assert analysis.reason_against(genes) is None
    reason = analysis.reason_against(genes[genes["group"] == "far"])
    assert reason == "1 group with enough genes; two are needed"
    assert str(analysis.reason_against(genes[:0])).startswith("0 groups")
    tables.write(analysis.empty().separation, tmp_path / "s.parquet", tables.SEPARATION, {})
    _, caption = figures.nothing("IF-1", str(reason))
    assert "two are needed" in caption


def test_embeddings_of_a_share_follow_their_genes(reader: GeneReader, corpus: Corpus) -> None:
    genes = np.array([17, 2, 9])
    found = {
        name: (rows, list(replicates))
        for name, rows, replicates in share.represent_share(reader, genes, seeds=[13, 14])
    }
    lengths = np.diff(corpus.offsets)
    whole = reader.hidden(np.arange(20), lengths)
    rows, replicates = found["contextualised"]
    assert rows is not None
    np.testing.assert_allclose(rows, whole, atol=1e-5)
    np.testing.assert_allclose(replicates[1], whole[genes], atol=1e-5)
    store = reader.genes.store.embeddings.float().numpy()
    others = [np.delete(store[begin:end], gene - begin, axis=0).clip(-10, 10).mean(0)
              for gene, begin, end in ((17, 14, 20), (2, 0, 9), (9, 9, 14))]  # fmt: skip
    alone = standardised(store[genes])
    sides = {"both": [alone, np.array(others)], "context": [standardised(whole[genes])]}
    expected = all_at_equal_dimension(sides)
    _, (first, second) = found["protein + mean of neighbours, equal dimension"]
    assert first is second
    np.testing.assert_allclose(pdist(first), pdist(expected["both"]), rtol=1e-3)
    for control in ("untrained gLM", "shuffled context"):
        _, (first, second) = found[control]
        assert first.shape == (3, 24)
        assert np.abs(first - whole[genes]).max() > 0.05
        assert np.abs(first - second).max() > 0.05  # each seed draws anew


def test_one_gene_of_each_protein_is_measured() -> None:
    genes = pd.DataFrame({"representative": [4, -1, 4, 7, 4, 9]})
    chosen = share.one_of_each_protein(genes, seed=1)
    assert genes["representative"][chosen].is_unique
    assert sorted(genes["representative"][chosen]) == [4, 7, 9]
