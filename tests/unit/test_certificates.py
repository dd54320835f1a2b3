"""Certificates: whose names they bear, when they are made anew, and when only a person can help."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from seatworks import certificates
from seatworks.errors import PreflightError
from seatworks.plan.model import CloudOutputs, Plan
from seatworks.secrets import Vault
from tests import handshake
from tests.examples import plan_of

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
OUTPUTS = CloudOutputs(public_addresses={"cloud-edge1": "52.80.0.1", "cloud-edge2": "52.80.0.2"})
# Between them lies the beginning of the last third of 825 days.
STILL, DUE = NOW + 549 * DAY, NOW + 551 * DAY


def made(plan: Plan | None = None) -> dict[str, Any]:
    vault: dict[str, Any] = {}
    assert certificates.complete(plan or plan_of("hybrid"), OUTPUTS, vault, NOW) == []
    return vault


def of(vault: dict[str, Any], name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(vault["vault_certificates"][name]["certificate"].encode())


def authority(vault: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(vault["vault_ca_certificate"].encode())


def shown(certificate: x509.Certificate) -> tuple[set[str], set[str]]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(names.get_values_for_type(x509.DNSName)), set(map(str, names.get_values_for_type(x509.IPAddress)))


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in after["vault_certificates"] if of(before, name) != of(after, name)}


def serve(vault: dict[str, Any], name: str, folder: Path) -> socket.socket:
    """A TLS server with the certificate of `name`; what vouches for it lies in folder/ca.pem. Answers once."""
    (folder / "ca.pem").write_text(vault["vault_ca_certificate"])
    for kind, text in vault["vault_certificates"][name].items():
        (folder / kind).write_text(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate", folder / "key")
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with contextlib.suppress(OSError):
            line, _ = server.accept()
            with line, context.wrap_socket(line, server_side=True) as met:
                met.recv(1)

    threading.Thread(target=answer, daemon=True).start()
    return server


def test_what_a_service_shows_is_held_against_the_vault_and_the_calendar(tmp_path: Path) -> None:
    plan = plan_of("hybrid")
    hosts = tuple(dataclasses.replace(host, address=ipaddress.IPv4Address("127.0.0.1")) for host in plan.hosts)
    plan = dataclasses.replace(plan, hosts=hosts)
    vault = Vault()
    certificates.complete(plan, OUTPUTS, vault, datetime.datetime.now(datetime.UTC))
    with serve(vault, "edge1", tmp_path) as server:
        words = ["127.0.0.1", str(server.getsockname()[1]), str(tmp_path / "ca.pem")]
        said = subprocess.run(
            [sys.executable, "-c", handshake.SHOW, *words], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    shown, edge = handshake.shown_in(said), plan.host("edge1")
    assert handshake.days_left(shown, edge, plan, OUTPUTS, vault) == 824
    # The vault has another one by now, as after a reload that did not take effect.
    renewed = copy.deepcopy(vault)
    certificates.renew(plan, OUTPUTS, renewed, datetime.datetime.now(datetime.UTC), names=["edge1"])
    with pytest.raises(AssertionError, match="did not read it again"):
        handshake.days_left(shown, edge, plan, OUTPUTS, renewed)
    # It is the one of the vault, and that one is old.
    old = Vault()
    certificates.complete(plan, OUTPUTS, old, datetime.datetime.now(datetime.UTC) - 600 * DAY)
    with pytest.raises(AssertionError, match="in its last third, 22"):
        handshake.days_left(of(old, "edge1"), edge, plan, OUTPUTS, old)
    with pytest.raises(AssertionError, match="no certificate was shown"):
        handshake.shown_in("connection refused")


def test_an_edge_bears_the_sip_domain_and_the_addresses_that_it_is_met_at() -> None:
    plan, vault = plan_of("hybrid"), made()
    edge = of(vault, "cloud-edge1")
    edge.verify_directly_issued_by(authority(vault))
    assert isinstance(edge.public_key(), ec.EllipticCurvePublicKey)
    host = plan.host("cloud-edge1")
    names = {"cloud-edge1", f"cloud-edge1.{plan.domain}", plan.domain}
    assert shown(edge) == (names, {str(host.address), str(host.link_address), "52.80.0.1"})
    site = str(next(peer for peer in plan.peers if peer.name == "onprem-public").cidrs[0].network_address)
    assert site in shown(of(vault, "edge1"))[1]
    # The site's address leads to edges only, and a call server has no business with the domain.
    assert shown(of(vault, "call1")) == ({"call1", f"call1.{plan.domain}"}, {str(plan.host("call1").address)})


def test_a_certificate_is_renewed_in_its_last_third_with_its_key_and_not_before() -> None:
    vault = made()
    before = copy.deepcopy(vault)
    assert certificates.complete(plan_of("hybrid"), OUTPUTS, vault, STILL) == []
    assert vault == before
    told = certificates.complete(plan_of("hybrid"), OUTPUTS, vault, DUE)
    assert "certificate of db1 renewed: in its last third, 274 days left" in told
    assert changed(before, vault) == {host.name for host in plan_of("hybrid").servers}
    assert of(vault, "db1").not_valid_after_utc == DUE + 825 * DAY
    kept, key = vault["vault_certificates"]["db1"], before["vault_certificates"]["db1"]["key"]
    assert kept["key"] == key
    private = serialization.load_pem_private_key(key.encode(), None)
    assert private.public_key() == of(vault, "db1").public_key()
    assert authority(vault) == authority(before)
    assert certificates.complete(plan_of("hybrid"), OUTPUTS, vault, DUE) == []


def test_another_address_or_domain_renews_at_once_and_only_where_it_is_borne() -> None:
    vault = made()
    before = copy.deepcopy(vault)
    moved = dataclasses.replace(OUTPUTS, public_addresses={**OUTPUTS.public_addresses, "cloud-edge2": "52.80.0.9"})
    told = certificates.complete(plan_of("hybrid"), moved, vault, NOW + DAY)
    assert told == ["certificate of cloud-edge2 renewed: its names or addresses changed"]
    assert changed(before, vault) == {"cloud-edge2"}
    assert "52.80.0.9" in shown(of(vault, "cloud-edge2"))[1]
    assert "52.80.0.2" not in shown(of(vault, "cloud-edge2"))[1]
    named = dataclasses.replace(plan_of("hybrid"), domain="voice.example")
    assert len(certificates.complete(named, moved, vault, NOW + DAY)) == len(named.servers)
    assert "voice.example" in shown(of(vault, "edge1"))[0]


def test_a_host_at_another_address_gets_another_certificate() -> None:
    vault = made()
    plan = plan_of("hybrid")
    hosts = tuple(
        dataclasses.replace(host, address=ipaddress.IPv4Address("10.20.0.99")) if host.name == "db1" else host
        for host in plan.hosts
    )
    told = certificates.complete(dataclasses.replace(plan, hosts=hosts), OUTPUTS, vault, NOW)
    assert told == ["certificate of db1 renewed: its names or addresses changed"]


@pytest.mark.parametrize("spoilt", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_certificate_that_cannot_be_read_is_made_again(spoilt: str) -> None:
    vault = made()
    vault["vault_certificates"]["call1"]["certificate"] = spoilt
    assert set(certificates.due(plan_of("hybrid"), OUTPUTS, vault, NOW)) == {"call1"}
    certificates.complete(plan_of("hybrid"), OUTPUTS, vault, NOW)
    of(vault, "call1").verify_directly_issued_by(authority(vault))


def test_another_authority_signs_every_server_anew() -> None:
    vault = made()
    del vault["vault_ca_key"], vault["vault_ca_certificate"]
    told = certificates.complete(plan_of("hybrid"), OUTPUTS, vault, NOW)
    assert len(told) == len(plan_of("hybrid").servers)
    for host in plan_of("hybrid").servers:
        of(vault, host.name).verify_directly_issued_by(authority(vault))


def test_on_demand_a_server_gets_a_new_certificate_with_a_new_key_and_no_other_does() -> None:
    vault = made()
    before = copy.deepcopy(vault)
    certificates.renew(plan_of("hybrid"), OUTPUTS, vault, NOW, names=["edge1"])
    assert changed(before, vault) == {"edge1"}
    assert vault["vault_certificates"]["edge1"]["key"] != before["vault_certificates"]["edge1"]["key"]
    assert authority(vault) == authority(before)


def test_the_authority_is_renewed_on_demand_and_who_trusts_the_former_one_trusts_the_servers() -> None:
    vault = made()
    before = copy.deepcopy(vault)
    later = NOW + 3000 * DAY
    certificates.renew(plan_of("hybrid"), OUTPUTS, vault, later, authority=True)
    assert changed(before, vault) == set()
    assert authority(vault).not_valid_after_utc == later + 3650 * DAY
    certificates.complete(plan_of("hybrid"), OUTPUTS, vault, later)
    for trusted in (authority(before), authority(vault)):
        of(vault, "edge1").verify_directly_issued_by(trusted)


def test_no_certificate_outlives_its_authority_and_near_its_end_none_is_renewed_in_vain() -> None:
    vault = made()
    late = NOW + 3600 * DAY
    certificates.complete(plan_of("hybrid"), OUTPUTS, vault, late)
    assert of(vault, "edge1").not_valid_after_utc == authority(vault).not_valid_after_utc
    assert certificates.complete(plan_of("hybrid"), OUTPUTS, vault, NOW + 3649 * DAY) == []


def test_the_last_third_of_the_authority_is_told_with_the_remedy_and_its_end_refused() -> None:
    plan, vault = plan_of("hybrid"), made()
    (line,) = certificates.told(plan, vault, NOW + 100 * DAY)
    assert "725 days left" in line
    assert line.endswith("certificate authority: 3550")
    assert len(certificates.told(plan, vault, NOW + 2430 * DAY)) == 1
    ends = certificates.told(plan, vault, NOW + 2440 * DAY)[1]
    assert "ends on 2036-11-20" in ends
    assert "make renew ENV=hybrid AUTHORITY=yes" in ends
    assert certificates.problems(vault, plan.name, NOW + 3649 * DAY) == []
    for act in (certificates.complete, certificates.renew):
        with pytest.raises(PreflightError, match=r"ended on 2036-11-20.*AUTHORITY=yes"):
            act(plan, OUTPUTS, vault, NOW + 3651 * DAY)
    certificates.renew(plan, OUTPUTS, vault, NOW + 3651 * DAY, authority=True)
    assert certificates.problems(vault, plan.name, NOW + 3651 * DAY) == []
    assert certificates.told(plan, {}, NOW) == []
