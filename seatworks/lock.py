"""One deploy per environment at a time: the second says who holds the lock."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import getpass
import os
from collections.abc import Iterator

from seatworks.environment import Environment
from seatworks.errors import PreflightError, Problem


@contextlib.contextmanager
def hold(where: Environment, purpose: str) -> Iterator[None]:
    """Hold the environment's lock while the block runs. The kernel frees it when the process dies.

    Raises PreflightError naming the process, the user and since when.
    """
    where.build.mkdir(parents=True, exist_ok=True)
    with (where.build / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise PreflightError(
                Problem(where.name, f"is held by {holder}", "wait until it ends, or stop that process")
            ) from None
        file.truncate(0)
        since = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        file.write(f"`seatworks {purpose}`, process {os.getpid()} of {getpass.getuser()}, since {since}")
        file.flush()
        yield
        file.truncate(0)
