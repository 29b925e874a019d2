from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.unit.application.test_cli import glm

from glm import tables
from glm.application.couplings import couple_genome, couple_windows
from glm.application.embedding import readable
from glm.application.loading import TrainedModel
from glm.application.windows import Window
from glm.corpus.genome_tables import Genome
from glm.inference.couplings import pairs_of
from glm.inference.reader import GeneReader

CONTIG = "gi|9626243|ref|NC_001416.1|"


@pytest.fixture(scope="module")
def reader(model: TrainedModel, genome: Genome) -> GeneReader:
    read = readable(genome)
    return model.reader(read.corpus, model.embed_proteins(read.sequences)[read.protein])


@pytest.fixture(scope="module")
def stretch(
    phage: Path, model_directory: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, pd.DataFrame]:
    """The folder, and the table, of genes 10 to 29 of the phage."""
    folder = tmp_path_factory.mktemp("couplings")
    done = glm(
        "couplings", phage, "-m", model_directory, "-o", folder / "c.parquet", "--contig", CONTIG,
        "--from", 10, "--to", 29, "--map", folder / "map.png", "--threads", 1, "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["genes"] == 20
    return folder, tables.read(folder / "c.parquet", tables.GENE_COUPLINGS).to_pandas()


def test_a_stretch_of_a_contig_is_read_alone_and_drawn(
    stretch: tuple[Path, pd.DataFrame], reader: GeneReader, genome: Genome
) -> None:
    folder, table = stretch
    assert (folder / "map.png").stat().st_size > 10_000
    genes = readable(genome).genes["gene"].to_numpy()
    assert len(table) == 20 * 19 // 2
    assert table["first_gene"].tolist() == genes[table["first_rank"]].tolist()
    assert table["second_gene"].tolist() == genes[table["second_rank"]].tolist()
    assert table["distance"].tolist() == (table["second_rank"] - table["first_rank"]).tolist()
    assert table["first_name"][0] == genes[10].rsplit("_", 1)[-1]
    assert (table["windows"] == 1).all()
    assert not table["outside_training"].any()
    first, second, change, coupling, corrected = pairs_of(reader, np.arange(10, 30))
    assert (table["first_rank"].to_numpy(), table["second_rank"].to_numpy()) == (
        pytest.approx(10 + first), pytest.approx(10 + second)
    )  # fmt: skip
    assert table["change"].to_numpy() == pytest.approx(change, abs=1e-4)
    assert table["coupling"].to_numpy() == pytest.approx(coupling, abs=1e-4)
    assert table["corrected"].to_numpy() == pytest.approx(corrected, abs=1e-4)


def test_couplings_are_averaged_over_the_windows_that_have_both(reader: GeneReader) -> None:
    both = couple_windows(reader, [Window(0, 8), Window(4, 12)]).set_index(["first", "second"])
    one, other = (couple_windows(reader, [w]).set_index(["first", "second"])
                  for w in (Window(0, 8), Window(4, 12)))  # fmt: skip
    assert len(both) == 28 + 28 - 6
    assert both.loc[(5, 7), "windows"] == 2
    for column in ("change", "coupling", "corrected"):
        mean = (one.loc[(5, 7), column] + other.loc[(5, 7), column]) / 2
        assert both.loc[(5, 7), column] == pytest.approx(mean)
        assert both.loc[(0, 7), column] == pytest.approx(one.loc[(0, 7), column])


def test_a_contig_of_one_gene_has_no_pair(model: TrainedModel, genome: Genome) -> None:
    alone = Genome("alone", genome.genes[:1], genome.proteins)
    genes, pairs = couple_genome(model, alone)
    assert (len(genes), len(pairs)) == (1, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--map", "x.png"), "--from, --to and --map are of one contig: name it by --contig"),
        (("--contig", CONTIG, "--map", "x.doc"), "a figure is .pdf, .png, .svg"),
        (("--contig", "c"), r"no contig 'c'; it has gi"),
        (("--contig", CONTIG, "--from", 99), "has genes 0 to 61, no others"),
    ],
)
def test_options_that_ask_for_what_is_not_there(
    options: tuple[object, ...], message: str, phage: Path, model_directory: Path, tmp_path: Path
) -> None:
    asked = ("couplings", phage, "-m", model_directory, "-o", tmp_path / "c.parquet", *options)
    assert message in str(glm(*asked).exception)
    assert not list(tmp_path.iterdir())


def test_a_contig_is_of_one_genome(phage: Path, model_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "other.fna").write_text(f">{CONTIG}\nACGT\n")
    asked = ("couplings", phage, tmp_path / "other.fna", "-m", model_directory)
    done = glm(*asked, "-o", tmp_path / "c.parquet", "--contig", CONTIG)
    assert "--contig is of one genome, and here are 2" in str(done.exception)
