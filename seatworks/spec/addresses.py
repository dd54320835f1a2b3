"""Rules on networks and addresses: ours do not meet each other, and nothing stands in the wrong one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from seatworks.spec.choices import Link
from seatworks.spec.model import Part, Spec
from seatworks.spec.read import Finding, Location

PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def entries(parts: Sequence[Any] | None) -> list[tuple[int, Any]]:
    """The whole entries of a list, with their place in it."""
    return [(index, part) for index, part in enumerate(parts or ()) if part is not None]


def named(parts: dict[str, Any] | None) -> list[tuple[str, Any]]:
    return [(name, part) for name, part in (parts or {}).items() if part is not None]


def own_networks(spec: Spec) -> list[tuple[Location, IPv4Network]]:
    """Every network that is ours alone, with its place."""
    tunnelled = spec.cloud is not None and spec.cloud.link == Link.VPN
    sections: list[tuple[str, Part | None, tuple[str, ...]]] = [
        ("onprem", spec.onprem, ("network", "seats_network")),
        ("cloud", spec.cloud, ("network",) if tunnelled else ("network", "link_network")),
    ]
    return [
        ((section, key), network)
        for section, part, keys in sections
        if part is not None
        for key in keys
        if (network := getattr(part, key)) is not None
    ]


def networks(spec: Spec) -> Iterator[Finding]:
    own = own_networks(spec)
    longest = {"network": 28, "seats_network": 29, "link_network": 28}
    for n, (here, network) in enumerate(own):
        if not any(network.subnet_of(private) for private in PRIVATE):
            yield Finding(
                here,
                f"is {network}, which is not private",
                "choose one inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
            )
        # Eight subnets or more are cut from the cloud network, of /26 at least; AWS allows at most a /16.
        longest_here = 23 if here == ("cloud", "network") else longest[str(here[-1])]
        shortest_here = 16 if here[0] == "cloud" else 8
        if not shortest_here <= network.prefixlen <= longest_here:
            yield Finding(
                here, f"is a /{network.prefixlen}, must be /{shortest_here} to /{longest_here}", "choose another size"
            )
        for other, another in own[:n]:
            if network.overlaps(another):
                yield Finding(
                    here,
                    f"is {network} and overlaps {'.'.join(map(str, other))} {another}",
                    "choose networks that do not meet",
                )
    for n, network in entries(spec.management.networks if spec.management else ()):
        if network.prefixlen < 8:
            yield Finding(
                ("management", "networks", n),
                f"is {network}: almost anyone may use SSH",
                "name the administrators' network",
            )


def addresses(spec: Spec) -> Iterator[Finding]:
    own = own_networks(spec)
    outside: list[tuple[Location, IPv4Address | None]] = [
        (("trunks", n, "address"), trunk.address) for n, trunk in entries(spec.trunks)
    ]
    if spec.onprem:
        for key in ("public_address", "router_address"):
            outside.append((("onprem", key), getattr(spec.onprem, key)))
    for here, address in outside:
        for other, network in own:
            if address is not None and address in network:
                yield Finding(
                    here,
                    f"is {address}, inside {'.'.join(map(str, other))} {network}",
                    "give the address outside our networks",
                )
    if not spec.onprem or spec.onprem.network is None:
        return
    site = spec.onprem.network
    taken = {site.network_address, site.broadcast_address, site.network_address + 1}
    inside: list[tuple[Location, IPv4Address]] = [
        *((("onprem", "hosts", name), address) for name, address in named(spec.onprem.hosts)),
        *((("gateways", n, "address"), gateway.address) for n, gateway in entries(spec.gateways) if gateway.address),
    ]
    hosts = dict(inside)
    for here, address in inside:
        if address not in site:
            yield Finding(here, f"is {address}, outside onprem.network {site}", "choose an address of that network")
        elif address in taken:
            yield Finding(
                here,
                f"is {address}, which is the network itself, its router or its broadcast",
                "choose another address",
            )
        if here[0] == "gateways" and address in [a for place, a in hosts.items() if place[0] == "onprem"]:
            yield Finding(here, f"is {address}, as one of onprem.hosts", "give each its own")
