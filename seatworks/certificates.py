"""The certificate authority of one environment and the certificates of its servers: made, looked at, made again."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from seatworks.errors import PreflightError, Problem
from seatworks.plan.model import CloudOutputs, Host, Plan, Site

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 825
_DAY = datetime.timedelta(days=1)
# Clocks of hosts may be a little behind ours.
_BEFORE = datetime.timedelta(hours=1)


def complete(plan: Plan, outputs: CloudOutputs, vault: dict[str, Any], now: datetime.datetime) -> list[str]:
    """Make in `vault` what is missing or due; a sentence for each certificate that took the place of another.

    A certificate that is renewed keeps its key: on the host the two fit at every moment, also in a run that was cut
    off. Raises PreflightError when the authority has ended.
    """
    if "vault_ca_key" not in vault:
        vault["vault_ca_key"] = _pem(ec.generate_private_key(ec.SECP256R1()))
        vault["vault_ca_certificate"] = _authority(plan, vault, now)
    if ended := problems(vault, plan.name, now):
        raise PreflightError(*ended)
    kept = vault.setdefault("vault_certificates", {})
    reasons = due(plan, outputs, vault, now)
    told = [f"certificate of {name} renewed: {why}" for name, why in reasons.items() if name in kept]
    for host in plan.servers:
        if host.name in reasons:
            kept[host.name] = _certificate(plan, outputs, host, vault, now, kept.get(host.name, {}).get("key"))
    return told


def renew(
    plan: Plan,
    outputs: CloudOutputs,
    vault: dict[str, Any],
    now: datetime.datetime,
    *,
    names: Collection[str] = (),
    authority: bool = False,
) -> None:
    """Make the certificates of servers `names` anew, with new keys, and with `authority` that of the authority.

    The authority keeps its name and key: who trusts its former certificate trusts every server until that one's end.
    """
    if authority:
        vault["vault_ca_certificate"] = _authority(plan, vault, now)
    if ended := problems(vault, plan.name, now):
        raise PreflightError(*ended)
    for host in plan.servers:
        if host.name in names:
            vault.setdefault("vault_certificates", {})[host.name] = _certificate(plan, outputs, host, vault, now)


def due(plan: Plan, outputs: CloudOutputs, vault: Mapping[str, Any], now: datetime.datetime) -> dict[str, str]:
    """The servers whose certificate a deploy makes, each with the reason."""
    kept = vault.get("vault_certificates", {})
    reasons = {
        host.name: _reason(kept.get(host.name, {}).get("certificate", ""), _names(plan, outputs, host), vault, now)
        for host in plan.servers
    }
    return {name: why for name, why in reasons.items() if why}


def in_last_third(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    """Whether less than a third of a certificate's life is left."""
    end = certificate.not_valid_after_utc
    return (end - now) * 3 < end - certificate.not_valid_before_utc


def days_left(certificate: x509.Certificate, now: datetime.datetime) -> int:
    """Whole days until a certificate ends; negative when it has."""
    return (certificate.not_valid_after_utc - now) // _DAY


def problems(vault: Mapping[str, Any], name: str, now: datetime.datetime) -> list[Problem]:
    """What only a person can mend: an authority that has ended."""
    if "vault_ca_certificate" not in vault:
        return []
    authority = _read(vault["vault_ca_certificate"])
    if now < authority.not_valid_after_utc:
        return []
    message = f"ended on {authority.not_valid_after_utc:%Y-%m-%d}: nobody trusts a server any more"
    return [Problem("certificate authority", message, _remedy(name))]


def told(plan: Plan, vault: Mapping[str, Any], now: datetime.datetime) -> list[str]:
    """Days that are left, of the server that has the fewest and of the authority, with what a person must do."""
    kept = vault.get("vault_certificates", {})
    left = {host.name: _read(kept[host.name]["certificate"]) for host in plan.servers if host.name in kept}
    if not left:
        return []
    name, first = min(left.items(), key=lambda item: item[1].not_valid_after_utc)
    authority = _read(vault["vault_ca_certificate"])
    lines = [
        f"certificates: {days_left(first, now)} days left ({name} ends first), "
        f"certificate authority: {days_left(authority, now)}"
    ]
    if in_last_third(authority, now):
        end = f"{authority.not_valid_after_utc:%Y-%m-%d}"
        lines.append(f"the certificate authority ends on {end}; before that day: {_remedy(plan.name)}")
    return lines


