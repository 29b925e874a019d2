"""The rules of decontamination, run by snakemake with the real mmseqs on real genomes."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.workflow.small_run import (
    ESCHERICHIA_DH1,
    STAPHYLOCOCCUS_N315,
    make_checkout,
    snakemake,
    write_metagenomes,
    write_reference,
)

from glm import tables

pytestmark = pytest.mark.usefixtures("mmseqs")
RULES = ["search_reference_genome", "split_subcontigs"]
TARGETS = [
    f"results/small/decontamination/{name}.parquet" for name in ("removed_by_assembly", "leakage")
]


def test_an_e_coli_strain_goes_and_s_aureus_stays(root: Path, tmp_path: Path) -> None:
    """Also: the hits go down to 30 %, the log has the table, and nothing is left behind."""
    checkout = make_checkout(root, tmp_path)
    results = checkout / "results" / "small"
    write_metagenomes(results / "metagenomes", windows=6)
    write_reference(results / "reference")
    made = snakemake(checkout, TARGETS, RULES, decontamination={"validation_share": 0.3})
    assert made.returncode == 0, made.stderr

    folder = results / "decontamination"
    counts = tables.read(folder / "removed_by_assembly.parquet", tables.REMOVED_BY_ASSEMBLY)
    rows = {row["assembly"]: row for row in counts.to_pylist()}
    assert rows[ESCHERICHIA_DH1]["removed"] == rows[ESCHERICHIA_DH1]["subcontigs"] == 6
    assert rows[STAPHYLOCOCCUS_N315]["removed"] == 0
    assert rows[STAPHYLOCOCCUS_N315]["train"] > 0
    assert rows[STAPHYLOCOCCUS_N315]["validation"] > 0

    hits = tables.read(folder / "reference_hits.parquet", tables.REFERENCE_HITS).to_pandas()
    assert hits.representative.is_unique
    assert hits.identity.between(0.3, 1).all()
    of_staphylococcus = hits[hits.representative >= 180].identity
    assert len(of_staphylococcus) > 5  # ancient homologs, below what removes a subcontig
    assert of_staphylococcus.median() < 0.5
    assert hits[hits.representative < 180].identity.median() > 0.98
    stamp = tables.read_stamp(folder / "reference_hits.parquet")
    assert stamp["versions"]["mmseqs"].startswith("14")
    assert stamp["parameters"]["sensitivity"] == 2

    leakage = tables.read(folder / "leakage.parquet", tables.LEAKAGE).to_pandas()
    left = leakage[leakage.split == "train"].genes_like_reference.tolist()
    assert left == sorted(left, reverse=True)
    assert left[0] > 0

    log = (checkout / "logs/small/split_subcontigs.log").read_text()
    assert f"{ESCHERICHIA_DH1}          6          6          0          0" in log
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    again = snakemake(checkout, TARGETS, RULES, decontamination={"validation_share": 0.3})
    assert "Nothing to be done" in again.stderr + again.stdout
