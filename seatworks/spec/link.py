"""Rules on `cloud.link`: how site and cloud are joined, and what only one of the two ways has."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from seatworks.spec.addresses import PRIVATE, own_networks
from seatworks.spec.choices import Link, Mode
from seatworks.spec.model import Spec
from seatworks.spec.read import Finding


def link(spec: Spec) -> Iterator[Finding]:
    """Everything about the link. A rule on a value that is broken or missing says nothing."""
    if spec.cloud is not None and "link" in spec.cloud.model_fields_set and spec.mode == Mode.CLOUD:
        yield Finding(("cloud", "link"), "joins a site, and mode cloud has none", "remove it, or choose mode hybrid")
        return
    # A broken cloud section may have no value here; without one nothing is joined.
    joined = spec.cloud.link if spec.cloud is not None else Link.WIREGUARD
    if joined == Link.VPN:
        yield from _vpn(spec)
    if joined == Link.WIREGUARD and spec.mode == Mode.HYBRID and spec.onprem is not None and spec.cloud is not None:
        yield from _met_by_the_cloud(spec, spec.onprem.public_address)
    if joined == Link.WIREGUARD and spec.onprem is not None and "router_address" in spec.onprem.model_fields_set:
        yield Finding(
            ("onprem", "router_address"),
            "ends the tunnels of a VPN, and there is none",
            "remove it, or choose cloud.link: vpn",
        )


def _met_by_the_cloud(spec: Spec, address: IPv4Address | None) -> Iterator[Finding]:
    if address is None or not any(address in network for network in PRIVATE):
        return
    # One inside our own networks is refused as such.
    if not any(address in network for _, network in own_networks(spec)):
        yield Finding(
            ("onprem", "public_address"),
            f"is {address}, which is private: the cloud lets the link in from the site's address on the Internet alone",
            "give the address that the Internet sees, that of the router which translates",
        )


def _vpn(spec: Spec) -> Iterator[Finding]:
    if spec.cloud is not None and "link_network" in spec.cloud.model_fields_set:
        yield Finding(
            ("cloud", "link_network"),
            "has no meaning with link vpn: hosts meet at their own addresses",
            "remove it, or choose cloud.link: wireguard",
        )
    if spec.onprem is None:
        return
    key = "public_address" if spec.onprem.router_address is None else "router_address"
    address = getattr(spec.onprem, key)
    if address is not None and any(address in network for network in PRIVATE):
        yield Finding(
            ("onprem", key),
            f"is {address}, which is private: AWS meets the router of the site over the Internet",
            "give the router's address on the Internet as `router_address`",
        )
