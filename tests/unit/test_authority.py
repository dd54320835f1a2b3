"""The authority of a managed database is fetched once, and only that of the plan's region is trusted."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from seatworks import authority
from seatworks.environment import Environment
from seatworks.errors import HostsError
from seatworks.spec import Target
from tests.examples import managed_plan_of, plan_of


def certificate(name: str) -> bytes:
    """A self-signed certificate (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


NORTH = certificate("Amazon RDS cn-north-1 Root CA RSA2048 G1")
STORE = certificate("Amazon RDS cn-northwest-1 Root CA RSA2048 G1") + NORTH


@pytest.fixture
def where(tmp_path: Path) -> Environment:
    """An environment without anything."""
    return Environment("cloud", Target.LIVE, tmp_path)


def test_only_the_authority_of_the_region_is_kept(where: Environment) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return STORE

    plan = managed_plan_of(target=Target.LIVE)
    assert authority.ensure(plan, where, fetch)
    assert where.authority_file.read_bytes() == NORTH
    assert asked[0].startswith("https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/")
    assert not authority.ensure(plan, where, fetch)
    assert len(asked) == 1


@pytest.mark.parametrize(("answer", "words"), [(STORE, "no authority of eu-central-1"), (b"<html>", "no certificates")])
def test_a_store_that_does_not_help_is_said_with_the_remedy(where: Environment, answer: bytes, words: str) -> None:
    with pytest.raises(HostsError, match=words) as refused:
        authority.ensure(managed_plan_of("eu-central-1", Target.LIVE), where, lambda _url: answer)
    assert "build/cloud/database-authority.pem" in refused.value.problems[0].remedy


def test_a_rehearsal_and_hosts_of_ours_fetch_nothing(where: Environment) -> None:
    def nobody(url: str) -> bytes:
        raise AssertionError(url)

    assert not authority.ensure(managed_plan_of(), where, nobody)
    assert not authority.ensure(plan_of("cloud"), where, nobody)
