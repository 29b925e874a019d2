"""Files that are damaged between two runs: found when they are read, named, and made again."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.faults.ledger import Ledger
from tests.faults.pipeline import RESULTS, Pipeline


def flip(path: Path) -> None:
    """One bit of the first column's data another (in a page's header it may say nothing)."""
    column = pq.ParquetFile(path).metadata.row_group(0).column(0)
    begin = column.dictionary_page_offset or column.data_page_offset
    held = bytearray(path.read_bytes())
    held[begin + column.total_compressed_size - 3] ^= 0x10
    path.write_bytes(held)


def tear(path: Path) -> None:
    """The second half lost."""
    held = path.read_bytes()
    path.write_bytes(held[: len(held) // 2])


def empty(path: Path) -> None:
    """Nothing left."""
    path.write_bytes(b"")


def swap(path: Path) -> None:
    """Somebody else's table under this name."""
    pq.write_table(pa.table({"feature": [1, 2]}), path)


class Damage(NamedTuple):
    """A file, what happens to it, and a file that is made from it by one of RULES."""

    file: str
    how: Callable[[Path], None]
    target: str


# Each file's reader is allowed to run, and none of their makers: what one names hides no other.
RULES = (
    "map_representatives",
    "search_reference_genome",
    "build_embedding_store",
    "plot_training",
    "label_operons",
    "extract_attention",
)
DAMAGES = (
    Damage("metagenomes/genes.parquet", flip, "metagenomes/mapped_genes.parquet"),
    Damage("metagenomes/representatives.parquet", flip, "decontamination/reference_hits.parquet"),
    Damage("metagenomes/embeddings/0.parquet", empty, "metagenomes/embedding_store.npy"),
    Damage("glm/metrics.parquet", flip, "evaluation/training_curves.png"),
    Damage("reference/genes.parquet", swap, "operons/reference/pairs.parquet"),
    Damage("glm/model.safetensors", tear, "attention/reference/trained/0.parquet"),
)
NAMES = {flip: "with a flipped bit", tear: "torn", empty: "empty", swap: "another table"}


@pytest.fixture
def damaged(undisturbed: Pipeline, tmp_path: Path) -> Pipeline:
    """A finished run of which files were damaged and their products are gone."""
    pipeline = undisturbed.copy(tmp_path / "copy")
    pipeline.remove(*(damage.target for damage in DAMAGES))
    for damage in DAMAGES:
        damage.how(pipeline.results / damage.file)
    return pipeline


def test_damaged_files_are_named_and_made_again(
    damaged: Pipeline, undisturbed: Pipeline, ledger: Ledger
) -> None:
    """Each by the first rule that reads it; removed as the message says, the next run fixes all."""
    targets = [str(RESULTS / damage.target) for damage in DAMAGES]
    status, text = damaged.run(*targets, "--keep-going", "--allowed-rules", *RULES)
    assert status != 0
    reported = re.findall(r"\] error: (.*)", text)
    for damage in DAMAGES:
        path = str(RESULTS / damage.file)
        assert any(path in line for line in reported), f"{path} is not named in {reported}"
        assert not (damaged.results / damage.target).exists(), damage.target
    damaged.remove(*(damage.file for damage in DAMAGES))
    status, text = damaged.run(*(str(RESULTS / damage.file) for damage in DAMAGES), *targets)
    assert status == 0, text[-4000:]
    assert damaged.contents() == undisturbed.contents()
    assert damaged.leftovers() == []
    for how, name in NAMES.items():
        files = [damage.file for damage in DAMAGES if damage.how is how]
        ledger.record(
            f"file {name}: {', '.join(f'`{file}`' for file in files)}",
            len(files),
            "the first rule that reads it names it and leaves nothing; removed, it is made again",
            "named each time; the next run made it, and what had been made from it, the same",
        )
