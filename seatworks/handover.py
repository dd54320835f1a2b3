"""What the people of the site need to set the router that ends a VPN: no secret, and where the secrets are."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from seatworks.plan.link import Vpn
from seatworks.plan.model import CloudOutputs, Plan, Target

_WIDTH = 18


def router(plan: Plan, outputs: CloudOutputs) -> str | None:
    """The text for build/<env>/link.txt, None when the cloud has made no VPN."""
    if plan.vpn is None or not outputs.vpn_connection:
        return None
    return "\n".join((*_head(plan), "", *_table(plan, plan.vpn, outputs), "", *_keys(outputs), ""))


def _head(plan: Plan) -> Iterator[str]:
    yield f"The site's end of the VPN of {plan.name}: what its router must be set to (docs/vpn.md)."
    yield "Written by Seatworks at every deploy. There is no secret in it."
    if plan.target is Target.LAB:
        yield "This is a rehearsal: nobody answers at these addresses."


def _table(plan: Plan, vpn: Vpn, outputs: CloudOutputs) -> Iterator[str]:
    rows = [("router of the site", f"{vpn.router}; lets in UDP 500, UDP 4500 and ESP from the tunnels' addresses")]
    for number, (outside, network) in enumerate(sorted(outputs.vpn_tunnels.items()), 1):
        inside = IPv4Network(network)
        rows.append((f"tunnel {number}", f"to {outside}; inside {inside}, cloud {inside[1]}, router {inside[2]}"))
    hashes, groups = " or ".join(vpn.integrity), ", ".join(map(str, vpn.dh_groups))
    rows += [
        ("IKE", f"{' or '.join(vpn.ike)}, a pre-shared key for each tunnel; either end may begin"),
        ("both phases", f"{' or '.join(vpn.encryption)}; {hashes}; Diffie-Hellman group {groups} (also phase 2: PFS)"),
        ("lifetimes", "phase 1 28800 s, phase 2 3600 s"),
        ("dead peer", "asked after 10 s, three times; then the tunnel is begun anew"),
        ("selectors", f"{vpn.site} (site) and {vpn.cloud} (cloud), one pair for each tunnel"),
        ("routes", f"{vpn.cloud} into the tunnels, statically; a tunnel that is down must lose its route"),
        ("packets", "up to 1438 bytes pass whole (1500 less ESP in UDP): TCP MSS at most 1398"),
        ("connection", f"{outputs.vpn_connection} in {plan.region}"),
    ]
    return (f"{name:<{_WIDTH}}  {value}" for name, value in rows)


def _keys(outputs: CloudOutputs) -> Iterator[str]:
    yield "The keys, for who may see them in the account:"
    if outputs.vpn_keys_arn:
        yield (
            f"aws secretsmanager get-secret-value --region {outputs.region} --secret-id '{outputs.vpn_keys_arn}' "
            "--query SecretString --output text"
        )
    else:
        yield (
            f"aws ec2 describe-vpn-connections --region {outputs.region} "
            f"--vpn-connection-ids {outputs.vpn_connection} --output text "
            "--query 'VpnConnections[].Options.TunnelOptions[].[OutsideIpAddress,PreSharedKey]'"
        )
    yield "A configuration in the words of a router's maker:"
    yield f"aws ec2 get-vpn-connection-device-types --region {outputs.region}"
    yield (
        f"aws ec2 get-vpn-connection-device-sample-configuration --region {outputs.region} "
        f"--vpn-connection-id {outputs.vpn_connection} --internet-key-exchange-version ikev2 "
        "--vpn-connection-device-type-id ID"
    )
