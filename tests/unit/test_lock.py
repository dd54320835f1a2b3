"""One deploy per environment at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatworks import lock
from seatworks.errors import PreflightError


def test_the_second_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    folder = tmp_path / "hybrid"
    with lock.hold(folder, "deploy"), pytest.raises(PreflightError) as refused, lock.hold(folder, "destroy"):
        pass
    message = str(refused.value)
    assert message.startswith("hybrid: ")
    assert f"held by `seatworks deploy`, process {os.getpid()}" in message
    assert "wait until it ends" in message


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), lock.hold(tmp_path, "deploy"):
        raise RuntimeError
    with lock.hold(tmp_path, "deploy"):
        pass


def test_two_environments_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with lock.hold(tmp_path / "hybrid", "deploy"), lock.hold(tmp_path / "cloud", "deploy"):
        pass
