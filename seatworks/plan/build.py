"""From what was asked and how large it must be to named hosts with addresses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from seatworks.errors import Problem, SpecError
from seatworks.message import Message, joined
from seatworks.plan import addresses, database, flows, managed, subnets, topology
from seatworks.plan.guard import guard
from seatworks.plan.link import vpn
from seatworks.plan.model import (
    MANAGEMENT,
    Host,
    Menu,
    Network,
    NetworkKind,
    Number,
    Peer,
    Plan,
    Ports,
    Queue,
    Recording,
    Room,
    SeatBlock,
    Site,
    Sized,
    Target,
    Tier,
    Trunk,
)
from seatworks.plan.peak import peaks
from seatworks.plan.planning_only import planning_only
from seatworks.sizing.database import instance_type
from seatworks.sizing.servers import PEAK
from seatworks.spec import Link
from seatworks.spec.numbers import forms

if TYPE_CHECKING:
    from seatworks.sizing import ServerGroup, Sizing
    from seatworks.spec import Spec

FIRST_SEAT = 1001
# Who serves queues and numbers where no call server does.
MANAGED = "Amazon Connect"
INTERNET = IPv4Network("0.0.0.0/0")

# The roles of each group of hosts, in the order in which site.yml runs them.
ROLES = {
    "edge": ("baseline", "firewall", "kamailio", "rtpengine", "trunk"),
    "cloud-edge": ("baseline", "firewall", "kamailio", "rtpengine"),
    "call": ("baseline", "firewall", "asterisk", "recording"),
    "peak": ("baseline", "firewall", "asterisk", "recording", "peak"),
    "db": ("baseline", "firewall", "postgresql"),
    "record": ("baseline", "firewall", "recording"),
}


def build(spec: Spec, sizing: Sizing) -> Plan:
    """The plan of one deployment. Pure: the same arguments give the same plan.

    Hosts are named <group><n>, spread over the zones of a cloud site in turn, and get the group's
    address block inside their subnet unless the specification names an address of their own.

    Raises SpecError when a live site's server has no address, or an address belongs to no server.
    """
    networks = tuple(_networks(spec, sizing))
    hosts = tuple(_hosts(spec, sizing, networks))
    if problems := [*_misnamed(spec, hosts), *topology.refused(spec, sizing)]:
        raise SpecError(*problems)
    if sizing.database.managed:
        hosts = _keepers(hosts)
    answered = managed.connect(spec, sizing)
    trunks = tuple(_trunks(spec, sizing))
    peers = tuple(_peers(spec, networks, trunks))
    ports = Ports()
    calls = [host.name for host in hosts if host.group == "call" and not host.peak] or [MANAGED]
    home, second = calls[0], (calls[1] if len(calls) > 1 else None)
    return Plan(
        name=spec.name,
        target=Target(spec.target),
        mode=str(spec.mode),
        protection_level=int(spec.protection_level),
        edition=str(spec.edition),
        industry=str(spec.industry),
        working=str(spec.working),
        availability=topology.assessed(spec, sizing),
        domain=spec.service.domain or f"{spec.name}.internal",
        region=spec.cloud.region if spec.cloud else None,
        cloud_network=spec.cloud.network if spec.cloud and not answered else None,
        link_network=_link_network(spec),
        vpn=vpn(spec),
        seats_encrypted=spec.traffic.media.encrypted,
        seat_codec=str(spec.traffic.media.seats),
        carrier_codec=str(spec.traffic.media.carrier),
        sized=Sized(
            **{field.name: getattr(sizing, field.name) for field in dataclasses.fields(Sized)},
        ),
        networks=networks,
        hosts=hosts,
        peers=peers,
        flows=flows.build(hosts, peers, trunks, ports, encrypted=spec.traffic.media.encrypted),
        trunks=trunks,
        numbers=tuple(
            Number(entry.number, entry.menu, entry.queue, home, second, forms(entry.number, china=spec.in_china))
            for entry in spec.service.numbers
        ),
        menus=tuple(
            Menu(name, tuple(menu.prompts), tuple(sorted(menu.digits.items())), menu.default, menu.wait_s)
            for name, menu in sorted(spec.service.menus.items())
        ),
        queues=tuple(
            Queue(
                name,
                str(queue.strategy),
                tuple(Site(site) for site in queue.seats),
                home,
                second,
            )
            for name, queue in sorted(spec.service.queues.items())
        ),
        seat_blocks=tuple(_seats(spec)),
        recording=Recording(spec.recording.share, spec.recording.retention_days),
        ports=ports,
        time_servers=tuple(spec.time_servers),
        guard=guard(spec, hosts),
        database=database.database(sizing, [n for n in networks if n.tier is Tier.DATA]),
        nat_gateways=subnets.translators(networks, float(spec.availability)),
        endpoints=subnets.endpoints(networks, peak=any(host.peak for host in hosts)),
        peaks=tuple(peaks(spec)),
        connect=answered,
        planning_only=tuple(planning_only(spec)),
    )


def _keepers(hosts: tuple[Host, ...]) -> tuple[Host, ...]:
    """Nobody enters a managed database: the first call server keeps its tables and users, over TLS."""
    first = next(host for host in hosts if host.group == "call")
    keeper = dataclasses.replace(first, roles=(*ROLES["call"][:2], "database", *ROLES["call"][2:]))
    return tuple(keeper if host is first else host for host in hosts)


def _misnamed(spec: Spec, hosts: tuple[Host, ...]) -> list[Problem]:
    """Servers of the site without an address of their own, addresses of no server, and gateways at a server's."""
    if not spec.onprem:
        return []
    place = f"inventories/{spec.name}/seatworks.yml onprem.hosts"
    planned = [host.name for host in hosts if host.site is Site.ONPREM]
    first = {host.address: host.name for host in reversed(hosts)}
    met = [
        Problem(
            f"{place}.{host.name}",
            Message("is {address}, the address of {name}", address=host.address, name=first[host.address]),
            Message("give each its own"),
        )
        for host in hosts
        if first[host.address] != host.name
    ]
    met += [
        Problem(
            f"inventories/{spec.name}/seatworks.yml gateways[{n}].address",
            Message("is {address}, the address of {name}", address=gateway.address, name=first[gateway.address]),
            Message("give the gateway another address of {network}", network=spec.onprem.network),
        )
        for n, gateway in enumerate(spec.gateways)
        if gateway.address in first
    ]
    unknown = [
        Problem(
            place,
            Message("{name} is no server of this plan", name=name),
            Message("the servers of the site are {names}", names=joined("{first}, {rest}", planned)),
        )
        for name in spec.onprem.hosts
        if name not in planned
    ]
    nowhere = [name for name in planned if name not in spec.onprem.hosts and Target(spec.target) is Target.LIVE]
    return (
        met
        + unknown
        + [
            Problem(place, Message("{name} has no address", name=name), Message("add `{name}: <address>`", name=name))
            for name in nowhere
        ]
    )


