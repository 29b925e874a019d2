from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from tests.script import call
from typer.testing import CliRunner

from glm import EmbeddedGenome, embed_genome, provenance, tables
from glm.application.cli import app
from glm.application.embedding import readable
from glm.application.loading import TrainedModel
from glm.application.output import OPTIONAL, without
from glm.corpus import genome_tables
from glm.corpus.genome_tables import Genome
from glm.corpus.subcontigs import write_subcontigs
from glm.embedding.alphabet import Truncation
from glm.embedding.batching import Embedder
from glm.embedding.protein_model import load_encoder
from glm.embedding.shards import embed_shard
from glm.embedding.store import build_store

EMBEDDED = without(tables.EMBEDDED_GENES, [name for names in OPTIONAL.values() for name in names])


@pytest.fixture(scope="module")
def embedded(model: TrainedModel, genome: Genome) -> EmbeddedGenome:
    return embed_genome(model, genome, context_only=True, candidates=True)


@pytest.fixture(scope="module")
def tables_of_the_pipeline(
    genome: Genome, protein_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The phage through the pipeline's own stages; every protein represents itself."""
    folder = tmp_path_factory.mktemp("pipeline")
    paths = {name: folder / f"{name}.parquet" for name in ("genes", "contigs", "proteins")}
    genome_tables.write_genomes([genome], *paths.values(), {})
    genes = tables.read(paths["genes"], tables.GENES).to_pandas()
    genes["cluster"] = genes["protein"]
    tables.write(genes, folder / "mapped.parquet", tables.MAPPED_GENES, {})
    proteins = tables.read(paths["proteins"], tables.PROTEINS).to_pandas()
    proteins["length"] = proteins["sequence"].str.len()
    proteins = proteins.sort_values("length", kind="stable", ignore_index=True)
    proteins["representative"], proteins["sha256"] = range(len(proteins)), proteins["sequence"]
    representatives = folder / "representatives.parquet"
    tables.write(proteins, representatives, tables.REPRESENTATIVES, {})
    write_subcontigs(
        folder / "mapped.parquet", paths["contigs"], representatives, folder / "subcontigs.parquet",
        {}, minimum_genes=15, maximum_genes=30,
    )  # fmt: skip
    embedder = Embedder(load_encoder(protein_model)[0], Truncation(12290), 65536)
    shard = tables.read(representatives, tables.REPRESENTATIVES)
    embed_shard(shard, embedder, folder / "0.parquet", provenance.stamp("test"))
    build_store([folder / "0.parquet"], len(proteins), folder / "store.npy")
    return folder


def contextual_table(folder: Path, model_directory: Path, stored: str) -> pd.DataFrame:
    """What the rule contextualise_subcontigs stores for the phage."""
    output = folder / f"{stored}.parquet"
    call(
        "contextualise_subcontigs",
        model=model_directory / "model.safetensors",
        subcontigs=folder / "subcontigs.parquet",
        store=folder / "store.npy",
        standardisation=model_directory / "standardisation.parquet",
        label_components=model_directory / "label_components.parquet",
        variant="trained",
        shard=0,
        shards=1,
        subcontigs_per_batch=256,
        precision="fp32",
        layer="last",
        stored_precision=stored,
        gpus=0,
        run_seed=1,
        threads=1,
        contextual=output,
    )
    assert tables.read_stamp(output)["parameters"]["stored_precision"] == stored
    genes = tables.read(output, tables.CONTEXTUAL).to_pandas()
    return genes.assign(embedding=list(tables.read_vectors(output, tables.CONTEXTUAL)))


@pytest.mark.parametrize(("stored", "tolerance"), [("fp32", 1e-5), ("fp16", 2e-3)])
def test_glm_embed_gives_the_contextual_table_of_the_pipeline(
    stored: str,
    tolerance: float,
    phage: Path,
    tables_of_the_pipeline: Path,
    model_directory: Path,
    tmp_path: Path,
) -> None:
    command = ["embed", phage, "--model", model_directory, "--output", tmp_path / "genes.parquet"]
    done = CliRunner().invoke(app, [str(part) for part in command])
    assert done.exit_code == 0, done.output
    genes = tables.read(tmp_path / "genes.parquet", EMBEDDED).to_pandas()
    contextual = contextual_table(tables_of_the_pipeline, model_directory, stored)
    assert len(contextual) == 60  # the pipeline drops the last window, of two genes
    ours = np.stack(genes["contextual_embedding"].to_numpy()[:60])
    theirs = np.stack(contextual["embedding"].to_numpy())
    assert ours.dtype == np.float32
    assert theirs.dtype == {"fp32": np.float32, "fp16": np.float16}[stored]
    assert np.abs(ours - theirs.astype(np.float32)).max() < tolerance
    raw = np.load(tables_of_the_pipeline / "store.npy")[contextual["representative"]]
    assert np.array_equal(raw, np.stack(genes["protein_embedding"].to_numpy()[:60]))


def test_short_windows_are_flagged(embedded: EmbeddedGenome, genome: Genome) -> None:
    genes = embedded.genes
    assert genes["window_genes"].tolist() == [30] * 60 + [2] * 2
    assert genes["outside_training"].tolist() == [False] * 60 + [True] * 2
    first = genome.contigs()["gi|9626243|ref|NC_001416.1|"][0]
    assert (genes["start"][0], genes["end"][0]) == (first.start, first.end)


@pytest.mark.parametrize("count", [1, 2, 14, 15, 30])
def test_contigs_of_any_length_work(model: TrainedModel, genome: Genome, count: int) -> None:
    short = dataclasses.replace(genome, genes=genome.genes[:count])
    found = embed_genome(model, short, stride=7, context_only=True)
    assert found.contextual_embeddings.shape == (count, 32)
    assert np.isfinite(found.contextual_embeddings).all()
    assert found.genes["outside_training"].tolist() == [count < 15] * count


def test_a_gene_alone_does_not_depend_on_other_contigs(model: TrainedModel, genome: Genome) -> None:
    genes = [dataclasses.replace(gene, contig="a") for gene in genome.genes[:20]]
    genes += [dataclasses.replace(genome.genes[30], contig="b")]
    both = embed_genome(model, dataclasses.replace(genome, genes=genes))
    alone = embed_genome(model, dataclasses.replace(genome, genes=genes[20:]))
    assert both.genes["contig"].tolist() == ["a"] * 20 + ["b"]
    assert both.contextual_embeddings[20] == pytest.approx(alone.contextual_embeddings[0], abs=1e-5)


def test_overlapping_windows_are_averaged(model: TrainedModel, genome: Genome) -> None:
    genome = dataclasses.replace(genome, genes=genome.genes[:40])
    known = embed_genome(model, genome)
    overlapping = embed_genome(model, genome, stride=10)
    second = embed_genome(model, dataclasses.replace(genome, genes=genome.genes[10:]))
    first = known.contextual_embeddings[:30]
    found = overlapping.contextual_embeddings
    assert found[:10] == pytest.approx(first[:10], abs=1e-5)
    place = 12  # 13th of 30 genes in the one window, third in the other
    expected = (13 * first[place] + 3 * second.contextual_embeddings[2]) / 16
    assert found[place] == pytest.approx(expected, abs=1e-5)


def test_context_only_embeddings_do_not_know_the_gene(
    model: TrainedModel, genome: Genome, embedded: EmbeddedGenome
) -> None:
    known = embedded.protein_embeddings.copy()
    known[5] = known[40]
    other = embed_genome(model, genome, context_only=True, protein_embeddings=known)
    assert embedded.context_only_embeddings is not None
    assert other.context_only_embeddings is not None
    moved = np.abs(other.context_only_embeddings - embedded.context_only_embeddings).max(1)
    assert moved[5] < 1e-5
    assert moved[[4, 6]].min() > 1e-3
    assert np.abs(other.contextual_embeddings[5] - embedded.contextual_embeddings[5]).max() > 1e-2


def test_candidates_are_what_the_model_predicts_for_a_masked_gene(
    model: TrainedModel, embedded: EmbeddedGenome
) -> None:
    found = embedded.candidates
    assert found is not None
    assert found.likelihood.sum(1) == pytest.approx(np.ones(62), abs=1e-5)
    assert (np.diff(found.likelihood, axis=1) <= 0).all()
    gene, window = 33, slice(30, 60)
    forward = torch.tensor(embedded.genes["forward"].to_numpy(bool))
    raw = torch.from_numpy(embedded.protein_embeddings)
    builder, glm = model.builder, model.glm
    hide = torch.zeros(30, dtype=torch.bool)
    hide[3] = True
    features = builder.features(raw[window], torch.ones(30).bool(), forward[window], hide)
    with torch.no_grad():
        output = glm(features, torch.tensor([30]), masked=torch.tensor([3]))
    likely = int(output.likelihoods.argmax())
    assert found.predictions[gene, 0] == pytest.approx(
        output.predictions[0, likely].numpy(), abs=1e-4
    )
    labels = builder.labels(raw, torch.ones(62).bool(), forward)
    apart = (labels - output.predictions[0, likely]).norm(dim=1)
    assert found.gene[gene, 0] == int(apart.argmin())
    assert found.distance[gene, 0] == pytest.approx(float(apart.min()), rel=1e-4)


def test_contigs_are_means_of_their_genes(model: TrainedModel, genome: Genome) -> None:
    genes = [
        dataclasses.replace(gene, contig="z" if number < 20 else "a")
        for number, gene in enumerate(genome.genes)
    ]
    found = embed_genome(model, dataclasses.replace(genome, genes=genes))
    contigs, protein, contextual = found.contig_means()
    assert contigs["contig"].tolist() == ["z", "a"]
    assert contigs["genes"].tolist() == [20, 42]
    assert contigs["outside_training"].tolist() == [False, False]
    assert contextual[0] == pytest.approx(found.contextual_embeddings[:20].mean(0), abs=1e-5)
    expected = found.protein_embeddings[20:].astype(float).mean(0)
    assert protein[1] == pytest.approx(expected, abs=1e-4)


def test_a_protein_twice_is_embedded_once(genome: Genome) -> None:
    twice = dataclasses.replace(genome, genes=[*genome.genes, *genome.genes])
    read = readable(twice)
    assert len(read.sequences) == 62
    assert pd.Series(read.protein).value_counts().eq(2).all()
    assert pa.array(read.genes["start"]).type == pa.int32()