def _remedy(name: str) -> str:
    return (
        f"make renew ENV={name} AUTHORITY=yes, then a deploy, and give phones its certificate (/etc/seatworks/ca.pem)"
    )


def _reason(pem: str, names: list[x509.GeneralName], vault: Mapping[str, Any], now: datetime.datetime) -> str:
    """Why a certificate has to be made; empty when it need not."""
    try:
        certificate = _read(pem)
        shown = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        certificate.verify_directly_issued_by(_read(vault["vault_ca_certificate"]))
    except (InvalidSignature, TypeError):
        return "of another authority"
    except (ValueError, x509.ExtensionNotFound):
        # verify_directly_issued_by tells a foreign issuer's name so, too.
        return "missing, unreadable or of another authority"
    if set(shown) != set(names):
        return "its names or addresses changed"
    # Where its authority does not let it live longer, a new one would gain nothing.
    if in_last_third(certificate, now) and certificate.not_valid_after_utc < _end(vault, now):
        return f"in its last third, {days_left(certificate, now)} days left"
    return ""


def _names(plan: Plan, outputs: CloudOutputs, host: Host) -> list[x509.GeneralName]:
    """What a server is called by its clients: names, addresses, and on edges the SIP domain."""
    names: list[x509.GeneralName] = [x509.DNSName(host.name), x509.DNSName(f"{host.name}.{plan.domain}")]
    if "kamailio" in host.roles:
        names.append(x509.DNSName(plan.domain))
    addresses = [host.address, host.link_address, *_public(plan, outputs, host)]
    return names + [
        x509.IPAddress(ipaddress.ip_address(text)) for text in dict.fromkeys(map(str, filter(None, addresses)))
    ]


def _public(plan: Plan, outputs: CloudOutputs, host: Host) -> Iterator[str]:
    """The addresses a server is met at from the Internet: its own, or its site's, which leads to the edges."""
    if address := outputs.public_addresses.get(host.name):
        yield address
    if host.site is Site.ONPREM and "kamailio" in host.roles:
        yield from (
            str(cidr.network_address) for peer in plan.peers if peer.name == "onprem-public" for cidr in peer.cidrs
        )


def _authority(plan: Plan, vault: Mapping[str, Any], now: datetime.datetime) -> str:
    """A certificate of the authority by which it vouches for itself (PEM)."""
    signer = _signer(vault)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Seatworks {plan.name} CA")])
    certificate = (
        _unsigned(name, name, signer.public_key(), now - _BEFORE, now + AUTHORITY_DAYS * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(ca=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _certificate(
    plan: Plan,
    outputs: CloudOutputs,
    host: Host,
    vault: Mapping[str, Any],
    now: datetime.datetime,
    kept_key: str | None = None,
) -> dict[str, str]:
    """A server's certificate and its key, which is a new one unless `kept_key` (PEM) is given."""
    authority, signer = _read(vault["vault_ca_certificate"]), _signer(vault)
    key = _key(kept_key) if kept_key else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{host.name}.{plan.domain}")])
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        _unsigned(subject, authority.subject, key.public_key(), now - _BEFORE, _end(vault, now))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(_names(plan, outputs, host)), critical=False)
        .add_extension(_key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return {"certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(), "key": _pem(key)}


def _end(vault: Mapping[str, Any], now: datetime.datetime) -> datetime.datetime:
    """When a certificate ends that is made now: never after its authority, for a client trusts neither then."""
    return min(
        (now + CERTIFICATE_DAYS * _DAY).replace(microsecond=0), _read(vault["vault_ca_certificate"]).not_valid_after_utc
    )


def _unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    first: datetime.datetime,
    last: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
    )


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())


def _signer(vault: Mapping[str, Any]) -> ec.EllipticCurvePrivateKey:
    return _key(vault["vault_ca_key"])


def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the vault has a key that is not an elliptic-curve key")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