def _networks(spec: Spec, sizing: Sizing) -> Iterator[Network]:
    """Raises SpecError when the servers do not fit into the networks that are given for them."""
    place = f"inventories/{spec.name}/seatworks.yml"
    if spec.onprem:
        counts = {
            group.group: group.count for group in sizing.servers if subnets.standing(spec, group.group) is Site.ONPREM
        }
        needed = addresses.addresses_needed(counts)
        if needed > spec.onprem.network.num_addresses:
            raise SpecError(
                Problem(
                    f"{place} onprem.network",
                    Message(
                        "{network} has {count} addresses, {needed} are needed",
                        network=spec.onprem.network,
                        count=spec.onprem.network.num_addresses,
                        needed=needed,
                    ),
                    Message("give a network of at least /{prefix}", prefix=32 - (needed - 1).bit_length()),
                )
            )
        for name, kind, cidr in (
            ("onprem", NetworkKind.SERVERS, spec.onprem.network),
            ("onprem-seats", NetworkKind.SEATS, spec.onprem.seats_network),
        ):
            yield Network(name, Site.ONPREM, kind, cidr, cidr[1])
    if spec.cloud and not spec.managed:
        yield from subnets.subnets(spec, sizing)


def _hosts(spec: Spec, sizing: Sizing, networks: tuple[Network, ...]) -> Iterator[Host]:
    named = dict(spec.onprem.hosts) if spec.onprem else {}
    joined = _link_network(spec)
    link = iter(joined.hosts()) if joined else None
    for group in sizing.servers:
        site = subnets.standing(spec, group.group)
        tier = subnets.TIERS[group.group] if site is Site.CLOUD else None
        own = [n for n in networks if (n.site, n.kind, n.tier) == (site, NetworkKind.SERVERS, tier)]
        if group.group == "db" and sizing.database.managed:
            yield _managed(spec, group, database.disk_gb(sizing), own[0])
            continue
        for index in range(group.count):
            subnet = own[index % len(own)]
            name = f"{group.group}{index + 1}"
            linked = link is not None and group.group in {"edge", "cloud-edge"}
            yield Host(
                name=name,
                # Servers of a peak do what call servers do.
                group="call" if group.group == PEAK else group.group,
                site=site,
                network=subnet.name,
                address=named.get(name, addresses.address(group.group, index // len(own), subnet.cidr)),
                roles=_roles(group.group, linked=linked),
                vcpus=group.vcpus,
                memory_gib=group.memory_gib,
                disk_gb=group.disk_gb,
                instance_type=instance_type(group.vcpus, group.memory_gib) if site is Site.CLOUD else None,
                public=site is Site.CLOUD and group.group in {"edge", "cloud-edge"},
                link_address=next(link) if link is not None and linked else None,
                peak=group.group == PEAK,
                room=_room(group),
            )


def _room(group: ServerGroup) -> Room:
    return Room(**{field.name: getattr(group, field.name) for field in dataclasses.fields(Room)})


def _managed(spec: Spec, group: ServerGroup, disk_gb: int, subnet: Network) -> Host:
    """The database that the cloud runs. The address is its stand-in's: the service is met by the name it hands back."""
    return Host(
        name=f"{group.group}1",
        group=group.group,
        site=Site.CLOUD,
        network=subnet.name,
        address=addresses.address(group.group, 0, subnet.cidr),
        roles=ROLES[group.group] if Target(spec.target) is Target.LAB else (),
        vcpus=group.vcpus,
        memory_gib=group.memory_gib,
        disk_gb=disk_gb,
        instance_type=f"db.{instance_type(group.vcpus, group.memory_gib)}",
        managed=True,
        room=_room(group),
    )


def _link_network(spec: Spec) -> IPv4Network | None:
    """Addresses inside a link that the hosts make themselves; none where a gateway of the cloud joins the networks."""
    joined = spec.cloud and spec.onprem and spec.cloud.link == Link.WIREGUARD
    return spec.cloud.link_network if spec.cloud and joined else None


def _roles(group: str, *, linked: bool) -> tuple[str, ...]:
    roles = ROLES[group]
    return (*roles[:2], "link", *roles[2:]) if linked else roles


def _trunks(spec: Spec, sizing: Sizing) -> Iterator[Trunk]:
    gateways = {gateway.name: gateway for gateway in spec.gateways}
    for trunk in spec.trunks:
        if trunk.address is not None:
            yield Trunk(trunk.name, "sip", trunk.address, trunk.port, trunk.channels or sizing.channels_per_carrier)
        else:
            gateway = gateways[str(trunk.gateway)]
            # An E1 span carries 30 calls (30B+D).
            yield Trunk(trunk.name, "e1", gateway.address, trunk.port, 30 * (trunk.spans or 1))


def _peers(spec: Spec, networks: tuple[Network, ...], trunks: tuple[Trunk, ...]) -> Iterator[Peer]:
    if spec.managed:
        return
    for trunk in trunks:
        yield Peer(trunk.peer, (IPv4Network(f"{trunk.address}/32"),))
    if spec.onprem:
        yield Peer("seats-onprem", (spec.onprem.seats_network,))
        yield Peer("onprem-public", (IPv4Network(f"{spec.onprem.public_address}/32"),))
    if spec.cloud:
        yield Peer("internet", (INTERNET,))
    if Target(spec.target) is Target.LAB:
        # Whoever runs the rehearsal meets each host from the first address of its network.
        controllers = tuple(IPv4Network(f"{network.gateway}/32") for network in networks)
        yield Peer(MANAGEMENT, tuple(sorted(controllers)))
    elif spec.management:
        yield Peer(MANAGEMENT, tuple(sorted(spec.management.networks)))


def _seats(spec: Spec) -> Iterator[SeatBlock]:
    user = FIRST_SEAT
    cloud_or_site = Site.CLOUD if spec.cloud else Site.ONPREM
    for count, site, peak in (
        (spec.seats.onprem, Site.ONPREM, False),
        (spec.seats.cloud, Site.CLOUD, False),
        (spec.seats.peak_extra, cloud_or_site, True),
    ):
        if count:
            yield SeatBlock(user, count, site, peak)
            user += count
