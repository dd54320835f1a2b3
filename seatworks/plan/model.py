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
    public address, which comes back in `CloudOutputs`.
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


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: `home` serves it, `second` takes over when `home` does not answer. Its seats are those of `sites`."""

    name: str
    strategy: str
    sites: tuple[Site, ...]
    home: str
    second: str | None


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu: which digit leads to which queue; `default` takes callers who press nothing valid."""

    name: str
    prompts: tuple[str, ...]
    digits: tuple[tuple[str, str], ...]
    default: str
    wait_s: int


@dataclass(frozen=True, slots=True)
class Number:
    """A dialled number, the menu or queue it leads to, and the call servers that serve it in order."""

    number: str
    menu: str | None
    queue: str | None
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
class Ports:
    """Every port number of the plan, in one place."""

    ssh: int = 22
    sip: int = 5060
    sips: int = 5061
    registration_sync: int = 5066
    link: int = 51820
    postgresql: int = 5432
    recording: int = 2022
    relay_rtp_first: int = 30000
    relay_rtp_last: int = 34999
    call_rtp_first: int = 10000
    call_rtp_last: int = 19999


@dataclass(frozen=True, slots=True)
class Recording:
    """Share of calls recorded (0 to 1) and days a recording is kept."""

    share: float
    retention_days: int


@dataclass(frozen=True, slots=True)
class Copies:
    """Daily copies of one class of data in the cloud: the groups of hosts that hold it, and days a copy is kept."""

    data_class: str
    groups: tuple[str, ...]
    retention_days: int


@dataclass(frozen=True, slots=True)
class Guard:
    """What guards the cloud site. `log_days` is the least that the law asks; `copy_region` gets a second copy.

    `cpu_alarm_percent` is the share of its processors from which a host is overloaded; `copy_hour_utc` is night at the
    region.
    """

    log_days: int
    cpu_alarm_percent: int
    copies: tuple[Copies, ...]
    copy_hour_utc: int
    copy_region: str | None = None


@dataclass(frozen=True, slots=True)
class Sized:
    """The figures of `sizing` that a reader of the plan needs beside the hosts.

    Calls are per busy hour; `offered_erlangs` is the load on agents (talk and wrap-up), `trunk_erlangs` on lines (menu,
    waiting, talk). Shares are 0 to 1. `*_per_month` are what is paid by use.
    """

    offered_calls: float
    accepted_calls: float
    offered_erlangs: float
    trunk_erlangs: float
    agents: int
    scheduled_staff: int
    service_level: float
    occupancy: float
    mean_wait_s: float
    concurrent_calls: int
    design_concurrent_calls: int
    trunk_channels: int
    e1_spans: int
    menu_ports: int
    recording_disk_gb: int
    database_gb: int
    log_gb: int
    site_bandwidth_kbps: int
    link_bandwidth_kbps: int
    inbound_minutes_per_month: float
    outbound_minutes_per_month: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One deployment. Same specification, same bytes (`seatworks.plan.dump`)."""

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
    guard: Guard | None = None
    # Public networks that hold an address translator, and services of the cloud that are met without the Internet.
    nat_gateways: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Every seat, in the order of the blocks."""
        return _expanded(self.seat_blocks)

    def seat_count(self, site: Site | None = None, *, peak: bool | None = None) -> int:
        """How many seats there are, optionally of one site, optionally only those of the peak (or only the others)."""
        return sum(
            block.count for block in self.seat_blocks if site in (None, block.site) and peak in (None, block.peak)
        )

    def members(self, queue: Queue) -> tuple[str, ...]:
        """Users of the seats that a queue rings."""
        return tuple(seat.user for seat in self.seats if seat.site in queue.sites)

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
            address = host.link_address if flow.via_link else host.address
            found.add(IPv4Network(f"{address}/32"))
        return tuple(sorted(found))

    def flows_to(self, host: str) -> tuple[Flow, ...]:
        """Flows that reach `host`, in plan order."""
        return tuple(flow for flow in self.flows if host in flow.targets)


@dataclass(frozen=True, slots=True)
class CloudOutputs:
    """What the cloud hands back after it was created; empty for an on-premises deployment."""

    region: str = ""
    account: str = ""
    public_addresses: dict[str, str] = dataclasses.field(default_factory=dict)
    instance_ids: dict[str, str] = dataclasses.field(default_factory=dict)
    recordings_bucket: str = ""
    recordings_key_arn: str = ""
    audit_bucket: str = ""
    vpc_id: str = ""
