"""The plan: every host, network and permitted conversation of one deployment.

The plan is the contract. The cloud stack, the inventory, the lab, both firewalls, the tests and the
report read it and nothing earlier. Values are immutable and carry their unit in their name.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

from seatworks.availability import Availability as Availability
from seatworks.availability import Element as Element
from seatworks.plan.connect import Connect as Connect
from seatworks.plan.guarded import Copies as Copies
from seatworks.plan.guarded import Guard as Guard
from seatworks.plan.link import Vpn as Vpn
from seatworks.plan.outputs import CloudOutputs as CloudOutputs
from seatworks.plan.peak import Peak as Peak
from seatworks.plan.ports import Ports as Ports
from seatworks.plan.room import NOTHING
from seatworks.plan.room import Room as Room
from seatworks.plan.service import Menu as Menu
from seatworks.plan.service import Number as Number
from seatworks.plan.sized import Sized as Sized

# The flow by which servers are administered, and the peer that it comes from.
MANAGEMENT = "management"


class Site(StrEnum):
    """Where a host stands."""

    ONPREM = "onprem"
    CLOUD = "cloud"


class Target(StrEnum):
    """What a deployment touches: machines on this computer, or real servers and a real account."""

    LAB = "lab"
    LIVE = "live"


class Protocol(StrEnum):
    """Transport protocol of a flow."""

    UDP = "udp"
    TCP = "tcp"


class NetworkKind(StrEnum):
    """What lives on a network."""

    SERVERS = "servers"
    SEATS = "seats"


class Tier(StrEnum):
    """How far a cloud subnet lies from the Internet: edges, servers behind them, and data."""

    PUBLIC = "public"
    PRIVATE = "private"
    DATA = "data"


class WayOut(StrEnum):
    """How hosts of a cloud subnet reach the Internet: under an address of their own, behind a shared one, or never."""

    GATEWAY = "gateway"
    TRANSLATED = "translated"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Network:
    """One subnet. `gateway` is the first address; `zone`, `tier` and `way_out` are set for cloud subnets."""

    name: str
    site: Site
    kind: NetworkKind
    cidr: IPv4Network
    gateway: IPv4Address
    zone: str | None = None
    tier: Tier | None = None
    way_out: WayOut | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """One server. `group` is its kind (edge, call, db, record, cloud-edge), `roles` what it runs.

    `link_address` is its address inside the site-to-cloud link; `public` asks the cloud for a fixed
    public address, which comes back in `CloudOutputs`. A `managed` host is a service of the cloud: `instance_type` is
    its class, and a lab gives it a machine of the same name that behaves like the service. Without roles nobody
    enters it. A `peak` host stands only while a peak lasts, and configures itself.
    """

    name: str
    group: str
    site: Site
    network: str
    address: IPv4Address
    roles: tuple[str, ...]
    vcpus: int
    memory_gib: int
    disk_gb: int
    instance_type: str | None = None
    public: bool = False
    link_address: IPv4Address | None = None
    managed: bool = False
    peak: bool = False
    room: Room = NOTHING


@dataclass(frozen=True, slots=True)
class Peer:
    """Something outside the plan that hosts speak with: a carrier, a seat network, the Internet."""

    name: str
    cidrs: tuple[IPv4Network, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """One permitted conversation: `sources` open it towards `targets` on `first_port`..`last_port`.

    `sources` are names of hosts or peers, `targets` names of hosts. A flow with `via_link` runs inside
    the site-to-cloud link: hosts are then met at their link address and the cloud firewall does not see it.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    protocol: Protocol
    first_port: int
    last_port: int
    why: str
    via_link: bool = False


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier's SIP trunk, or the SIP side of a gateway that ends E1 spans, as the edge meets it."""

    name: str
    kind: str
    address: IPv4Address
    port: int
    channels: int

    @property
    def peer(self) -> str:
        """Its name among hosts and peers: people may call a trunk `internet`, or as a host is called."""
        return f"trunk-{self.name}"


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: `home` serves it, `second` takes over when `home` does not answer. Its seats are those of `sites`."""

    name: str
    strategy: str
    sites: tuple[Site, ...]
    home: str
    second: str | None


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent's SIP account. `site` is where its phone usually registers; `peak` seats are extra."""

    user: str
    site: Site
    peak: bool


@dataclass(frozen=True, slots=True)
class SeatBlock:
    """Seats of one site whose users are numbers in a row: `first` .. `first + count - 1`."""

    first: int
    count: int
    site: Site
    peak: bool


