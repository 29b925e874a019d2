"""The files of Pfam calls in the form of MGnify's README: MGYP, Pfam, and columns of the hit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tests.plant import plant_representatives

from glm.annotation.domains import count_without_domain, domain_numbers
from glm.errors import GlmError

PROTENN = (
    "MGYP000000000002\tPF00001\t3\t99\nMGYP000000000002\tPF00002\t120\t200\n"
    "MGYP000000000009\tPF00001\t1\t9\n"
)
HMMER = "MGYP000000000001\tPF00005\t1e-9\t55.1\t2\t80\t3\t99\n"


@pytest.mark.parametrize(("text", "without"), [(PROTENN, 3), (HMMER, 3), (PROTENN + PROTENN, 3)])
def test_representatives_without_a_domain_are_counted(
    tmp_path: Path, text: str, without: int
) -> None:
    path = plant_representatives(tmp_path / "r.parquet", ["M"] * 4)
    calls = tmp_path / "pfam.tsv.gz"
    calls.write_bytes(gzip.compress(text.encode()))
    counted = count_without_domain(path, calls, 500, 1)
    assert counted == (4, without)
    (row,) = domain_numbers("without_pfam", counted, 1)
    assert (row["id"], json.loads(row["value"])) == ("annotation.without_pfam", without / 4)
    assert row["lower"] < without / 4 < row["upper"]


@pytest.mark.parametrize("text", ["", "<html>\n", "MGYP000000000001\n", "MGYPx\tPF1\t1\t2\n"])
def test_another_file_is_named(tmp_path: Path, text: str) -> None:
    path = plant_representatives(tmp_path / "r.parquet", ["M"])
    calls = tmp_path / "pfam.tsv"
    calls.write_text(text)
    with pytest.raises(GlmError, match=r"pfam\.tsv: "):
        count_without_domain(path, calls, 500, 1)
