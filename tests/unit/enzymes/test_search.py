from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.plant import mutated
from tests.unit.annotation.test_search import REAL, UNLIKE_ANY
from tests.workflow.small_run import write_representatives

from glm import tables
from glm.enzymes.search import assign
from glm.errors import GlmError
from glm.mmseqs import Search

STAMP = {"producer": "test"}
REFERENCE = {
    "near": ("1.1.1.1", mutated(REAL[0], 0.1, 2)),
    "far": ("2.2.2.2", mutated(REAL[0], 0.4, 3)),
    "partial": ("3.3.3.-", REAL[1]),
    "silent": (None, REAL[2]),
}


def assigned(folder: Path, reference: str, queries: list[str], identity: float) -> pd.DataFrame:
    write_representatives(folder, queries)
    (folder / "reference.faa").write_text(reference)
    assign(
        folder / "representatives.parquet", folder / "reference.faa", folder / "enzymes.parquet",
        STAMP, Search(4, 1e-3, identity, coverage=0.5, threads=1, memory_mb=4000),
    )  # fmt: skip
    return tables.read(folder / "enzymes.parquet", tables.ENZYMES).to_pandas()


def fasta(records: dict[str, tuple[str | None, str]]) -> str:
    return "".join(
        f">{name} x{f' EC={ec}' if ec else ''}\n{sequence}\n"
        for name, (ec, sequence) in records.items()
    )


def test_the_nearest_enzyme_gives_its_number(mmseqs: str, tmp_path: Path) -> None:
    queries = [REAL[0], REAL[1], REAL[2], UNLIKE_ANY, mutated(REAL[0], 0.45, 9)]
    found = assigned(tmp_path, fasta(REFERENCE), queries, 0.7).set_index("representative")
    # the third's only relative has no number, and the last is under 70 % to all
    assert found["ec"].to_dict() == {0: "1.1.1.1", 1: "3.3.3.-"}
    assert found.loc[0, "hit"] == "near"
    assert found.loc[0, "identity"] == pytest.approx(0.9, abs=0.05)
    assert found.loc[1, "coverage"] > 0.95


def test_a_reference_without_any_number(mmseqs: str, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"reference.faa: no record has an EC number"):
        assigned(tmp_path, fasta({"silent": REFERENCE["silent"]}), [REAL[2]], 0.4)


def test_a_reference_that_nothing_is_like(mmseqs: str, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match="no protein of the corpus is like any of its enzymes"):
        assigned(tmp_path, fasta(REFERENCE), [UNLIKE_ANY], 0.4)
    assert not (tmp_path / "enzymes.parquet").exists()


def test_what_is_no_protein_is_named(mmseqs: str, tmp_path: Path) -> None:
    with pytest.raises(GlmError, match=r"record bad: not a protein sequence"):
        assigned(tmp_path, fasta({"bad": ("1.1.1.1", "MK-7?")}), [REAL[0]], 0.4)
