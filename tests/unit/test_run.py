"""Processes: bounded, shown when they fail, secrets outside the argument list."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
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


# Ends some time after it was asked to, and says so with its last words.
SLOW_TO_END = """
import signal, sys, time
def end(*_):
    global left
    left = time.monotonic() + 0.5
left = None
signal.signal(signal.SIGINT, end)
print("begun", flush=True)
while left is None or time.monotonic() < left:
    time.sleep(0.02)
print("what was made is recorded", flush=True)
sys.exit(4)
"""
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('begun', flush=True); time.sleep(60)"
)


def interrupted(code: str, log: Path, times: int = 1) -> tuple[int, str, float]:
    """A process of its own streams `code` and gets SIGINT when that has begun: exit code, what it said, seconds."""
    outer = (
        "import sys\nfrom pathlib import Path\nfrom seatworks.run import stream\n"
        "try:\n    stream([sys.executable, '-c', sys.argv[1]], log=Path(sys.argv[2]))\n"
        "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", outer, code, log], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        began = time.monotonic()
        for _ in range(times):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        said += process.stderr.read()
        return process.wait(), said, time.monotonic() - began


def test_the_last_words_of_what_was_interrupted_are_shown_and_kept(tmp_path: Path) -> None:
    code, said, _ = interrupted(SLOW_TO_END, tmp_path / "log")
    assert code == 130
    assert said == "begun\nwhat was made is recorded\n" == (tmp_path / "log").read_text()


def test_what_does_not_end_when_it_is_asked_is_killed_the_third_time(tmp_path: Path) -> None:
    code, _, took_s = interrupted(STUBBORN, tmp_path / "log", times=3)
    assert code == 130
    assert took_s < 30


def test_ctrl_c_at_a_terminal_is_told_once() -> None:
    """There the process gets it by itself; told twice, the one that counts would stop at once."""
    count = (
        "import signal, time\ncame = []\nsignal.signal(signal.SIGINT, lambda *_: came.append(1))\n"
        "print('begun', flush=True)\nend = time.monotonic() + 1\n"
        "while time.monotonic() < end:\n    time.sleep(0.05)\nprint(f'told {len(came)}', flush=True)\n"
    )
    outer = (
        "import sys, fcntl, termios\nfrom seatworks.run import stream\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "try:\n    stream([sys.executable, '-c', sys.argv[1]])\nexcept KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    person, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", outer, count],
        stdin=terminal, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        said = process.stderr.readline()
        os.write(person, b"\x03")
        said += process.stderr.read()
    for end in (person, terminal):
        os.close(end)
    assert process.returncode == 130
    assert said == b"begun\ntold 1\n"
