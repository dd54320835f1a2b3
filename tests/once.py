"""What all workers of one run of pytest share: each thing is made once, by the one who comes first."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def folder_of(factory: pytest.TempPathFactory) -> Path:
    """The folder of this run, the same one for every worker."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextlib.contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Whoever else asks for that name waits. The lock goes with the process that holds it."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` answers for a new folder of that name: called by one worker, read by the rest."""
    folder = folder_of(factory)
    answer = folder / f"{name}.pickle"
    with alone(folder, name):
        if not answer.is_file():
            (folder / name).mkdir(exist_ok=True)
            fresh = answer.with_suffix(".new")
            fresh.write_bytes(pickle.dumps(make(folder / name)))
            fresh.replace(answer)
    found: Made = pickle.loads(answer.read_bytes())  # noqa: S301 - this run wrote it
    return found
