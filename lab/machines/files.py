"""Files that are written whole or not at all, and locks that die with their holder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from seatworks.errors import PreflightError, Problem


def write(path: Path, text: str, *, mode: int = 0o644) -> bool:
    """Write `text`; True when the file changed. A cut of power leaves the old file."""
    if path.is_file() and not path.is_symlink() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    return True


def remove(path: Path) -> None:
    """Take a file or a whole folder away; fine when it is not there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, *, wait_s: float, busy: str) -> Iterator[None]:
    """Hold an exclusive lock on `path` while the block runs. The kernel frees it when the process dies.

    Raises PreflightError with the sentence `busy` when another process holds it for `wait_s` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    with path.open("a", encoding="utf-8") as stream:
        while not try_lock(stream.fileno()):
            if time.monotonic() > deadline:
                raise PreflightError(Problem(str(path), busy, "wait until it ends, or stop that process"))
            time.sleep(0.2)
        yield


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file now, or say that somebody else has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
