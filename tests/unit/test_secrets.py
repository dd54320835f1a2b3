"""Secrets are made once, complete, encrypted, and never replaced."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from seatworks import plan as planning
from seatworks import playbook, secrets
from seatworks.environment import Environment, write
from seatworks.errors import PreflightError, SpecError
from seatworks.plan.model import Target
from tests.conftest import ROOT
from tests.examples import managed_plan_of, plan_of


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment with a vault password of its own."""
    monkeypatch.setenv("SEATWORKS_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.delenv("ANSIBLE_CONFIG", raising=False)
    plugins = tmp_path / "seatworks" / "ansible_plugins"
    plugins.mkdir(parents=True)
    shutil.copy(ROOT / "seatworks" / "ansible_plugins" / "vault_password.py", plugins)
    shutil.copy(ROOT / "ansible.cfg", tmp_path)
    return Environment("hybrid", Target.LIVE, tmp_path)


def test_everything_that_the_plan_needs_is_there_and_no_two_are_equal() -> None:
    plan = plan_of("hybrid")
    vault = secrets.Vault()
    secrets.complete(plan, vault)
    assert set(vault["vault_seat_passwords"]) == {seat.user for seat in plan.seats}
    assert len(set(vault["vault_seat_passwords"].values())) == len(plan.seats)
    assert set(vault["vault_certificates"]) == {host.name for host in plan.hosts}
    assert set(vault["vault_link_keys"]) == {host.name for host in plan.hosts if host.link_address}


def test_a_larger_plan_adds_secrets_and_replaces_none() -> None:
    vault = secrets.Vault()
    secrets.complete(plan_of("onprem"), vault)
    before = copy.deepcopy(vault)
    secrets.complete(plan_of("hybrid"), vault)
    assert vault["vault_seat_passwords"].items() >= before["vault_seat_passwords"].items()
    kept = vault["vault_certificates"]
    assert all(kept[name]["key"] == each["key"] for name, each in before["vault_certificates"].items())
    assert vault["vault_ca_certificate"] == before["vault_ca_certificate"]
    assert set(vault["vault_link_keys"]) == {"edge1", "edge2", "cloud-edge1", "cloud-edge2"}


def test_what_is_encrypted_to_the_recipient_opens_with_the_auditors_identity_only() -> None:
    vault = secrets.Vault()
    secrets.complete(plan_of("onprem"), vault)
    recipient = pyrage.x25519.Recipient.from_str(vault["vault_recording"]["recipient"])
    sealed = pyrage.encrypt(b"voice", [recipient])
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(vault["vault_recording"]["identity"])]) == b"voice"
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [pyrage.x25519.Identity.generate()])


def test_the_vault_is_encrypted_private_and_stable(where: Environment) -> None:
    plan = plan_of("onprem")
    assert secrets.ensure(plan, where) == ["secrets completed in inventories/hybrid/group_vars/all/vault.yml"]
    sealed = where.vault.read_bytes()
    assert sealed.startswith(b"$ANSIBLE_VAULT;")
    assert stat.S_IMODE(where.vault.stat().st_mode) == 0o600
    assert secrets.ensure(plan, where) == []
    assert where.vault.read_bytes() == sealed
    assert set(secrets.read(where)["vault_seat_passwords"]) == {seat.user for seat in plan.seats}


def test_a_vault_of_another_computer_is_refused_with_the_remedy(where: Environment, tmp_path: Path) -> None:
    secrets.ensure(plan_of("onprem"), where)
    (tmp_path / "password").write_text("another\n")
    with pytest.raises(PreflightError, match="vault-password"):
        secrets.read(where)


def test_no_secret_is_in_what_a_failed_test_shows() -> None:
    vault = secrets.Vault()
    secrets.complete(plan_of("hybrid"), vault)
    shown = f"{vault!r} {vault} {copy.copy(vault)!r}"
    assert vault["vault_database_passwords"]["asterisk"] not in shown
    assert vault["vault_recording"]["identity"] not in shown


def test_programs_that_ask_for_a_first_password_at_once_get_the_same(tmp_path: Path, where: Environment) -> None:
    program = where.root / "seatworks" / "ansible_plugins" / "vault_password.py"
    asking = [subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) for _ in range(12)]
    answers = [process.communicate(timeout=60)[0] for process in asking]
    assert {process.returncode for process in asking} == {0}
    assert set(answers) == {(tmp_path / "password").read_text()}
    assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_only_the_stand_in_of_a_managed_database_needs_a_masters_password() -> None:
    for plan, needed in (
        (managed_plan_of(), True),
        (managed_plan_of(target=Target.LIVE), False),
        (plan_of("cloud"), False),
    ):
        vault = secrets.Vault()
        secrets.complete(plan, vault)
        assert ("master" in vault["vault_database_passwords"]) == needed
        assert set(vault["vault_certificates"]) == {host.name for host in plan.servers}


@pytest.fixture
def rehearsal(where: Environment, tmp_path: Path) -> Environment:
    """A rehearsal beside a live site whose vault this computer cannot open: its password is elsewhere."""
    for name in ("inventory", "vars", "lookup"):
        shutil.copytree(ROOT / "seatworks" / "ansible_plugins" / name, tmp_path / "seatworks/ansible_plugins" / name)
    secrets.ensure(plan_of("hybrid"), where)
    shutil.copy(ROOT / "inventories" / "hybrid" / "seatworks.yml", where.specification)
    where.vault.with_name("site.yml").write_text("set_beside: a value of the site\n")
    (tmp_path / "password").rename(tmp_path / "elsewhere")
    return Environment("hybrid", Target.LAB, tmp_path)


