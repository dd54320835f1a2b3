"""Processes that outlive the command that started them, known by the exact arguments they were started with.

The arguments are written down before the start, and name files of the environment, so that no other
program has them: a process whose start was cut short is found as well, and no foreign one is ever touched.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.machines.files import remove, write
from seatworks.errors import SeatworksError

_PROC = Path("/proc")


def start(
    args: Sequence[str],
    record: Path,
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    known: Sequence[str] = (),
) -> None:
    """Start a process in a session of its own and write down what it is.

    `known` is what it will be when `args` begin with a program that becomes another one.
    """
    write(record, json.dumps(list(known or args)))
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(  # noqa: S603 - list arguments, no shell; it is meant to outlive this process
            list(args),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd="/",
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    # The kernel lets us go on a moment before the new program has its arguments, by which it is known.
    while process.poll() is None and not (_PROC / str(process.pid) / "cmdline").read_bytes():
        time.sleep(0.001)
    # Somebody else's child from here on: no warning when this object goes away.
    process.returncode = 0


def running(record: Path, asked: Sequence[str] | None = None) -> list[int]:
    """Processes that live by this record; none when they are not what is `asked`."""
    if not record.is_file():
        return []
    args = json.loads(record.read_text(encoding="utf-8"))
    if asked is not None and list(asked) != args:
        return []
    return [pid for pid, words in everything() if words == args]


def stop(record: Path, *, wait_s: float = 5) -> None:
    """End what lives by this record, and forget it."""
    deadline = time.monotonic() + wait_s
    sent = signal.SIGTERM
    while pids := running(record):
        if time.monotonic() > deadline:
            if sent == signal.SIGKILL:
                raise SeatworksError.of(f"process {pids[0]} does not end", place=str(record))
            sent, deadline = signal.SIGKILL, time.monotonic() + wait_s
        for pid in pids:
            send(pid, sent)
        time.sleep(0.05)
    remove(record)


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a process that may just have ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def everything() -> list[tuple[int, list[str]]]:
    """Every living process of this computer with its arguments."""
    found = []
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            # A zombie has no arguments any more.
            if words:
                found.append((int(folder.name), [word.decode(errors="replace") for word in words.split(b"\0")[:-1]]))
    return found


def network_of(pid: int) -> int | None:
    """The network namespace a process is in, as the number that stat shows; None when it has just ended."""
    try:
        return (_PROC / str(pid) / "ns" / "net").stat().st_ino
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
