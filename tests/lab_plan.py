"""A small plan for tests of the lab: two hosts on the site, one in the cloud, one carrier."""

from __future__ import annotations

import dataclasses
from ipaddress import IPv4Address, IPv4Network

from seatworks.plan.model import (
    Availability,
    CloudOutputs,
    Host,
    Network,
    NetworkKind,
    Peer,
    Plan,
    Recording,
    Site,
    Sized,
    Target,
    Trunk,
)

ONPREM = Network("onprem", Site.ONPREM, NetworkKind.SERVERS, IPv4Network("10.20.0.0/24"), IPv4Address("10.20.0.1"))
SEATS = Network("desks", Site.ONPREM, NetworkKind.SEATS, IPv4Network("10.20.8.0/24"), IPv4Address("10.20.8.1"))
CLOUD = Network(
    "cloud-a", Site.CLOUD, NetworkKind.SERVERS, IPv4Network("10.60.0.0/24"), IPv4Address("10.60.0.1"), "cn-north-1a"
)
UNICOM = Trunk("unicom", "sip", IPv4Address("198.51.100.10"), 5060, 30)
OUTPUTS = CloudOutputs(public_addresses={"outer1": "192.0.2.57"})


def host(name: str, network: Network, last: int, *roles: str) -> Host:
    """A host with the roles every host has and `roles`."""
    everyone = ("baseline", "firewall")
    return Host(name, "edge", network.site, network.name, network.cidr[last], (*everyone, *roles), 2, 4, 20)


THREE = (host("inner1", ONPREM, 11), host("inner2", ONPREM, 12), host("outer1", CLOUD, 11))


def plan(
    name: str = "tiny",
    *,
    hosts: tuple[Host, ...] | None = None,
    networks: tuple[Network, ...] = (ONPREM, SEATS, CLOUD),
    trunks: tuple[Trunk, ...] = (UNICOM,),
) -> Plan:
    """A plan as the lab reads it; nothing in it is sized."""
    return Plan(
        name=name,
        target=Target.LAB,
        mode="hybrid",
        protection_level=3,
        edition="standard",
        industry="general",
        working="mixed",
        availability=Availability(99.9, 99.9, 99.9, ()),
        domain=f"{name}.internal",
        region=None,
        link_network=None,
        seats_encrypted=True,
        seat_codec="g711",
        carrier_codec="g711",
        sized=Sized(**{field.name: 1 for field in dataclasses.fields(Sized)}),
        networks=networks,
        hosts=hosts
        if hosts is not None
        else (host("inner1", ONPREM, 11), host("inner2", ONPREM, 12), host("outer1", CLOUD, 11)),
        peers=(Peer("onprem-public", (IPv4Network("192.0.2.10/32"),)),),
        flows=(),
        trunks=trunks,
        numbers=(),
        menus=(),
        queues=(),
        seat_blocks=(),
        recording=Recording(0.0, 30),
    )
