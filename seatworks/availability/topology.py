"""What stands, as far as availability depends on it, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seatworks.message import Message

# Groups of servers that may appear; what each is: seatworks/data/capacity.yml.
CORE = ("edge", "call")
STORES = ("db", "record")
CLOUD_EDGE = "cloud-edge"


class Reach(StrEnum):
    """How callers and phones find a working edge."""

    ADDRESSES = "several addresses"
    """They know every edge (DNS SRV, or a list at the carrier) and try the next one themselves."""
    VIRTUAL = "one address that moves"
    """Edges hand one address over (keepalived); only inside one network."""
    BALANCER = "load balancer"
    """A load balancer of the cloud stands before the edges and is one more part that must work."""


@dataclass(frozen=True, slots=True)
class Group:
    """Servers of one kind: `needed` of `placed` carry the busy hour, spread over `zones` and `racks` (1 or 2 each).

    `needed_at_peak`, when given, is how many carry the peak without the planning headroom of 1.2; the model then counts
    that headroom as spare, and says so. On site a zone is a room with power and cooling of its own.
    """

    name: str
    needed: int
    placed: int
    zones: int = 1
    racks: int = 1
    needed_at_peak: int | None = None

    def __post_init__(self) -> None:
        if self.name not in (*CORE, *STORES, CLOUD_EDGE):
            raise ValueError(f"no group is called {self.name}: whether it stands in the call path is not known")
        if self.needed < 1 or self.placed < 0 or not 1 <= (self.needed_at_peak or 1) <= self.needed:
            raise ValueError(f"{self.name}: counts make no sense: {self.needed}/{self.placed}/{self.needed_at_peak}")
        if self.zones not in (1, 2) or self.racks not in (1, 2):
            raise ValueError(f"{self.name}: zones and racks are 1 or 2, are {self.zones} and {self.racks}")

    @property
    def counted(self) -> int:
        """How many must work for the model."""
        return self.needed if self.needed_at_peak is None else self.needed_at_peak

    @property
    def apart(self) -> bool:
        """Whether one zone alone carries the load when the other one is lost."""
        return self.zones == 2 and self.placed // 2 >= self.counted


@dataclass(frozen=True, slots=True)
class Topology:
    """What stands. `mode` is cloud, onprem or hybrid (core on site, some seats behind a cloud edge).

    - carriers: independent ways in, each of which alone carries the calls. Two trunks of one carrier, or on one
      gateway, are one way.
    - gateways: how many of these ways end on a gateway of their own (E1).
    - links: independent lines between site and cloud. vpn: over them one connection to a gateway of the cloud.
    - reach: how callers find the edges.
    - database_in_path, recording_in_path: whether calls stop when that store is down. In this design neither: call
      detail is spooled and recordings wait on the call servers.
    - spare_parts: whether servers on site have a repair contract with parts within hours.
    - seats_on_site, seats_in_cloud: hybrid, where people sit.
    """

    mode: str
    groups: tuple[Group, ...]
    carriers: int
    gateways: int = 0
    links: int = 0
    reach: Reach = Reach.ADDRESSES
    database_in_path: bool = False
    recording_in_path: bool = False
    spare_parts: bool = False
    seats_on_site: int = 0
    seats_in_cloud: int = 0
    vpn: bool = False

    def __post_init__(self) -> None:
        if self.mode not in ("cloud", "onprem", "hybrid"):
            raise ValueError(f"mode is cloud, onprem or hybrid, is {self.mode}")
        if not 0 <= self.gateways <= self.carriers or self.links < 0:
            raise ValueError(
                f"counts make no sense: {self.carriers} carriers, {self.gateways} gateways, {self.links} links"
            )
        names = [group.name for group in self.groups]
        if len(set(names)) != len(names) or not set(CORE) <= set(names):
            raise ValueError(f"groups are unlike and hold edge and call; these are {', '.join(names)}")

    @property
    def core_site(self) -> str:
        """Where the servers that every call meets stand: cloud or onprem."""
        return "cloud" if self.mode == "cloud" else "onprem"

    @property
    def cloud_half_counts(self) -> bool:
        """Hybrid without a seat on site: nobody answers when the cloud half is away."""
        return self.mode == "hybrid" and self.seats_on_site == 0

    def counts(self, group: Group) -> bool:
        """Whether calls stop when that group is down."""
        stores = {"db": self.database_in_path, "record": self.recording_in_path, CLOUD_EDGE: self.cloud_half_counts}
        return stores.get(group.name, True)


@dataclass(frozen=True, slots=True)
class Element:
    """One part that every call needs: `needed` of `placed` must work. Availabilities are 0 to 1.

    `contract` is what is promised in writing (1 - what no contract covers counts as its model), `model` what failures,
    repair, common cause and failover give. `counts` is False for a part that calls do not wait for; `why` says why.
    """

    name: str
    needed: int
    placed: int
    contract: float
    model: float
    why: Message
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Availability:
    """Percent of the year in which calls are served: asked, promised by contracts, and by the model of failures."""

    asked: float
    contract: float
    model: float
    elements: tuple[Element, ...]
    notes: tuple[Message, ...] = ()
