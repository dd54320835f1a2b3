"""The certificate that a running service shows in a TLS handshake, held against the one that it should have."""

from __future__ import annotations

import datetime
from typing import Any

from cryptography import x509

from seatworks import certificates
from seatworks.plan.model import CloudOutputs, Host, Plan
from seatworks.secrets import Vault

AUTHORITY = "/etc/seatworks/ca.pem"

# Prints what a TLS server shows. Arguments: address, port, file of the authority that must vouch for it.
SHOW = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[3])
# Strictness about extensions of the authority is not what is asked here.
context.verify_flags &= ~ssl.VERIFY_X509_STRICT
with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5) as line:
    with context.wrap_socket(line, server_hostname=sys.argv[1]) as shown:
        print(ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True)))
"""


def shown_in(text: str) -> x509.Certificate:
    """The first certificate in what a program printed."""
    begin, _, rest = text.partition("-----BEGIN CERTIFICATE-----")
    assert rest, f"no certificate was shown: {begin}"
    body, _, _ = rest.partition("-----END CERTIFICATE-----")
    pem = f"-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n"
    return x509.load_pem_x509_certificate(pem.encode())


def of_sip(host: Any, member: Host, plan: Plan) -> x509.Certificate:
    """What the edge shows to whoever comes by TLS."""
    there = (str(member.address), str(plan.ports.sips))
    return shown_in(host.check_output("python3 -c %s %s %s %s", SHOW, *there, AUTHORITY))


def of_postgresql(client: Any, member: Host, plan: Plan) -> x509.Certificate:
    """What the database shows to another host."""
    there = f"{member.address}:{plan.ports.postgresql}"
    words = "openssl s_client -starttls postgres -connect %s -CAfile %s -verify_return_error < /dev/null"
    return shown_in(client.check_output(words, there, AUTHORITY))


def days_left(shown: x509.Certificate, member: Host, plan: Plan, outputs: CloudOutputs, vault: Vault) -> int:
    """Days that are left of the certificate that a service shows; fails when it is not as a deploy would leave it."""
    now = datetime.datetime.now(datetime.UTC)
    kept = x509.load_pem_x509_certificate(vault["vault_certificates"][member.name]["certificate"].encode())
    assert shown == kept, (
        f"it shows the certificate with serial {shown.serial_number:x}, the vault has {kept.serial_number:x}: "
        "the service did not read it again, or no deploy has brought it"
    )
    why = certificates.due(plan, outputs, vault, now).get(member.name)
    assert why is None, f"a deploy renews it: {why}"
    return certificates.days_left(shown, now)
