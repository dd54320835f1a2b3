"""Hosts are asked all at once; each problem names the host and the remedy."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from seatworks import preflight
from seatworks.environment import Environment
from seatworks.errors import PreflightError
from tests.examples import live_plan_of, plan_of


class Usage(NamedTuple):
    """What shutil.disk_usage returns."""

    total: int
    used: int
    free: int


@pytest.fixture
def where(tmp_path: Path) -> Environment:
    """An environment in an empty folder."""
    return Environment("onprem", tmp_path)


def test_a_full_disk_and_an_unsupported_python_are_named_together(
    where: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 10**7))
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    problems = [str(problem) for problem in preflight.computer(where)]
    assert problems[0] == "Python: is 3.9 -> use Python 3.11, 3.12 or 3.13"
    assert "0.0 GB free" in problems[1]


def test_hosts_that_do_not_answer_are_each_named_with_a_command_to_try(where: Environment) -> None:
    where.ssh_config.parent.mkdir(parents=True)
    where.ssh_config.write_text("Host *\n  HostName 127.0.0.1\n  Port 9\n  ConnectTimeout 1\n")
    problems = preflight.hosts(plan_of("onprem").hosts[:3], where)
    assert [problem.place for problem in problems] == [
        "edge1 (10.20.0.11)",
        "edge2 (10.20.0.12)",
        "call1 (10.20.0.21)",
    ]
    assert all("does not answer over SSH" in problem.message for problem in problems)
    assert all(problem.remedy.startswith("check: ssh -F") for problem in problems)


def test_what_a_host_lacks_is_read_from_its_own_answer(
    where: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = "fact free Mounted Available\nfact free / 50000\nfact free /srv 9000000\nfact system debian 12\n"
    fake = tmp_path / "ssh"
    fake.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    messages = [problem.message for problem in preflight.hosts(plan_of("onprem").hosts[:1], where)]
    assert messages == ["has no Python interpreter", "has 0.05 GB free on /", "runs debian 12"]


@pytest.mark.parametrize("there", [(), ("aws",), ("aws", "session-manager-plugin")])
def test_all_that_opens_a_line_by_session_manager_is_asked_for_at_once(
    where: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: tuple[str, ...]
) -> None:
    for program in there:
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = [each for each in ("aws", "session-manager-plugin") if each not in there]
    assert [problem.place for problem in preflight.session(live_plan_of("cloud"))] == missing
    assert preflight.session(plan_of("cloud")) == []
    if not missing:
        preflight.check(live_plan_of("cloud"), where)
        return
    with pytest.raises(PreflightError) as refused:
        preflight.check(live_plan_of("cloud"), where)
    assert [problem.place for problem in refused.value.problems] == missing
    assert all("management.networks" in problem.remedy for problem in refused.value.problems)


def test_a_machine_that_is_still_booting_is_asked_again(
    where: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake = tmp_path / "ssh"
    answer = "fact python yes\\nfact system debian 13\\n"
    fake.write_text(f"#!/bin/sh\n[ -f {tmp_path}/up ] || {{ touch {tmp_path}/up; exit 255; }}\nprintf '{answer}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(preflight, "_AGAIN_S", 0.01)
    asked = plan_of("cloud").hosts[:1]
    assert [problem.place for problem in preflight.hosts(asked, where)] == [f"{asked[0].name} ({asked[0].address})"]
    (tmp_path / "up").unlink()
    assert preflight.hosts(asked, where, patience_s=60) == []
