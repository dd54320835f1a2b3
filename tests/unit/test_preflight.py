"""Hosts are asked all at once; each problem names the host and the remedy."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from seatworks import preflight, secrets
from seatworks.environment import Environment
from seatworks.errors import PreflightError
from seatworks.plan.model import Target
from tests.conftest import ROOT
from tests.examples import live_plan_of, plan_of


class Usage(NamedTuple):
    """What shutil.disk_usage returns."""

    total: int
    used: int
    free: int


@pytest.fixture
def where(tmp_path: Path) -> Environment:
    """An environment in an empty folder."""
    return Environment("onprem", Target.LIVE, tmp_path)


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


FREE = "fact python yes\\nfact free / 9000000\\nfact system debian 13\\n"


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ("", False),
        # As the role writes them: this vault's, another's, nobody's because a person said so.
        ("fact vault {identity}\\nfact authority other\\n", False),
        ("fact vault other\\nfact authority {authority}\\n", True),
        ("fact vault\\nfact authority other\\n", False),
        # Of an earlier version, which kept the authority alone.
        ("fact authority {authority}\\n", False),
        ("fact authority other\\n", True),
    ],
)
def test_a_host_with_the_secrets_of_another_vault_is_told_before_anything_is_changed(
    where: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, told: str, refused: bool
) -> None:
    monkeypatch.setenv("SEATWORKS_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    shutil.copy(ROOT / "ansible.cfg", tmp_path)
    plugins = tmp_path / "seatworks" / "ansible_plugins"
    plugins.mkdir(parents=True)
    shutil.copy(ROOT / "seatworks" / "ansible_plugins" / "vault_password.py", plugins)
    secrets.ensure(plan_of("onprem"), where)
    answer = FREE + told.format(**secrets.mark(where)._asdict())
    fake = tmp_path / "ssh"
    fake.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    plan = dataclasses.replace(plan_of("onprem"), target=Target.LIVE)
    if refused:
        with pytest.raises(PreflightError, match="has its secrets from another vault") as found:
            preflight.check(plan, where)
        assert len(found.value.problems) == len(plan.hosts)
        assert "make handover" in found.value.problems[0].remedy
    else:
        preflight.check(plan, where)
    # In a new checkout there is no vault, and none is made when a host has one.
    where.vault.unlink()
    if told.startswith(("fact vault ", "fact authority")):
        with pytest.raises(PreflightError, match="from another vault, and there is none here"):
            preflight.check(plan, where)
        assert not where.vault.exists()


def test_a_host_says_what_it_keeps_of_its_deployment(tmp_path: Path) -> None:
    """What is asked of a host, run here with its folder elsewhere."""
    folder = tmp_path / "etc"
    asked = preflight._ASK.replace("/etc/seatworks", str(folder))

    def facts() -> list[str]:
        said = subprocess.run(["sh", "-c", asked], capture_output=True, text=True, check=True)
        assert said.stderr == ""
        return [line for line in said.stdout.splitlines() if line.startswith(("fact vault", "fact authority"))]

    assert facts() == []
    folder.mkdir()
    (folder / "ca.pem").write_text("certificate\n")
    digest = hashlib.sha256(b"certificate\n").hexdigest()
    assert facts() == [f"fact authority {digest}"]
    (folder / "vault").write_text("0123456789abcdef\n")
    assert facts() == ["fact vault 0123456789abcdef", f"fact authority {digest}"]
    (folder / "vault").write_text("")
    assert facts() == ["fact vault ", f"fact authority {digest}"]
