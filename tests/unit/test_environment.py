"""Where files lie, and that they are written whole or not at all."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from seatworks import environment
from seatworks import plan as planning
from seatworks.environment import Environment
from seatworks.errors import SpecError
from seatworks.plan.model import CloudOutputs, Target
from tests import specs
from tests.conftest import ROOT
from tests.examples import plan_of


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
    assert Environment("hybrid", Target.LAB, tmp_path).outputs() == CloudOutputs()


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


def test_each_target_has_its_own_place_and_what_belongs_to_neither_has_another(tmp_path: Path) -> None:
    lab, live = (Environment("hybrid", target, tmp_path) for target in (Target.LAB, Target.LIVE))
    own = ("build", "attempted_file", "deployed_file", "outputs_file", "resources_file", "account_file", "vault",
           "ssh_config", "ssh_key", "cloud_plan_file")  # fmt: skip
    for name in own:
        assert getattr(lab, name) != getattr(live, name), name
        assert (tmp_path / "build" / "hybrid" / "lab") in (lab.build, *getattr(lab, name).parents), name
    for name in ("specification", "shared", "plan_file", "preview_file", "authority_file"):
        assert getattr(lab, name) == getattr(live, name), name
    assert live.vault == tmp_path / "inventories/hybrid/group_vars/all/vault.yml"
    assert (live.vault_password, lab.vault_password) == (None, lab.build / "vault-password")


def test_the_target_is_the_files_unless_another_is_asked_for(tmp_path: Path) -> None:
    specs.environment(tmp_path, "cloud", target="live")
    assert Environment.find("cloud", tmp_path).target is Target.LIVE
    asked = Environment.find("cloud", tmp_path, Target.LAB)
    assert (asked.target, asked.plan().target) == (Target.LAB, Target.LAB)


def test_what_stands_is_what_was_deployed_else_what_was_begun(tmp_path: Path) -> None:
    where = Environment("hybrid", Target.LAB, tmp_path)
    assert where.recorded() is None
    environment.write(where.attempted_file, planning.dump(plan_of("onprem")))
    assert where.recorded() == plan_of("onprem")
    environment.write(where.deployed_file, planning.dump(plan_of("hybrid")))
    assert where.recorded() == plan_of("hybrid")
    # The cloud is made from what was begun, looked at from what is previewed, and taken away by the last that had one.
    assert where.cloud_plan_file == where.attempted_file
    assert Environment("hybrid", Target.LAB, tmp_path, looks=True).cloud_plan_file == where.preview_file
    environment.write(where.retired_file, planning.dump(plan_of("hybrid")))
    assert where.cloud_plan_file == where.retired_file


def test_the_target_does_not_travel_in_the_environment_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs.environment(tmp_path, "cloud")
    monkeypatch.setenv("SEATWORKS_TARGET", "live")
    assert Environment.find("cloud", tmp_path).target is Target.LAB
    setting = re.compile(r"environ\[.*\] *=|environ\.(update|setdefault)|putenv")
    rooms = [path for room in ("seatworks", "stacks") for path in (ROOT / room).rglob("*.py")]
    assert [path for path in rooms if setting.search(path.read_text(encoding="utf-8"))] == []
