"""The workflow as a module of another one, in another folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config
from tests.workflow.small_run import run_snakemake

from glm import tables

TARGET = "results/demo/reference/genes.parquet"
SNAKEFILE = """
configfile: "mine.yaml"


module glm:
    snakefile: {snakefile}
    config: config


use rule * from glm as glm_*
"""


@pytest.fixture
def other(root: Path, tmp_path: Path) -> Path:
    """A folder with a workflow that uses this one, and the demo's configuration, whole."""
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    update_config(config, yaml.safe_load((root / "config" / "demo.yaml").read_text()))
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(snakefile=repr(str(root / "Snakefile"))))
    return tmp_path


def test_all_rules_are_planned_from_another_folder(root: Path, other: Path) -> None:
    planned = run_snakemake(other, "glm_all", "--dry-run", "--printshellcmds")
    said = planned.stdout + planned.stderr
    assert planned.returncode == 0, said[-3000:]
    assert f"python -- {root}/workflow/scripts/train_glm.py" in said
    assert "python workflow/scripts" not in said


def test_a_table_is_made_there(other: Path) -> None:
    made = run_snakemake(other, TARGET, "--cores", "1")
    assert made.returncode == 0, made.stderr[-3000:]
    assert tables.read(other / TARGET, tables.GENES).num_rows == 4314
    again = run_snakemake(other, TARGET, "--cores", "1")
    assert "Nothing to be done" in again.stderr
    assert again.stdout == "", "what is shown at the end is the other workflow's affair"


def test_a_module_from_a_host_of_repositories(root: Path, other: Path) -> None:
    """As snakedeploy writes it; git takes github.com for a folder of this machine."""
    hosted = other / "hosted" / "somebody" / "glm"
    cloned = subprocess.run(
        ["git", "clone", "--quiet", "--bare", str(root), str(hosted)], check=False
    )
    if cloned.returncode:
        pytest.skip("the checkout is no repository of git")
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=hosted, capture_output=True, text=True, check=True
    ).stdout.strip()
    module = f'github("somebody/glm", path="workflow/Snakefile", commit="{commit}")'
    deployed = SNAKEFILE.format(snakefile=module).replace(" as glm_*", "")
    (other / "Snakefile").write_text(deployed)
    github = {
        "XDG_CACHE_HOME": str(other / "cache"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{other}/hosted/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }
    planned = run_snakemake(other, "--dry-run", **github)
    assert planned.returncode == 0, planned.stderr[-3000:]
    assert "rule build_report" in planned.stdout + planned.stderr
    made = run_snakemake(other, TARGET, "--cores", "1", **github)
    assert made.returncode == 0, made.stderr[-3000:]
    assert tables.read(other / TARGET, tables.GENES).num_rows == 4314
    assert (other / ".snakemake/checkouts" / commit / "Snakefile").is_file()
