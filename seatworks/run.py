"""The only way to start a process and wait for it: list arguments, bounded time, the command shown when it fails."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatworks.errors import Problem, SeatworksError

# So often a process may be asked to end before it is killed.
_PATIENCE = 2


class CommandError(SeatworksError):
    """A command ended with a code that its caller does not accept."""

    def __init__(self, args: Sequence[str], code: int, output: str) -> None:
        self.code = code
        self.output = output
        tail = "\n".join(output.strip().splitlines()[-15:])
        super().__init__(Problem(shlex.join(args), f"ended with {code}\n{tail}".rstrip()))


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command printed and how it ended."""

    stdout: str
    stderr: str
    code: int


def run(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout_s: float | None = 600,
    success: Sequence[int] = (0,),
) -> Completed:
    """Run `args`, wait, return what it printed.

    `env` is added to the environment. Secrets go through `stdin` or a file, never through `args`.
    Raises CommandError when the exit code is not in `success`, or after `timeout_s` seconds.
    """
    words = [str(arg) for arg in args]
    try:
        done = subprocess.run(  # noqa: S603 - list arguments, no shell
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError:
        raise CommandError(words, 127, f"{words[0]} is not installed") from None
    except subprocess.TimeoutExpired as late:
        raise CommandError(words, 124, f"no end after {late.timeout:.0f} s") from None
    if done.returncode not in success:
        raise CommandError(words, done.returncode, f"{done.stdout}\n{done.stderr}")
    return Completed(done.stdout, done.stderr, done.returncode)


def stream(
    args: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    show: bool = True,
    prefix: str = "",
    success: Sequence[int] = (0,),
) -> int:
    """Run long work with its output shown on stderr (and kept in `log`) line by line as it comes; return its code.

    `prefix` stands before each line shown, so that two at once can be told apart.

    Raises CommandError with the last lines when the code is not in `success`. Ctrl-C reaches the process as well: what
    it then says is shown until it has ended by itself, and KeyboardInterrupt is raised. Who cannot wait types it again,
    which the process is told too; the third time it is killed.
    """
    words = [str(arg) for arg in args]
    tail: deque[str] = deque(maxlen=15)
    with contextlib.ExitStack() as stack:
        kept = stack.enter_context(log.open("w", encoding="utf-8")) if log else None
        process = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - list arguments, no shell
                words,
                cwd=cwd,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        )
        came = stack.enter_context(_interrupts(process))
        for line in process.stdout or ():
            tail.append(line)
            if kept:
                kept.write(line)
                kept.flush()
            if show:
                sys.stderr.write(prefix + line)
                sys.stderr.flush()
        code = process.wait()
    if came:
        raise KeyboardInterrupt
    if code not in success:
        raise CommandError(words, code, "".join(tail))
    return code


@contextlib.contextmanager
def _interrupts(process: subprocess.Popen[str]) -> Iterator[list[int]]:
    """Ctrl-C does not break off reading from a process that is still to say how it ended; those that came."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread is told of signals; a process gets those of the terminal by itself.
        yield came
        return

    def note(number: int, _frame: Any) -> None:
        came.append(number)
        if len(came) > _PATIENCE:
            process.kill()
        elif not _in_front():
            process.send_signal(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def _in_front() -> bool:
    """Whether a terminal tells us and what we started of a Ctrl-C alike."""
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
