"""Processes: bounded, shown when they fail, secrets outside the argument list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seatworks.run import CommandError, run, stream


def test_what_the_command_printed_comes_back() -> None:
    done = run([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"])
    assert (done.stdout, done.stderr, done.code) == ("out\n", "err\n", 0)


def test_standard_input_and_environment_reach_the_command() -> None:
    code = "import os, sys; print(sys.stdin.read() + os.environ['SIDE'])"
    assert run([sys.executable, "-c", code], stdin="secret ", env={"SIDE": "left"}).stdout == "secret left\n"


def test_a_code_that_nobody_expects_is_an_error_that_shows_the_command_and_its_last_lines() -> None:
    with pytest.raises(CommandError, match=r"ended with 3\nbroken") as failed:
        run([sys.executable, "-c", "import sys; print('broken'); sys.exit(3)"])
    assert failed.value.code == 3
    assert run([sys.executable, "-c", "import sys; sys.exit(3)"], success=(3,)).code == 3


def test_a_missing_program_and_a_late_one_are_errors() -> None:
    with pytest.raises(CommandError, match="is not installed"):
        run(["/nonexistent/program"])
    with pytest.raises(CommandError, match="no end after"):
        run([sys.executable, "-c", "import time; time.sleep(30)"], timeout_s=0.2)


def test_long_work_is_shown_and_kept(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "work.log"
    assert stream([sys.executable, "-c", "print('one'); print('two')"], log=log) == 0
    assert log.read_text() == "one\ntwo\n"
    assert capfd.readouterr().err == "one\ntwo\n"
    with pytest.raises(CommandError, match="one"):
        stream([sys.executable, "-c", "import sys; print('one'); sys.exit(2)"], show=False)
