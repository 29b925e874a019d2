from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.plant import plant_splits, plant_subcontigs
from tests.script import call

from glm import embed_genome, tables
from glm.application.dgeb import ContextEncoder, neighbour_means
from glm.application.loading import TrainedModel
from glm.benchmarks import bacbench
from glm.benchmarks.looked_up import look_up
from glm.corpus.genome_tables import Genome, read_genome_tables, write_genomes
from glm.errors import GlmError
from glm.evaluation.predictors import TrainingContexts


def ordered(genome: Genome) -> list[str]:
    return [
        genome.proteins[g.protein].sequence for genes in genome.contigs().values() for g in genes
    ]


def test_sequences_are_embedded_where_they_lie(model: TrainedModel, genome: Genome) -> None:
    encoder = ContextEncoder(model, [genome])
    chosen = [41, 3, 3]
    found = encoder.encode([ordered(genome)[i] for i in chosen])
    assert found.shape == (3, len(encoder.layers), encoder.embed_dim)
    expected = embed_genome(model, genome).contextual_embeddings
    assert found[:, 0] == pytest.approx(expected[chosen], abs=1e-5)


def test_a_tasks_sequences_in_order_are_one_contig(model: TrainedModel, genome: Genome) -> None:
    sequences = ordered(genome)[:40]
    forward = [dataclasses.replace(gene, forward=True) for gene in genome.genes[:40]]
    expected = embed_genome(model, dataclasses.replace(genome, genes=forward))
    together = ContextEncoder(model, in_order=True).encode(sequences)[:, 0]
    assert together == pytest.approx(expected.contextual_embeddings, abs=1e-5)
    alone = ContextEncoder(model).encode(sequences)[:, 0]
    assert np.abs(together - alone).max() > 0.1
    assert alone[:1] == pytest.approx(ContextEncoder(model).encode(sequences[:1])[:, 0], abs=1e-5)


def test_the_protein_models_own_embedding_for_comparison(
    model: TrainedModel, genome: Genome
) -> None:
    encoder = ContextEncoder(model, [genome], representation="protein")
    expected = embed_genome(model, genome).protein_embeddings
    assert encoder.encode(ordered(genome))[:, 0] == pytest.approx(expected, abs=1e-3)
    assert encoder.embed_dim == 192


def test_it_says_what_dgeb_asks_of_a_model(model: TrainedModel) -> None:
    encoder = ContextEncoder(model)
    assert encoder.layers == [1]
    assert encoder.layer_labels == ["last (1)"]
    assert encoder.metadata == {
        "hf_name": "glm (contextual)", "num_layers": 2, "embed_dim": 32,
        "num_params": sum(p.numel() for p in model.glm.parameters()),
    }  # fmt: skip


@pytest.fixture(scope="module")
def corpus(
    model: TrainedModel, genome: Genome, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The phage as a run's reference, and as its training corpus of two windows and the rest."""
    folder = tmp_path_factory.mktemp("corpus")
    paths = {name: folder / f"{name}.parquet" for name in ("genes", "contigs", "proteins")}
    write_genomes([genome], *paths.values(), {"producer": "test"})
    np.save(folder / "store.npy", model.embed_proteins(ordered(genome)))
    windows = [range(30), range(30, 60), range(60, 62)]
    return {
        **paths,
        "store": folder / "store.npy",
        "subcontigs": plant_subcontigs(folder / "subcontigs.parquet", windows),
        "splits": plant_splits(folder / "splits.parquet", ["train"] * 3),
    }


def test_a_context_that_training_has_is_looked_up(
    model: TrainedModel, genome: Genome, corpus: dict[str, Path]
) -> None:
    """In a training corpus of the genome itself it is the mean of the neighbours."""
    contexts = TrainingContexts.read(
        corpus["subcontigs"], corpus["splits"], corpus["store"], model.builder
    )
    found = look_up(model, contexts)(ordered(genome))
    embedded = embed_genome(model, genome)
    means = neighbour_means(embedded, 30)
    assert found == pytest.approx(means, abs=1e-3)
    others = embedded.protein_embeddings[[60]].astype(np.float32)
    assert means[[61]] == pytest.approx(others)


def test_a_genome_comes_back_from_its_tables(genome: Genome, corpus: dict[str, Path]) -> None:
    read = read_genome_tables("again", corpus["genes"], corpus["proteins"])
    assert ordered(read) == ordered(genome)
    first = next(iter(genome.contigs().values()))
    assert [gene.forward for gene in read.contigs()["0"]] == [gene.forward for gene in first]


def test_tasks_are_run_from_local_copies(
    model_directory: Path, genome: Genome, corpus: dict[str, Path], tmp_path: Path
) -> None:
    sequences = ordered(genome)
    labels = [int(number % 3 > 0) for number in range(62)]
    classes = [f"1.1.1.{number % 2}" for number in range(61)]
    split = "train-00000-of-00001.parquet"
    copies = {
        f"ecoli_operonic_pair/data/{split}": {
            "Sequence": [*sequences[:61], "MKV"],
            "Label": labels,
        },
        f"modac_paralogy_bigene/data/{split}": {"Seq1": sequences[:30], "Seq2": sequences[30:60]},
        f"ec_classification/data/{split}": {"Sequence": sequences[:40], "Label": classes[:40]},
        "ec_classification/data/test-00000-of-00001.parquet": {
            "Sequence": sequences[40:61],
            "Label": classes[40:],
        },
        f"{bacbench.OPERONS.name}/data/{split}": {
            "contig_name": [["NC_1"]],
            "protein_sequence": [[sequences]],
            "operon_protein_indices": [[[[3, 4, 5], [20, 21]]]],
        },
    }
    for name, columns in copies.items():
        path = tmp_path / "copies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)
    given = {
        "model": model_directory / "model.safetensors",
        "identity": model_directory.parent / "protein_model" / "identity.json",
        "genomes": [],
        **{name: corpus[name] for name in ("genes", "proteins", "subcontigs", "splits", "store")},
        "folder": str(tmp_path / "copies"),
        "bootstrap_rounds": 20,
        "gpus": 0,
        "threads": 1,
        "seed": 1,
        "benchmarks": tmp_path / "results.parquet",
        "numbers": tmp_path / "numbers.parquet",
    }
    with pytest.raises(GlmError, match=r"none of ecoli_operonic_pair, .* \(benchmarks.data\)"):
        call("evaluate_benchmarks", data=[], **given)
    call("evaluate_benchmarks", data=[tmp_path / "copies" / name for name in copies], **given)
    table = tables.read(given["benchmarks"], tables.BENCHMARKS).to_pandas()
    ours = table[table["source"] == "this run"]
    counts = {
        name.partition("/")[0]: n for name, n in zip(copies, (61, 30, 21, 21, 2), strict=True)
    }
    for task, n in counts.items():
        of_task = ours[ours["task"] == task]
        assert [*of_task["model"]] == ["protein", "neighbours", "contextual", "look_up"]
        assert of_task["value"].between(0, 1).all()
        assert (of_task["n"] == n).all()
        assert len(table[table["task"] == task]) == 4 + (0 if task == bacbench.OPERONS.name else 6)
    of_pairs = ours[ours["task"] == "ecoli_operonic_pair"]
    assert of_pairs["value"].between(0.5, 1).all()
    numbers = tables.read(given["numbers"], tables.NUMBERS).to_pandas().set_index("id")
    note = numbers.loc["benchmarks.ecoli_operonic_pair.contextual", "note"]
    assert "61 of 62 proteins lie in a genome that is here, the others are read in the task" in note
