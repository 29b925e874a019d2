from __future__ import annotations

import argparse
import logging
from pathlib import Path

import pytest

from glm import command, logs
from glm.errors import GlmError


def end_of(main: object, log: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        command.run(command.parser("a rule"), main, ["--log", str(log)])  # type: ignore[arg-type]
    return ended.value.code, capsys.readouterr().err  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (GlmError("x.fasta: record 'x' is empty"), ["error: x.fasta: record 'x' is empty"]),
        (ZeroDivisionError("x"), ["ZeroDivisionError", "rule.log"]),
    ],
)
def test_an_error_is_one_line_and_the_traceback_is_in_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: Exception, words: list[str]
) -> None:
    def main(arguments: argparse.Namespace) -> None:
        raise error

    status, screen = end_of(main, tmp_path / "rule.log", capsys)
    assert status == 1
    assert [word for word in words if word not in screen] == []
    assert "Traceback" not in screen
    assert "Traceback" in (tmp_path / "rule.log").read_text()


def test_the_status_of_main_is_the_status_of_the_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end_of(lambda arguments: 85, tmp_path / "rule.log", capsys)[0] == 85
    assert end_of(lambda arguments: None, tmp_path / "rule.log", capsys)[0] == 0


def test_progress_says_how_far_it_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="glm"):
        assert list(logs.progress([1, 2, 3], total=3, unit="genomes")) == [1, 2, 3]
    assert "3.00/3.00" in caplog.text
    assert "genomes" in caplog.text
