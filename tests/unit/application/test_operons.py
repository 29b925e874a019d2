from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from tests.unit.application.test_cli import glm

from glm import embed_genome, tables
from glm.application.embedding import readable
from glm.application.loading import TrainedModel
from glm.application.operons import (
    call_operons,
    load_predictor,
    neighbour_attention,
    number_operons,
)
from glm.application.plot import name_of, read_stretch
from glm.application.windows import Window
from glm.corpus.genome_tables import Genome
from glm.errors import GlmError
from glm.inference.attention import pairs
from glm.operons.features import ATTENTION, COMBINED, STRAND_DISTANCE, distance_names
from glm.operons.predictor import Predictor, Regression, save

HEADS = 2 * 4  # layers x heads of the small model


@pytest.fixture(scope="module")
def predictor(model: TrainedModel) -> Predictor:
    """One that says 0.9 for neighbours on one strand and 0.2 for others, whatever their gap."""
    strand = [float(logit(0.9) - logit(0.2)), *[0.0] * (len(distance_names()) - 1)]
    heads = np.linspace(-1, 1, HEADS).tolist()
    names = [f"head {number}" for number in range(HEADS)]
    base = float(logit(0.2))
    regressions = {
        STRAND_DISTANCE: Regression(distance_names(), strand, base),
        ATTENTION: Regression(names, heads, 0.0),
        COMBINED: Regression([*names, *distance_names()], [0.0] * HEADS + strand, base),
    }
    fingerprint = model.directory.fingerprint
    return Predictor(2, 4, fingerprint, "planted", "nowhere", 1, regressions)


