"""Who signs the certificate of a managed database: fetched once from the trust store of the cloud, for one region."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import HostsError, Problem
from seatworks.plan.model import Plan, Target
from seatworks.tables import table

_LIMIT_S = 30


def ensure(plan: Plan, where: Environment, fetch: Callable[[str], bytes] | None = None) -> bool:
    """Write build/<env>/database-authority.pem unless it is there; True when it was written.

    Only a real managed database needs it. Raises HostsError when the store does not answer or knows no such region.
    """
    path = where.authority_file
    if not plan.database.managed or plan.target is not Target.LIVE or path.is_file():
        return False
    region = str(plan.region)
    url = table("database")["authorities"]["aws-cn" if region.startswith("cn-") else "aws"]["url"]
    remedy = f"put the authorities of {region} into {path.relative_to(where.root)} yourself (PEM)"
    try:
        offered = x509.load_pem_x509_certificates((fetch or _fetch)(url))
    except (OSError, ValueError) as wrong:
        raise HostsError(Problem(url, f"gives no certificates: {wrong}", remedy)) from None
    ours = [certificate for certificate in offered if region in _name(certificate).split()]
    if not ours:
        raise HostsError(Problem(url, f"has no authority of {region} among {len(offered)}", remedy))
    text = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in ours).decode()
    return environment.write(path, text)


def _fetch(url: str) -> bytes:
    # The address is a constant of data/database.yml, and the store's own certificate is verified.
    with urllib.request.urlopen(url, timeout=_LIMIT_S) as answer:  # noqa: S310 - https, from our data
        return bytes(answer.read())


def _name(certificate: x509.Certificate) -> str:
    """The common name, such as `Amazon RDS cn-north-1 Root CA RSA2048 G1`."""
    return " ".join(str(entry.value) for entry in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME))
