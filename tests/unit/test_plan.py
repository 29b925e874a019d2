from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from tests.workflow.small_run import ENVIRONMENT

from glm import plan
from glm.errors import GlmError

ROOT = Path(__file__).parents[2]
PAPER = yaml.safe_load((ROOT / "config/config.yaml").read_text())


def enter(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Work in a folder with the shipped profile."""
    patch.chdir(folder)
    patch.setenv("PATH", ENVIRONMENT["PATH"])
    Path("slurm").symlink_to(ROOT / "slurm")


@pytest.fixture(scope="module", params=[[], ["--groups", "take_memory=small", "use_threads=small"]])
def planned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[plan.Job]:
    """The plan of tests/slurm/Snakefile, printed by Snakemake itself; also with two in a group."""
    snakefile = str(ROOT / "tests/slurm/Snakefile")
    with pytest.MonkeyPatch.context() as patch:
        enter(tmp_path_factory.mktemp("plan"), patch)
        return plan.jobs(plan.dry_run(["--snakefile", snakefile, *request.param]))


def test_every_job_is_read_from_the_dry_run(planned: list[plan.Job]) -> None:
    assert sorted(job.rule for job in planned) == [
        "meet_on_two_nodes",
        "see_gpus",
        "take_memory",
        "take_time",
        "use_threads",
    ]


def test_the_rules_of_the_pipeline_are_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", ENVIRONMENT["PATH"])
    printed = plan.dry_run(["--configfile", "config/published.yaml", "--forceall"])
    counts = re.findall(r"^(\w+) +(\d+)$", printed.split("Job stats:")[1], re.MULTILINE)
    wanted = {rule: int(jobs) for rule, jobs in counts if rule not in ("all", "total")}
    assert Counter(job.rule for job in plan.jobs(printed)) == wanted


def test_gpus_and_threads_are_counted_over_nodes(planned: list[plan.Job]) -> None:
    found = {job.rule: (job.gpus, job.threads) for job in planned}
    assert found["see_gpus"] == (4, 1)
    assert found["meet_on_two_nodes"] == (4, 4)
    assert found["use_threads"] == (0, 8)


def test_memory_and_time_are_those_of_the_first_attempt(planned: list[plan.Job]) -> None:
    found = {job.rule: job for job in planned}
    assert found["take_memory"].memory_mb == 300
    assert found["use_threads"].minutes == 60


def test_hours_are_summed_over_the_jobs_of_a_rule() -> None:
    shard = plan.Job("embed", threads=8, gpus=1, memory_mb=8000, minutes=240)
    unknown = plan.Job("merge", threads=1, gpus=0, memory_mb=math.nan, minutes=math.nan)
    rows = plan.table([shard, shard, unknown])
    assert list(rows.index) == ["embed", "merge", "all"]
    assert rows.loc["embed", ["jobs", "cpu_h_at_most", "gpu_h_at_most"]].tolist() == [2, 64, 8]
    assert math.isnan(rows.loc["merge", "cpu_h_at_most"])
    assert rows.loc["all", ["jobs", "gpu_h_at_most"]].tolist() == [3, 8]
    assert "?" in plan.show([unknown])


@pytest.mark.parametrize(
    ("wall_time", "starts"), [(1440, "4 jobs of 24 hours"), (None, "9 jobs of 10 hours")]
)
def test_a_training_of_several_jobs_is_said(wall_time: int | None, starts: str) -> None:
    """85 hours on 4 A100 at half their peak, 3.6 days: the count of the paper's run."""
    job = plan.Job("train_glm", threads=20, gpus=4, memory_mb=8000, minutes=600)
    config = {**PAPER, "training": {**PAPER["training"], "wall_time": wall_time}}
    assert starts in plan.starts_of_training([job], config)[0]
    config["training"]["wall_time"] = None
    assert plan.starts_of_training([replace(job, minutes=6000)], config) == []


def test_nothing_to_be_done() -> None:
    assert plan.show(plan.jobs("Nothing to be done\n")) == "nothing to be done"


def test_a_failing_dry_run_is_reported_in_snakemakes_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(tmp_path, monkeypatch)
    Path("Snakefile").write_text("rule all:\n    input: 'absent'\n")
    with pytest.raises(GlmError, match=r"(?s)MissingInputException.*absent"):
        plan.dry_run([])