@pytest.fixture(scope="module")
def saved(predictor: Predictor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("predictor") / "predictor.json"
    save(predictor, path)
    return path


def test_attention_of_neighbours_is_what_the_pipeline_extracts(
    model: TrainedModel, genome: Genome
) -> None:
    embedded = embed_genome(model, genome)
    windows = [Window(0, 30), Window(30, 60), Window(60, 62)]
    genes = readable(genome).corpus
    found = neighbour_attention(model.reader(genes, embedded.protein_embeddings), windows)
    cut = dataclasses.replace(genes, subcontig=np.arange(2), offsets=np.array([0, 30, 60]))
    reader = model.reader(cut, embedded.protein_embeddings)
    made = next(pairs(reader, np.arange(2), "trained", 1, 2))
    beside = (made.second - made.first) == 1
    places = made.subcontig[beside] * 30 + made.first[beside]
    assert found.mean[places] == pytest.approx(made.attention[beside], abs=1e-5)
    assert np.flatnonzero(found.weight == 0).tolist() == [29, 59, 61]


def test_overlapping_windows_read_every_pair(model: TrainedModel, genome: Genome) -> None:
    embedded = embed_genome(model, genome)
    reader = model.reader(readable(genome).corpus, embedded.protein_embeddings)
    windows = [Window(0, 30), Window(15, 45)]
    both = neighbour_attention(reader, windows)
    one, other = (neighbour_attention(reader, [window]).mean for window in windows)
    pair = 20  # of 29: the 9th from the end of the first, the 6th of the second
    expected = (9 * one[pair] + 6 * other[pair]) / 15
    assert both.mean[pair] == pytest.approx(expected, abs=1e-5)


def test_operons_are_runs_on_one_strand_with_this_predictor(
    model: TrainedModel, predictor: Predictor, genome: Genome
) -> None:
    genes = call_operons(model, predictor, genome, None, 0.5)
    strand = genes["forward"].to_numpy(bool)
    same = strand[:-1] == strand[1:]
    assert genes["with_next"][:-1].to_numpy() == pytest.approx(np.where(same, 0.9, 0.2))
    assert genes["with_next"].isna().tolist() == [False] * 61 + [True]
    assert genes["gap_to_next"][0] == genes["start"][1] - genes["end"][0] - 1
    run = np.cumsum(np.append(True, ~same)) - 1
    alone = np.bincount(run)[run] == 1
    assert genes["operon"].isna().to_numpy().tolist() == alone.tolist()
    first_of_run = pd.Series(run[~alone]).rank(method="dense").astype(int) - 1
    assert genes["operon"].dropna().tolist() == first_of_run.tolist()
    assert genes["with_next_by_attention"].notna().sum() == 61


def test_without_overlap_pairs_across_windows_have_no_attention(
    model: TrainedModel, predictor: Predictor, genome: Genome
) -> None:
    genes = call_operons(model, predictor, genome, 30, 0.5)
    assert np.flatnonzero(genes["with_next_by_attention"].isna()).tolist() == [29, 59, 61]
    assert genes["with_next"].notna().sum() == 61  # by strand and distance there


def test_operons_do_not_cross_contigs() -> None:
    joined = np.array([True, False, True, True, False, False])
    operon = number_operons(joined, [(0, 2), (2, 6)])
    assert operon.fillna(-1).tolist() == [0, 0, 0, 0, 0, -1]
    operon = number_operons(np.array([True, True, True, False]), [(0, 2), (2, 4)])
    assert operon.tolist() == [0, 0, 0, 0]


def test_a_predictor_of_another_model_is_refused(
    model: TrainedModel, predictor: Predictor, tmp_path: Path
) -> None:
    with pytest.raises(GlmError, match=r"no operon predictor, in it or .* `snakemake operons"):
        load_predictor(model.directory)
    other = dataclasses.replace(predictor, model="0" * 64)
    save(other, tmp_path / "p.json")
    with pytest.raises(GlmError, match="fitted on the attention of another gLM"):
        load_predictor(model.directory, tmp_path / "p.json")


@pytest.fixture(scope="module")
def calls(
    phage: Path, model_directory: Path, saved: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("calls")
    (folder / "x.faa").write_text(">a\nMKV\n")
    (folder / "x.tsv").write_text("c\t+a\n")
    done = glm(
        "operons", phage, folder, "-m", model_directory, "-o", folder / "operons.parquet",
        "--predictor", saved, "--threads", 1, "--json",
    )  # fmt: skip
    assert done.exit_code == 3, done.output
    summary = json.loads(done.stdout)
    assert (summary["genes"], summary["fitted_on"]) == (62, "nowhere")
    [reason] = summary["failed"].values()
    assert "operons need the distance between genes" in reason
    return folder / "operons.parquet"


def test_operons_are_written(calls: Path) -> None:
    table = tables.read(calls, tables.OPERON_CALLS).to_pandas()
    assert len(table) == 62
    assert table["with_next"].max() == pytest.approx(0.9)


def test_a_contig_is_found_by_a_part_of_its_name() -> None:
    path, names = Path("calls.parquet"), ["NC_1.1", "NC_2.1", "plasmid"]
    assert name_of(path, names, "plasm") == "plasmid"
    assert name_of(path, ["only"], None) == "only"
    for given, message in ((None, "has 3 contigs (NC_1.1"), ("NC", "2 contigs with 'NC'")):
        with pytest.raises(GlmError, match=re.escape(message)):
            name_of(path, names, given)


def test_a_stretch_is_drawn(calls: Path, tmp_path: Path) -> None:
    contig = "gi|9626243|ref|NC_001416.1|"
    done = glm("plot", calls, "--contig", contig, "--to", 20, "-o", tmp_path / "x.png")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "x.png").stat().st_size > 10_000
    assert len(read_stretch(calls, contig, None, 5, 9)) == 5
    assert len(read_stretch(calls)) == len(read_stretch(calls, "NC_001416")) == 62
    for arguments, message in (
        (("--contig", "X", "-o", "x.png"), "no contig 'X'; it has gi"),
        (("--contig", contig, "--from", 99, "-o", "x.png"), "has genes 0 to 61, no others"),
        (("--contig", contig, "-o", "x.doc"), "a figure is .pdf, .png, .svg"),
    ):
        assert message in str(glm("plot", calls, *arguments).exception)
