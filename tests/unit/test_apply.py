"""The program on a host: what it refuses before it touches anything, and how it starts the roles."""

from __future__ import annotations

import getpass
import hashlib
import io
import json
import os
import platform
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from seatworks import apply

# Stands in for pip: "installs" an Ansible that writes down how it was called, and opens the vault with one password.
PIP = """
import pathlib, sys, sysconfig
folder = pathlib.Path(sysconfig.get_path("purelib")) / "ansible"
folder.mkdir()
(folder / "__init__.py").touch()
(folder / "__main__.py").write_text('''
import json, os, pathlib, sys
given = sys.stdin.read()
log = pathlib.Path(os.environ["HERE"]) / "log"
kept = {name: value for name, value in os.environ.items() if name.startswith("ANSIBLE_")}
call = {"words": sys.argv[1:], "password": given, "settings": kept, "folder": os.getcwd()}
log.open("a").write(json.dumps(call) + "\\\\n")
ending = pathlib.Path(os.environ["HERE"]) / "ending"
sys.exit(int(ending.read_text()) if sys.argv[1] == "playbook" and ending.exists() else given != "secret")
''')
"""


class Carried:
    """A small bundle on a host of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder / "bundle", folder / "home"
        self.log = folder / "log"
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("pip/__main__.py", PIP)
        self.files = {"site.yml": b"[]\n", "ansible.cfg": b"", apply.VAULT: b"", "wheels/pip-1.whl": wheel.getvalue()}
        for name, content in self.files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.manifest: dict[str, Any] = {
            "seatworks": "1.0",
            "environment": "x",
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "machine": platform.machine(),
            "hosts": {"call1": "127.0.0.1", "call2": "192.0.2.9"},
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()},
        }
        self.keep()

    def dpkg(self, code: int) -> None:
        """Stand in for dpkg, which ends with this code."""
        program = self.log.with_name("dpkg")
        log = self.log.with_name("dpkg.log")
        program.write_text(f'#!/bin/sh\necho "$@" $DPKG_FRONTEND_LOCKED >> {log}; echo a package; exit {code}\n')
        program.chmod(0o755)

    def keep(self) -> None:
        """Write the manifest."""
        (self.folder / apply.MANIFEST).write_text(json.dumps(self.manifest))

    def calls(self) -> list[dict[str, Any]]:
        """How Ansible was called."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Carried:
    made = Carried(tmp_path)
    monkeypatch.setattr(apply, "BUNDLE", made.folder)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("HERE", str(tmp_path))
    made.dpkg(0)
    monkeypatch.setattr(apply, "PATH", f"{tmp_path}:{apply.PATH}")
    monkeypatch.setattr(apply, "DPKG_LOCK", tmp_path / "lock-frontend")
    return made


@pytest.fixture
def run(carried: Carried, tmp_path: Path) -> Callable[..., int]:
    """Run the program; its exit code."""

    def program(*words: str, host: str | None = "call1", typed: str = "secret") -> int:
        file = tmp_path / "password"
        file.write_text(typed + "\n")
        try:
            named = ["--host", host] if host else []
            return apply.main([*named, "--vault-password-file", str(file), "--home", str(carried.home), *words])
        except SystemExit as ended:
            return int(str(ended.code))

    return program


def test_the_roles_run_here_for_this_host_alone(carried: Carried, run: Callable[..., int]) -> None:
    assert run() == 0
    opened, played = carried.calls()
    assert opened["words"] == ["vault", "view", apply.VAULT]
    assert played["words"] == ["playbook", "--inventory", "inventory/hosts.yml", "--limit", "call1", "site.yml"]
    assert played["folder"] == str(carried.folder)
    assert played["settings"]["ANSIBLE_CONFIG"] == str(carried.folder / "ansible.cfg")
    assert played["settings"]["ANSIBLE_INVENTORY_ENABLED"] == "yaml"


