"""What travels with a centre is named, by where it lies and whether it is here, and never shown."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from seatworks import custody, secrets
from seatworks.environment import Environment
from seatworks.plan.model import Target
from tests import recorders, specs
from tests.conftest import ROOT
from tests.examples import plan_of

LIVE = dataclasses.replace(plan_of("hybrid"), target=Target.LIVE)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A live site that was deployed from here."""
    for name in ("PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "passphrase").touch()
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "credentials.json").write_text('{"current": "file:///var/lib/state"}')
    monkeypatch.setenv("SEATWORKS_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    shutil.copy(ROOT / "ansible.cfg", tmp_path)
    plugins = tmp_path / "seatworks" / "ansible_plugins"
    plugins.mkdir(parents=True)
    shutil.copy(ROOT / "seatworks" / "ansible_plugins" / "vault_password.py", plugins)
    settings = tmp_path / "stacks" / "seats" / "Pulumi.hybrid.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("config: {}\n")
    specs.environment(tmp_path, "hybrid")
    found = Environment("hybrid", Target.LIVE, tmp_path)
    secrets.ensure(LIVE, found)
    return recorders.stand(LIVE, tmp_path)


def here(where: Environment) -> dict[str, bool | None]:
    return {item.what: item.here for item in custody.items(where)}


def test_where_a_centre_is_run_from_everything_is_there_and_no_secret_is_said(where: Environment) -> None:
    found = custody.items(where)
    assert custody.missing(found) == []
    assert {item.what for item in found} == {
        *("specification", "vault", "vault password", "deployment", "settings of the stack", "state of the stack"),
        *("passphrase of the stack", "rights in the account", "way into the hosts"),
    }
    lies = {item.what: item.lies for item in found}
    assert lies["state of the stack"] == "file:///var/lib/state"
    assert lies["deployment"] == "build/hybrid/live"
    text = json.dumps([dataclasses.asdict(item) for item in found])
    assert (where.root / "password").read_text().strip() not in text
    assert secrets.read(where)["vault_database_passwords"]["asterisk"] not in text


def test_a_new_checkout_is_told_what_it_lacks(where: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(where.build)
    where.vault.unlink()
    (where.root / "password").unlink()
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE")
    (where.root / "home" / "credentials.json").unlink()
    assert custody.missing(custody.items(where)) == [
        *("vault", "vault password", "deployment", "state of the stack", "passphrase of the stack")
    ]
    # Asking makes nothing.
    assert not (where.root / "password").exists()
    assert not where.vault.exists()


def test_a_password_that_does_not_open_the_vault_is_not_there(where: Environment) -> None:
    (where.root / "password").write_text("another\n")
    assert here(where)["vault password"] is False
    assert "does not open the vault" in next(i.how for i in custody.items(where) if i.what == "vault password")


def test_a_site_without_a_cloud_half_needs_nothing_of_the_cloud(tmp_path: Path, where: Environment) -> None:
    del where
    plan = dataclasses.replace(plan_of("onprem"), target=Target.LIVE)
    site = recorders.stand(plan, tmp_path)
    site.resources_file.unlink()
    assert set(here(site)) == {"specification", "vault", "vault password", "deployment", "way into the hosts"}


def test_a_key_of_the_cloud_takes_the_passphrases_place(where: Environment) -> None:
    file = where.root / "stacks" / "seats" / "Pulumi.hybrid.yaml"
    file.write_text("secretsprovider: awskms://alias/centre\n")
    assert here(where)["key of the stack's secrets"] is None
    assert "passphrase of the stack" not in here(where)


@pytest.mark.parametrize("lacks", [False, True])
def test_the_command_lists_it_and_ends_with_three_when_something_is_not_here(
    where: Environment, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], lacks: bool
) -> None:
    if lacks:
        where.vault.unlink()
    done = recorders.type_in(where.root, ["handover", "hybrid"], None, monkeypatch, capfd)
    assert done.code == (3 if lacks else 0), done.said
    assert ("not here: vault" in done.said) == lacks
    assert "state of the stack" in done.said
