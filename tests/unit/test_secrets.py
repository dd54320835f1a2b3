"""Secrets are made once, complete, encrypted, and never replaced."""

from __future__ import annotations

import copy
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from seatworks import secrets
from seatworks.environment import Environment
from seatworks.errors import PreflightError
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
    return Environment("hybrid", tmp_path)


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
    assert vault["vault_certificates"].items() >= before["vault_certificates"].items()
    assert vault["vault_ca_certificate"] == before["vault_ca_certificate"]
    assert set(vault["vault_link_keys"]) == {"edge1", "edge2", "cloud-edge1", "cloud-edge2"}


def test_the_certificate_of_an_edge_is_signed_by_the_environment_and_names_the_sip_domain() -> None:
    plan = plan_of("hybrid")
    vault = secrets.Vault()
    secrets.complete(plan, vault)
    authority = x509.load_pem_x509_certificate(vault["vault_ca_certificate"].encode())
    edge = x509.load_pem_x509_certificate(vault["vault_certificates"]["cloud-edge1"]["certificate"].encode())
    edge.verify_directly_issued_by(authority)
    names = edge.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert plan.domain in names.get_values_for_type(x509.DNSName)
    assert isinstance(edge.public_key(), ec.EllipticCurvePublicKey)


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
    assert secrets.ensure(plan, where) is True
    sealed = where.vault.read_bytes()
    assert sealed.startswith(b"$ANSIBLE_VAULT;")
    assert stat.S_IMODE(where.vault.stat().st_mode) == 0o600
    assert secrets.ensure(plan, where) is False
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