@functools.cache
def _expanded(blocks: tuple[SeatBlock, ...]) -> tuple[Seat, ...]:
    return tuple(
        Seat(str(user), block.site, block.peak)
        for block in blocks
        for user in range(block.first, block.first + block.count)
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """Share of calls recorded (0 to 1) and days a recording is kept."""

    share: float
    retention_days: int


@dataclass(frozen=True, slots=True)
class Database:
    """How PostgreSQL is run: on hosts of ours, or `managed` by the cloud with the settings below. `why` says who chose.

    `version` is its major version. Managed: it may stand in any of `networks` (in two zones at once), any moment of the
    last `backup_days` days can be restored, its disk grows by itself up to `storage_max_gb`, and `parameters` are
    PostgreSQL's, name and value.
    """

    managed: bool = False
    why: str = "PostgreSQL runs on hosts of the plan"
    version: int = 17
    networks: tuple[str, ...] = ()
    backup_days: int = 0
    storage_max_gb: int = 0
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One deployment. Same specification, same bytes (`seatworks.plan.dump`).

    With `connect` the provider's own contact centre answers: there are no networks, hosts, trunks and flows then.
    """

    name: str
    target: Target
    mode: str
    edition: str
    industry: str
    working: str
    protection_level: int
    availability: Availability
    domain: str
    region: str | None
    link_network: IPv4Network | None
    seats_encrypted: bool
    seat_codec: str
    carrier_codec: str
    sized: Sized
    networks: tuple[Network, ...]
    hosts: tuple[Host, ...]
    peers: tuple[Peer, ...]
    flows: tuple[Flow, ...]
    trunks: tuple[Trunk, ...]
    numbers: tuple[Number, ...]
    menus: tuple[Menu, ...]
    queues: tuple[Queue, ...]
    seat_blocks: tuple[SeatBlock, ...]
    recording: Recording
    ports: Ports = dataclasses.field(default_factory=Ports)
    time_servers: tuple[str, ...] = ()
    cloud_network: IPv4Network | None = None
    # Site and cloud are joined by the cloud's gateway; without it and with a `link_network` by WireGuard.
    vpn: Vpn | None = None
    guard: Guard | None = None
    database: Database = dataclasses.field(default_factory=Database)
    # Public networks that hold an address translator, and services of the cloud that are met without the Internet.
    nat_gateways: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    peaks: tuple[Peak, ...] = ()
    connect: Connect | None = None
    # Keys of the specification that size and price, and set nothing (seatworks/plan/planning_only.py).
    planning_only: tuple[str, ...] = ()

    @property
    def servers(self) -> tuple[Host, ...]:
        """Hosts that run roles: all but services of a real cloud."""
        return tuple(host for host in self.hosts if host.roles)

    @property
    def standing(self) -> tuple[Host, ...]:
        """Servers that stand all year: those that a deploy enters, configures and checks."""
        return tuple(host for host in self.servers if not host.peak)

    @property
    def peak_hosts(self) -> tuple[Host, ...]:
        """Servers that stand while a peak lasts."""
        return tuple(host for host in self.hosts if host.peak)

    @property
    def by_session(self) -> bool:
        """Whether SSH is open to nobody, and servers are administered through Session Manager."""
        return bool(self.hosts) and all(flow.name != MANAGEMENT for flow in self.flows)

    @property
    def cloud_flows(self) -> tuple[Flow, ...]:
        """Flows as the firewall of the cloud sees them, in plan order.

        Those inside the link are hidden from it, and a managed service has no SSH: that door is its stand-in's.
        """
        managed = {host.name for host in self.hosts if host.managed}
        seen = []
        for flow in self.flows:
            targets = tuple(
                name for name in flow.targets if not (flow.first_port == self.ports.ssh and name in managed)
            )
            if targets and not flow.via_link:
                seen.append(flow if targets == flow.targets else dataclasses.replace(flow, targets=targets))
        return tuple(seen)

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Every seat, in the order of the blocks."""
        return _expanded(self.seat_blocks)

    def seat_count(self, site: Site | None = None, *, peak: bool | None = None) -> int:
        """How many seats there are, optionally of one site, optionally only those of the peak (or only the others)."""
        return sum(
            block.count for block in self.seat_blocks if site in (None, block.site) and peak in (None, block.peak)
        )

    def members(self, queue: Queue, host: Host) -> tuple[str, ...]:
        """Users of the seats that a queue rings on a call server."""
        return tuple(seat.user for seat in self.served_by(host) if seat.site in queue.sites)

    def served_by(self, host: Host) -> tuple[Seat, ...]:
        """Seats that a call server rings: one kind of servers rings each, and so knows whether it is busy.

        Servers of a peak share its seats among themselves. Without such servers its seats are like all others.
        """
        extra = self.peak_hosts
        if not extra:
            return self.seats
        if not host.peak:
            return tuple(seat for seat in self.seats if not seat.peak)
        return tuple(seat for seat in self.seats if seat.peak)[extra.index(host) :: len(extra)]

    def host(self, name: str) -> Host:
        """The host of that name. Raises KeyError."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise KeyError(name)

    def network(self, name: str) -> Network:
        """The network of that name. Raises KeyError."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)

    def translator(self, network: Network) -> str | None:
        """The public network whose translator serves `network`: that of its own zone, else the first; None without."""
        if network.way_out is not WayOut.TRANSLATED:
            return None
        own = (name for name in self.nat_gateways if self.network(name).zone == network.zone)
        return next(own, self.nat_gateways[0])

    def running(self, role: str, site: Site | None = None) -> tuple[Host, ...]:
        """Hosts that run `role`, in plan order, optionally of one site only."""
        return tuple(h for h in self.hosts if role in h.roles and site in (None, h.site))

    def group(self, name: str) -> tuple[Host, ...]:
        """Hosts of one group, in plan order."""
        return tuple(h for h in self.hosts if h.group == name)

    def source_cidrs(self, flow: Flow) -> tuple[IPv4Network, ...]:
        """The networks a flow may come from, as seen by its targets. Sorted, no duplicates."""
        peers = {peer.name: peer.cidrs for peer in self.peers}
        found: set[IPv4Network] = set()
        for source in flow.sources:
            if source in peers:
                found.update(peers[source])
                continue
            host = self.host(source)
            found.update([IPv4Network(f"{host.link_address}/32")] if flow.via_link else self.seen_at(host))
        return tuple(sorted(found))

    def seen_at(self, host: Host) -> tuple[IPv4Network, ...]:
        """Where a host is met: at its address, or, as a service that moves between zones, anywhere in its networks."""
        if host.managed:
            return tuple(self.network(name).cidr for name in self.database.networks)
        return (IPv4Network(f"{host.address}/32"),)

    def flows_to(self, host: str) -> tuple[Flow, ...]:
        """Flows that reach `host`, in plan order."""
        return tuple(flow for flow in self.flows if host in flow.targets)
