"""What runs a rule again: another code of its script or of what that imports, and no date."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.workflow.small_run import make_checkout, sequences, snakemake, write_representatives

TARGET = "results/small/enzymes/enzymes.parquet"
SETTINGS = {"enzymes": {"reference": "enzymes.faa", "sensitivity": 1}}


def planned(checkout: Path) -> str:
    """What a dry run says."""
    done = snakemake(checkout, [TARGET, "--dry-run"], ["assign_enzymes"], **SETTINGS)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_dates_and_comments_run_nothing_again_and_code_does(root: Path, tmp_path: Path):
    checkout = make_checkout(root, tmp_path)
    (checkout / "workflow").unlink()
    shutil.copytree(root / "workflow", checkout / "workflow")
    found = sorted(sequences().values())[:40]
    write_representatives(checkout / "results/small/metagenomes", found)
    enzymes = "".join(f">e{k} EC=1.1.1.1\n{text}\n" for k, text in enumerate(found))
    (checkout / "enzymes.faa").write_text(enzymes)
    done = snakemake(checkout, [TARGET], ["assign_enzymes"], **SETTINGS)
    assert done.returncode == 0, done.stderr

    scripts = checkout / "workflow" / "scripts"
    for path in (checkout / "workflow").rglob("*.*"):
        os.utime(path)
    edit(scripts / "assign_enzymes.py", '"""Give', '# a comment\n"""Let us give')
    edit(scripts / "glm" / "enzymes" / "search.py", '"""EC numbers', '"""The EC numbers')
    edit(scripts / "glm" / "logs.py", "SECONDS_BETWEEN_LINES = 10.0", "SECONDS_BETWEEN_LINES = 9.0")
    assert "Nothing to be done" in planned(checkout)

    edit(scripts / "glm" / "enzymes" / "search.py", "TARGETS_KEPT = 20", "TARGETS_KEPT = 21")
    assert "Params have changed since last execution" in planned(checkout)
