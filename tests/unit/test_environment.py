"""Where files lie, and that they are written whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import SpecError
from seatworks.plan.model import CloudOutputs
from tests.conftest import ROOT


def test_an_unknown_environment_is_refused_with_those_that_exist() -> None:
    with pytest.raises(SpecError, match="ENV is one of cloud, hybrid, onprem"):
        Environment.find("hybird", ROOT)


def test_a_folder_that_is_not_the_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="folder of the project"):
        Environment.find("hybrid", tmp_path)


def test_the_specification_tells_its_environment() -> None:
    where = Environment.of_specification(ROOT / "inventories" / "hybrid" / "seatworks.yml")
    assert (where.name, where.root) == ("hybrid", ROOT)


def test_before_the_first_deploy_the_cloud_has_handed_nothing_back(tmp_path: Path) -> None:
    assert Environment("hybrid", tmp_path).outputs() == CloudOutputs()


def test_a_file_is_private_from_its_first_byte_and_written_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    assert environment.write(path, "one", mode=0o600) is True
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.stat().st_ino
    assert environment.write(path, "one", mode=0o600) is False
    assert path.stat().st_ino == before
    assert environment.write(path, "two", mode=0o600) is True
    assert path.read_text() == "two"
    assert list(path.parent.iterdir()) == [path]
