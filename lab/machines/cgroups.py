"""Control groups of machines, where no systemd of this computer makes them. Every watcher imports this."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from seatworks.errors import SeatworksError

_ROOT = Path("/sys/fs/cgroup")
# `unified` and `systemd` keep machines apart, without them each would see the others' processes in its own
# slices; the others count what a machine uses.
_HYBRID = ("unified", "systemd", "memory", "cpuacct", "pids")


def homes() -> list[Path]:
    """Where groups are made: one tree on version 2, one for each controller on version 1."""
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [_ROOT / name for name in _HYBRID if (_ROOT / name / "cgroup.procs").exists()]


def enter(name: str) -> None:
    """Put the calling process into the groups of that name."""
    for home in homes():
        folder = home / name
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.procs").write_text("0")


def members(name: str) -> list[int]:
    """Processes in the groups of that name and below."""
    found: set[int] = set()
    for home in homes():
        for folder in _tree(home / name):
            try:
                found.update(int(word) for word in (folder / "cgroup.procs").read_text().split())
            except (FileNotFoundError, OSError):
                continue
    # 0 stands for a process of another process namespace: never a machine of ours.
    return sorted(found - {0})


def names(prefix: str) -> list[str]:
    """Names of groups that begin with `prefix`."""
    return sorted({folder.name for home in homes() for folder in home.glob(f"{prefix}*") if folder.is_dir()})


def kill(name: str, *, wait_s: float = 10) -> None:
    """Power cut: end everything in the groups of that name at once. Raises SeatworksError."""
    deadline = time.monotonic() + wait_s
    while pids := members(name):
        if time.monotonic() > deadline:
            raise SeatworksError.of(f"processes {pids} do not end", place=name)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.05)


def remove(name: str) -> None:
    """Take the empty groups of that name away."""
    for home in homes():
        for folder in reversed(_tree(home / name)):
            for _ in range(20):
                try:
                    folder.rmdir()
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    # The kernel lets go of a group a moment after its last process.
                    time.sleep(0.05)


def _tree(top: Path) -> list[Path]:
    if not top.is_dir():
        return []
    return [top, *(Path(where) / name for where, below, _ in os.walk(top) for name in sorted(below))]
