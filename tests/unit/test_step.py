from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from snakemake.iocontainers import InputFiles, OutputFiles, Params, Wildcards

from glm import logs, step
from glm.errors import GlmError
from glm.seeds import derive_seed


class Reading(NamedTuple):
    groups: Path | None
    shard: int


def a_step(
    genes: Path,
    shards: list[Path],
    reading: Reading,
    words: list[str],
    threads: int,
    memory_mb: int,
    seed: int,
    *,
    counts: Path,
) -> None:
    SEEN.update(locals(), stamp=step.stamp(reason="none"))


SEEN: dict[str, object] = {}


def job(tmp_path: Path, **changed: dict[str, object]) -> SimpleNamespace:
    for name in ("genes", "0", "1"):
        (tmp_path / name).write_text(name)
    shards = [str(tmp_path / "0"), str(tmp_path / "1")]
    inputs = {"genes": str(tmp_path / "genes"), "shards": shards, "groups": []}
    params = {"words": ["a", "b"], "seed": 7, "code": "hash"}
    return SimpleNamespace(
        rule="a_step",
        input=InputFiles(fromdict={**inputs, **changed.get("input", {})}),
        output=OutputFiles(fromdict={"counts": str(tmp_path / "counts")}),
        params=Params(fromdict={**params, **changed.get("params", {})}),
        wildcards=Wildcards(fromdict={"shard": "3", "run": "demo"}),
        threads=2,
        resources={"mem_mb": 500},
        log=[],
    )


def test_a_job_is_bound_by_name_and_annotation(tmp_path: Path):
    step.call(a_step, **step.from_job(a_step, job(tmp_path)))
    assert SEEN["genes"] == tmp_path / "genes"
    assert SEEN["shards"] == [tmp_path / "0", tmp_path / "1"]
    assert (SEEN["reading"], SEEN["words"]) == (Reading(None, 3), ["a", "b"])
    assert (SEEN["threads"], SEEN["memory_mb"]) == (2, 500)
    assert SEEN["counts"] == tmp_path / "counts"
    assert SEEN["seed"] == derive_seed(7, "a_step")


def test_the_stamp_holds_inputs_params_and_what_the_step_found(tmp_path: Path):
    step.call(a_step, **step.from_job(a_step, job(tmp_path)))
    stamp = SEEN["stamp"]
    assert isinstance(stamp, dict)
    assert stamp["producer"] == "a_step"
    assert stamp["parameters"] == {"shard": 3, "words": ["a", "b"], "reason": "none"}
    assert stamp["seed"] == SEEN["seed"]
    assert set(stamp["inputs"]) == {str(tmp_path / name) for name in ("genes", "0", "1")}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"params": {"identity": 0.5}}, r"has \['identity'\], which its script does not ask for"),
        ({"input": {"more": "x"}}, r"has \['more'\], which its script does not ask for"),
    ],
)
def test_a_rule_and_a_function_that_disagree_are_refused(
    tmp_path: Path, changed: dict[str, dict[str, object]], message: str
):
    with pytest.raises(TypeError, match=message):
        step.from_job(a_step, job(tmp_path, **changed))


def test_a_param_that_the_rule_lacks_is_named(tmp_path: Path):
    incomplete = job(tmp_path)
    incomplete.params = Params(fromdict={"seed": 7})
    with pytest.raises(TypeError, match="rule a_step has no 'words', which its script asks for"):
        step.from_job(a_step, incomplete)


def test_by_hand_a_script_is_a_command_line(root: Path):
    script = root / "workflow" / "scripts" / "assign_enzymes.py"
    run = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True)
    assert "--minimum" not in run.stdout
    assert "--e-value" in run.stdout
    options = "--representatives gone --reference gone --sensitivity 1 --e-value 1 --identity 1"
    options += " --coverage 1 --threads 1 --memory-mb 9 --enzymes x"
    run = subprocess.run([sys.executable, script, *options.split()], capture_output=True, text=True)
    assert run.returncode == 1
    assert "error: gone: no such file (--representatives)" in run.stderr


def end_of(
    function: Callable[[], int | None],
    log: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[object, str]:
    """Exit status and screen of a script without arguments."""
    monkeypatch.setattr(sys, "argv", ["a_rule.py", "--log", str(log)])
    with pytest.raises(SystemExit) as ended:
        step.run(function)
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (GlmError("x.fasta: record 'x' is empty"), ["error: x.fasta: record 'x' is empty"]),
        (ZeroDivisionError("x"), ["ZeroDivisionError", "rule.log"]),
    ],
)
def test_an_error_is_one_line_and_the_traceback_is_in_the_log(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: list[str],
) -> None:
    def a_rule() -> None:
        raise error

    status, screen = end_of(a_rule, tmp_path / "rule.log", capsys, monkeypatch)
    assert status == 1
    assert [word for word in words if word not in screen] == []
    assert "Traceback" not in screen
    assert "Traceback" in (tmp_path / "rule.log").read_text()
    assert "a_rule.py --log" in (tmp_path / "rule.log").read_text()


@pytest.mark.parametrize(("returned", "status"), [(85, 85), (None, 0)])
def test_the_status_of_the_function_is_the_status_of_the_process(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    returned: int | None,
    status: int,
) -> None:
    def a_rule() -> int | None:
        return returned

    assert end_of(a_rule, tmp_path / "rule.log", capsys, monkeypatch)[0] == status


def test_progress_says_how_far_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="glm"):
        assert list(logs.progress([1, 2, 3], total=3, unit="genomes")) == [1, 2, 3]
    assert "3.00/3.00" in caplog.text
    assert "genomes" in caplog.text
