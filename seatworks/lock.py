"""One command per environment at a time: the second says who holds the lock."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import getpass
import os
from collections.abc import Iterator
from pathlib import Path

from seatworks.errors import PreflightError, Problem


@contextlib.contextmanager
def hold(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the lock of the environment whose folder is build/<name> while the block runs.

    It is one for both targets: they share the specification and the settings of the stack. The kernel frees it when
    the process dies. Raises PreflightError naming the process, the user and since when.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise PreflightError(
                Problem(folder.name, f"is held by {holder}", "wait until it ends, or stop that process")
            ) from None
        file.truncate(0)
        since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        file.write(f"`seatworks {purpose}`, process {os.getpid()} of {getpass.getuser()}, since {since}")
        file.flush()
        yield
        file.truncate(0)