def told(where: Environment, **settings: str) -> subprocess.CompletedProcess[str]:
    """What a play is told on a host, by Ansible as a deploy starts it."""
    write(where.attempted_file, planning.dump(dataclasses.replace(plan_of("hybrid"), target=where.target)))
    shown = json.dumps({"msg": "{{ vault_identity }} {{ set_beside }} {{ baseline_ca_certificate }}"})
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("ansible"), "-i", where.specification.parent),
            *("call1", "-m", "ansible.builtin.debug", "-a", shown),
        ],
        cwd=where.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), **playbook._settings(where, where.attempted_file), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.lengthy
def test_a_rehearsal_needs_nothing_that_opens_a_live_site(where: Environment, rehearsal: Environment) -> None:
    sealed = where.vault.read_bytes()
    with pytest.raises(PreflightError):
        secrets.read(where)
    assert secrets.ensure(plan_of("hybrid"), rehearsal)
    own = secrets.read(rehearsal)
    assert where.vault.read_bytes() == sealed
    assert rehearsal.vault.read_bytes().startswith(b"$ANSIBLE_VAULT;")
    assert rehearsal.vault_password
    assert stat.S_IMODE(rehearsal.vault_password.stat().st_mode) == 0o600
    said = told(rehearsal)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{own['vault_identity']} a value of the site -----BEGIN" in said.stdout
    # Without our plugin for variables, Ansible opens whatever lies in group_vars.
    plain = told(rehearsal, ANSIBLE_VARS_ENABLED="host_group_vars")
    assert plain.returncode != 0
    assert "vault.yml" in plain.stdout + plain.stderr


@pytest.mark.lengthy
def test_a_live_site_is_played_with_its_own_secrets(where: Environment, rehearsal: Environment, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").rename(tmp_path / "password")
    secrets.ensure(plan_of("hybrid"), rehearsal)
    own, other = secrets.read(where)["vault_identity"], secrets.read(rehearsal)["vault_identity"]
    assert own != other
    said = told(where)
    assert said.returncode == 0, said.stdout + said.stderr
    assert own in said.stdout
    assert other not in said.stdout


@pytest.mark.lengthy
def test_a_rehearsal_of_an_earlier_version_keeps_the_secrets_of_then(where: Environment) -> None:
    secrets.ensure(plan_of("hybrid"), where)
    rehearsal = Environment("hybrid", Target.LAB, where.root)
    rehearsal.vault.parent.mkdir(parents=True)
    shutil.copy(where.vault, rehearsal.vault)
    assert secrets.read(rehearsal) == secrets.read(where)
    assert secrets.ensure(plan_of("hybrid"), rehearsal) == []
    assert secrets.bundle_password(rehearsal) == secrets.bundle_password(where)


def test_a_preview_of_a_rehearsal_makes_no_password(where: Environment) -> None:
    looks = Environment("hybrid", Target.LAB, where.root, looks=True)
    assert secrets.bundle_password(looks)
    assert not looks.build.exists()


@pytest.mark.lengthy
def test_a_vault_is_known_by_its_identity_and_its_authority(where: Environment) -> None:
    assert secrets.mark(where) == secrets.Mark()
    secrets.ensure(plan_of("onprem"), where)
    first = secrets.mark(where)
    assert first == secrets.mark(where)
    where.vault.unlink()
    secrets.ensure(plan_of("onprem"), where)
    assert not set(first) & set(secrets.mark(where))


YEARS = datetime.timedelta(days=365)
FIRST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.lengthy
def test_a_deploy_renews_in_the_vault_what_is_in_its_last_third_and_a_run_that_is_killed_leaves_the_old(
    where: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of("onprem")
    secrets.ensure(plan, where, FIRST)
    assert secrets.ensure(plan, where, FIRST + YEARS) == []
    sealed = where.vault.read_bytes()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            secrets.ensure(plan, where, FIRST + 2 * YEARS)
    assert where.vault.read_bytes() == sealed
    told = secrets.ensure(plan, where, FIRST + 2 * YEARS)
    assert "certificate of edge1 renewed: in its last third, 95 days left" in told
    assert len(told) == 1 + len(plan.servers)
    assert secrets.ensure(plan, where, FIRST + 2 * YEARS) == []


@pytest.mark.lengthy
def test_days_that_are_left_are_told_and_a_renewal_on_demand_is_in_the_vault(where: Environment) -> None:
    plan = plan_of("onprem")
    assert secrets.told(plan, where, FIRST) == []
    with pytest.raises(PreflightError, match="no deploy has made secrets yet"):
        secrets.renew(plan, where, ["edge1"], now=FIRST)
    secrets.ensure(plan, where, FIRST)
    before = secrets.read(where)["vault_certificates"]
    (line,) = secrets.told(plan, where, FIRST)
    assert line.startswith("certificates: 825 days left")
    assert line.endswith("certificate authority: 3650")
    ahead = secrets.told(plan, where, FIRST + 2 * YEARS, ahead=True)
    assert "certificate of db1: a deploy renews it: in its last third, 95 days left" in ahead
    assert secrets.renew(plan, where, ["edge1"], now=FIRST) == ["edge1"]
    with pytest.raises(SpecError, match="edge9: is not a server of the plan"):
        secrets.renew(plan, where, ["edge9"], now=FIRST)
    after = secrets.read(where)["vault_certificates"]
    assert {name for name in after if after[name] != before[name]} == {"edge1"}
    assert after["edge1"]["key"] != before["edge1"]["key"]
    assert secrets.renew(plan, where, authority=True, now=FIRST) == ["certificate authority"]
    assert secrets.renew(plan, where, now=FIRST) == [host.name for host in plan.servers]