def test_a_host_is_known_by_its_address(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(host=None) == 0
    assert carried.calls()[1]["words"][3:5] == ["--limit", "call1"]
    carried.manifest["hosts"]["call2"] = "127.0.0.2"
    carried.keep()
    assert run(host=None) == 3
    assert "this host has the address of 2 hosts of the bundle: say which it is with --host" in capsys.readouterr().err


def test_a_check_shows_what_would_change(carried: Carried, run: Callable[..., int]) -> None:
    assert run("--check") == 0
    assert carried.calls()[1]["words"][-3:] == ["--check", "--diff", "site.yml"]


def test_the_password_is_in_no_argument_and_no_setting_and_not_on_the_disk(
    carried: Carried, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", "/somebody/elses")
    assert run() == 0
    for call in carried.calls():
        assert call.pop("password") == "secret"
        assert "secret" not in json.dumps(call)
        assert "/dev/stdin" in call["settings"].values()
    kept = [path.read_bytes() for path in carried.home.rglob("*") if path.is_file() and path.suffix != ".py"]
    assert b"secret\n" not in kept


def test_the_virtual_environment_is_made_once_and_anew_when_its_making_was_cut_off(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    assert "preparing" in capsys.readouterr().err
    assert run() == 0
    assert "preparing" not in capsys.readouterr().err
    (carried.home / "venv" / "stamp").unlink()
    assert run() == 0
    assert "preparing" in capsys.readouterr().err


def test_a_run_writes_nothing_into_the_bundle(carried: Carried, run: Callable[..., int]) -> None:
    assert run() == 0
    there = {path.relative_to(carried.folder).as_posix() for path in carried.folder.rglob("*") if path.is_file()}
    assert there == {*carried.files, apply.MANIFEST}


def test_whatever_is_not_as_it_was_packed_is_named_at_once_and_nothing_is_touched(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (carried.folder / "site.yml").write_text("- hosts: all\n")
    (carried.folder / "ansible.cfg").unlink()
    (carried.folder / "inventory" / "group_vars" / "all" / "more.yml").touch()
    assert run() == 3
    said = capsys.readouterr().err
    assert "✗ site.yml is damaged\n" in said
    assert "✗ ansible.cfg is missing\n" in said
    assert "✗ inventory/group_vars/all/more.yml is not part of the bundle\n" in said
    assert "copy the bundle again" in said
    assert not carried.home.exists()


@pytest.mark.parametrize("text", ["", "{}", "not json"])
def test_a_broken_manifest_is_said(
    text: str, carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (carried.folder / apply.MANIFEST).write_text(text)
    assert run() == 3
    assert "✗ manifest.json is missing or damaged\n  → unpack the bundle again\n" in capsys.readouterr().err


def test_a_host_that_the_bundle_does_not_know_is_refused_with_those_it_knows(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(host="call9") == 2
    assert "✗ call9 is not in this bundle\n  → its hosts: call1, call2\n" in capsys.readouterr().err


def test_another_computer_is_refused_for_every_reason_at_once(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    carried.manifest |= {"python": "3.99", "machine": "z80"}
    carried.keep()
    assert run(host="call2") == 3
    said = capsys.readouterr().err
    assert "only root can configure a host" in said
    assert "the bundle is for Debian's 3.99: install Debian 13" in said
    assert "the bundle is for z80" in said
    assert "this host does not have call2's address 192.0.2.9" in said
    assert not carried.home.exists()


def test_a_password_that_does_not_fit_is_said_before_anything_is_configured(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(typed="wrong") == 3
    assert "✗ the vault password does not open the secrets of this bundle" in capsys.readouterr().err
    assert [call["words"][0] for call in carried.calls()] == ["vault"]


def test_no_password_is_said(run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(typed="") == 3
    assert "✗ the vault password is empty" in capsys.readouterr().err
    assert run("--vault-password-file", str(tmp_path / "absent")) == 3
    assert "✗ the vault password cannot be read: " in capsys.readouterr().err


def test_packages_that_were_cut_off_are_finished_first(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    assert carried.log.with_name("dpkg.log").read_text() == "--configure -a 1\n"
    carried.dpkg(1)
    assert run() == 3
    assert "✗ packages of this host are half installed\n✗ a package\n" in capsys.readouterr().err
    assert [call["words"][0] for call in carried.calls()] == ["vault", "playbook", "vault"]


def test_an_installation_that_is_under_way_is_waited_for(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installs = "import fcntl, sys, time; lock = open(sys.argv[1], 'a+b'); fcntl.lockf(lock, fcntl.LOCK_EX)"
    installs += "; print('locked', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", installs, apply.DPKG_LOCK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "locked\n"
        monkeypatch.setattr(apply, "DPKG_WAIT_S", 0)
        assert run() == 3
        assert "✗ packages are being installed on this host for 0 s now" in capsys.readouterr().err
        monkeypatch.setattr(apply, "DPKG_WAIT_S", 60)
        monkeypatch.setattr(time, "sleep", lambda _seconds: other.kill())
        assert run() == 0
    assert carried.log.with_name("dpkg.log").read_text() == "--configure -a 1\n"


def test_a_check_finishes_nothing(carried: Carried, run: Callable[..., int]) -> None:
    assert run("--check") == 0
    assert not carried.log.with_name("dpkg.log").exists()


def test_what_the_system_refuses_is_one_line(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    carried.home.write_text("a file")
    assert run() == 3
    assert "✗ [Errno 17] File exists: " in capsys.readouterr().err


def test_ctrl_c_says_how_to_go_on(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "environment", Mock(side_effect=KeyboardInterrupt))
    assert run() == 130
    assert "✗ stopped\n  → run it again, it goes on from here\n" in capsys.readouterr().err


def test_a_person_is_asked_for_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Mock(isatty=lambda: True))
    monkeypatch.setattr(getpass, "getpass", {"Vault password: ": "typed"}.__getitem__)
    assert apply.password_of("-") == b"typed"


def test_a_failed_task_ends_with_its_own_code(
    run: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "ending").write_text("2")
    assert run() == 5
    assert "✗ call1 is not configured: ansible-playbook ended with 2" in capsys.readouterr().err


def test_one_at_a_time_and_the_second_is_told_who_is_at_it(
    carried: Carried, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    holder = "import sys, time; sys.path.insert(0, sys.argv[2]); from seatworks import apply; import pathlib"
    holder += (
        "; held = apply.alone(pathlib.Path(sys.argv[1])); held.__enter__(); print('held', flush=True); time.sleep(60)"
    )
    root = str(Path(apply.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", holder, carried.home, root], stdout=subprocess.PIPE, text=True
    ) as held:
        assert held.stdout
        assert held.stdout.readline() == "held\n"
        assert run() == 3
        held.kill()
    assert (
        f"✗ this host is being configured by process {held.pid} or the Ansible that it started\n"
        in capsys.readouterr().err
    )
    # The kernel frees the lock with its holder.
    assert run() == 0


def test_it_needs_nothing_but_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", apply.__file__, "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "--vault-password-file" in done.stdout
