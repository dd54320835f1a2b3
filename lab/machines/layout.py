"""What the lab builds for a plan: segments (bridges), machines on them, and address translation. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from seatworks.errors import Problem, SeatworksError
from seatworks.plan.model import CloudOutputs, NetworkKind, Plan, Site, Trunk

INTERNET = IPv4Network("203.0.113.0/24")
INTERNET_PHONES = IPv4Address("203.0.113.20")
ONPREM_PHONES_INDEX = 10
COMMON_ROLES = ("baseline", "firewall")
_LONGEST_INTERFACE = 15


class Zone(StrEnum):
    """How the router treats a segment."""

    ONPREM = "onprem"
    CLOUD = "cloud"
    CARRIER = "carrier"
    INTERNET = "internet"


class Software(StrEnum):
    """What a machine boots with: packages of its roles, a bare system, or tools of the stand-ins."""

    ROLES = "roles"
    BARE = "bare"
    TOOLS = "tools"


@dataclass(frozen=True, slots=True)
class Segment:
    """One bridge. The namespace itself has the address `gateway` on it."""

    name: str
    bridge: str
    zone: Zone
    cidr: IPv4Network
    gateway: IPv4Address


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine. `roles` without those every host has; empty for a stand-in."""

    name: str
    segment: Segment
    address: IPv4Address
    software: Software
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything the lab stands up. `translations` are pairs (public address, private address).

    `joined` are the networks of site and cloud between which the router stands in for the gateways of a VPN.
    """

    environment: str
    segments: tuple[Segment, ...]
    machines: tuple[Machine, ...]
    translations: tuple[tuple[IPv4Address, IPv4Address], ...]
    onprem_public: IPv4Address | None
    joined: tuple[IPv4Network, IPv4Network] | None = None

    def bridges(self, *zones: Zone) -> tuple[str, ...]:
        """Bridges of these zones."""
        return tuple(segment.bridge for segment in self.segments if segment.zone in zones)


def bridge_name(name: str) -> str:
    """An interface name for a network: readable, and never longer than Linux allows."""
    plain = f"br-{name}"
    if len(plain) <= _LONGEST_INTERFACE:
        return plain
    return f"{plain[:10]}-{hashlib.sha256(name.encode()).hexdigest()[:4]}"


def lay_out(plan: Plan, outputs: CloudOutputs, *, bare: bool = False, peak: Collection[str] = ()) -> Layout:
    """Segments and machines for `plan`; with `bare`, hosts have none of their roles' packages yet.

    Servers of a peak that are not named in `peak` are switched off: there is no machine of them.
    """
    segments = {
        network.name: Segment(
            network.name,
            bridge_name(network.name),
            Zone.ONPREM if network.site is Site.ONPREM else Zone.CLOUD,
            network.cidr,
            network.gateway,
        )
        for network in plan.networks
    }
    machines = [
        Machine(
            host.name,
            segments[host.network],
            host.address,
            Software.BARE if bare else Software.ROLES,
            () if bare else tuple(sorted(set(host.roles) - set(COMMON_ROLES))),
        )
        for host in plan.hosts
        if not host.peak or host.name in peak
    ]
    internet = Segment("internet", "br-internet", Zone.INTERNET, INTERNET, INTERNET[1])
    found = {segment.name: segment for segment in (*segments.values(), internet)}
    for index, trunk in enumerate(plan.trunks):
        if trunk.address in {earlier.address for earlier in plan.trunks[:index]}:
            # Another line of the same carrier, or of the same gateway.
            continue
        segment = _segment_of(trunk, tuple(found.values()))
        found[segment.name] = segment
        # The first carrier has the plain name, which is the one that calls are placed from by default.
        name = "carrier" if index == 0 else f"carrier-{trunk.name}"
        machines.append(Machine(name, segment, trunk.address, Software.TOOLS))
    for network in plan.networks:
        if network.site is Site.ONPREM and network.kind is NetworkKind.SEATS:
            phones = network.cidr[ONPREM_PHONES_INDEX]
            machines.append(Machine("phones-onprem", segments[network.name], phones, Software.TOOLS))
    machines.append(Machine("phones-internet", internet, INTERNET_PHONES, Software.TOOLS))
    public = next((peer.cidrs[0][0] for peer in plan.peers if peer.name == "onprem-public"), None)
    joined = (plan.vpn.site, plan.vpn.cloud) if plan.vpn else None
    layout = Layout(plan.name, tuple(found.values()), tuple(machines), _translations(plan, outputs), public, joined)
    _refuse_what_cannot_work(layout)
    return layout


def _segment_of(trunk: Trunk, known: tuple[Segment, ...]) -> Segment:
    """The segment a carrier stands on: one that exists (a gateway on the site), else the /24 of its address."""
    for segment in known:
        if trunk.address in segment.cidr:
            return segment
    cidr = IPv4Network(f"{trunk.address}/24", strict=False)
    gateway = cidr[1] if trunk.address != cidr[1] else cidr[254]
    count = sum(segment.zone is Zone.CARRIER for segment in known)
    name = "carrier" if count == 0 else f"carrier{count + 1}"
    return Segment(name, bridge_name(name), Zone.CARRIER, cidr, gateway)


def _translations(plan: Plan, outputs: CloudOutputs) -> tuple[tuple[IPv4Address, IPv4Address], ...]:
    hosts = {host.name: host for host in plan.hosts}
    return tuple(
        (IPv4Address(address), hosts[name].address)
        for name, address in sorted(outputs.public_addresses.items())
        if name in hosts
    )


def _refuse_what_cannot_work(layout: Layout) -> None:
    problems = []
    owner: dict[IPv4Address, str] = {segment.gateway: f"the router of {segment.name}" for segment in layout.segments}
    for machine in layout.machines:
        if machine.address in owner:
            problems.append(
                Problem(
                    machine.name, f"has the address {machine.address} of {owner[machine.address]}", "give it another"
                )
            )
        owner[machine.address] = machine.name
    for public, private in layout.translations:
        if public.is_loopback or public.is_multicast or public.is_unspecified:
            problems.append(Problem(str(private), f"cannot be reached from outside as {public}", "correct cloud.json"))
    if problems:
        raise SeatworksError(*problems)
