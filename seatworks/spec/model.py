"""What a specification may contain. Attribute names are the keys of `seatworks.yml`; units are in the names.

The descriptions below are what an editor shows beside a key, and what an error message says was expected.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from seatworks.spec.choices import (
    Database,
    Day,
    Direction,
    Edition,
    Industry,
    Link,
    Mode,
    Platform,
    SeatCodec,
    SeatSite,
    Strategy,
    Target,
    TrunkKind,
    Working,
)
from seatworks.spec.scalars import (
    Address,
    AnyHost,
    Country,
    Date,
    Decimal,
    Dialled,
    Digit,
    Flag,
    HostName,
    Language,
    Named,
    Network,
    Port,
    Prompt,
    Region,
    Share,
    Spoken,
    Time,
    TimeZone,
    Whole,
    Word,
    Zone,
)


class Part(BaseModel):
    """A mapping of the specification: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Part):
    """Days in a row."""

    first: Date = Field(description="first day", examples=["2027-01-25"])
    last: Date = Field(description="last day", examples=["2027-02-10"])


class Seats(Part):
    """How many people work at once, by where their phone is."""

    onprem: Annotated[Whole, Field(ge=0, le=100_000)] = Field(default=0, description="seats at the site")
    cloud: Annotated[Whole, Field(ge=0, le=100_000)] = Field(
        default=0, description="seats that reach us over the Internet"
    )
    peak_extra: Annotated[Whole, Field(ge=0, le=100_000)] = Field(default=0, description="seats added for a peak")
    peak_days: tuple[Period, ...] = Field(
        default=(),
        max_length=50,
        description="mode cloud: days of the peak; its servers stand only then, without days always",
    )
    peak_time_zone: TimeZone | None = Field(
        default=None,
        description="time zone of the days, as in the tz database; default Asia/Shanghai in China, else UTC",
        examples=["Europe/Berlin"],
    )


class ServiceLevel(Part):
    """80/20 is share 0.80, within_s 20."""

    share: Annotated[Decimal, Field(gt=0, lt=1)] = Field(description="share of calls answered in time", examples=[0.8])
    within_s: Annotated[Whole, Field(ge=1, le=600)] = Field(description="in time: seconds of waiting", examples=[20])


class Media(Part):
    """Voice on the wire."""

    carrier: Literal["g711"] = Field(default="g711", description="codec towards the carrier")
    seats: SeatCodec = Field(default=SeatCodec.G711, description="codec towards the seats")
    encrypted: Flag = Field(default=True, description="seats that come over a foreign network use TLS and SRTP")


class Outbound(Part):
    """Calls that agents begin; for directions outbound and mixed."""

    share: Annotated[Decimal, Field(gt=0, lt=1)] = Field(
        default=0.5, description="direction mixed: share of the busy hour's calls that agents begin"
    )
    answer_rate: Annotated[Decimal, Field(ge=0.01, le=1)] = Field(
        default=0.4, description="share of dialled numbers that a person answers"
    )
    ring_s: Annotated[Whole, Field(ge=1, le=120)] = Field(default=20, description="mean time a dialled number rings")
    lines_per_agent: Annotated[Decimal, Field(ge=1, le=5)] = Field(
        default=1.0, description="pacing: numbers dialled at once for each free agent; 1 is progressive dialling"
    )


class Traffic(Part):
    """The calls of the busy hour: the average of the ten busiest hours."""

    direction: Direction = Field(default=Direction.INBOUND, description="who calls")
    busy_hour_calls: Annotated[Whole, Field(ge=1, le=10_000_000)] | None = Field(
        default=None, description="calls offered in the busy hour"
    )
    peak_concurrent_calls: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="calls at the same time in the busy hour, instead of busy_hour_calls"
    )
    peak_factor: Annotated[Decimal, Field(ge=1, le=10)] | None = Field(
        default=None, description="heaviest hour over the one given; default as the industry has it"
    )
    talk_s: Annotated[Whole, Field(ge=1, le=7200)] = Field(description="mean time of talking", examples=[180])
    wrap_up_s: Annotated[Whole, Field(ge=0, le=7200)] = Field(default=30, description="mean work after a call")
    ivr_s: Annotated[Whole, Field(ge=0, le=3600)] = Field(default=25, description="mean time in menus before the queue")
    patience_s: Annotated[Whole, Field(ge=1, le=7200)] | None = Field(
        default=None, description="mean time a caller waits before giving up; gives Erlang A instead of C"
    )
    service_level: ServiceLevel = Field(
        description="what callers are promised", examples=["{share: 0.80, within_s: 20}"]
    )
    blocking: Annotated[Decimal, Field(ge=0.00001, le=0.2)] = Field(
        default=0.01, description="share of calls that may find all trunks busy"
    )
    shrinkage: Annotated[Decimal, Field(ge=0, le=0.9)] = Field(
        default=0.0, description="share of paid time away from the seat (leave, training, breaks)"
    )
    outbound: Outbound = Field(default_factory=Outbound, description="calls that agents begin")
    media: Media = Field(default_factory=Media, description="voice on the wire")


class Recording(Part):
    """Which calls are recorded and how long recordings are kept."""

    share: Share = Field(default=1.0, description="share of calls recorded")
    retention_days: Annotated[Whole, Field(ge=1, le=36_500)] = Field(
        default=180, description="days a recording is kept"
    )


class Number(Part):
    """A number that callers dial. It leads to a menu or to a queue."""

    number: Dialled = Field(
        description="3 to 15 digits in quotes, in any of the forms in which carriers send it",
        examples=['"01012345678"'],
    )
    menu: Word | None = Field(default=None, description="the menu that answers")
    queue: Word | None = Field(default=None, description="the queue that answers")
    country: Country | None = Field(
        default=None, description="platform connect: the country whose number is claimed (ISO 3166)", examples=["DE"]
    )
    toll_free: Flag = Field(default=False, description="platform connect: a number that callers do not pay for")


class Menu(Part):
    """What a caller hears, and where a key leads."""

    prompts: tuple[Prompt, ...] = Field(
        default=(), description="sounds of the call servers, played in order; not with platform connect"
    )
    text: Spoken | None = Field(
        default=None,
        description="platform connect: what is read to the caller",
        examples=["For support press 1, for sales press 2."],
    )
    digits: dict[Digit, Word] = Field(default_factory=dict, description="key: queue")
    default: Word = Field(description="the queue of a caller who presses nothing valid", examples=["support"])
    wait_s: Annotated[Whole, Field(ge=1, le=60)] = Field(default=5, description="seconds to wait for a key")


class Queue(Part):
    """Callers wait here until a seat is free."""

    strategy: Strategy = Field(default=Strategy.LEASTRECENT, description="which seat rings first")
    seats: tuple[SeatSite, ...] = Field(description="whose phones ring", min_length=1, examples=["[onprem, cloud]"])


class Hours(Part):
    """When callers are served; for platform connect. At other times they hear `closed_text` and are not queued."""

    time_zone: TimeZone = Field(description="time zone of the hours, as in the tz database", examples=["Europe/Berlin"])
    days: tuple[Day, ...] = Field(
        default=tuple(Day)[:5], min_length=1, description="open on these days; default monday to friday"
    )
    opens: Time = Field(description="first minute of service", examples=['"08:00"'])
    closes: Time = Field(description="end of service on the same day", examples=['"20:00"'])
    closed_text: Spoken | None = Field(default=None, description="what is read outside the hours")


class Service(Part):
    """What a caller meets."""

    domain: HostName | None = Field(default=None, description="SIP domain of the seats; default <name>.internal")
    numbers: tuple[Number, ...] = Field(
        description="numbers that are answered", min_length=1, examples=['[{number: "01012345678", queue: support}]']
    )
    menus: dict[Word, Menu] = Field(default_factory=dict, description="menus by name")
    queues: dict[Word, Queue] = Field(
        description="queues by name", min_length=1, examples=["{support: {strategy: leastrecent, seats: [onprem]}}"]
    )
    hours: Hours | None = Field(
        default=None, description="platform connect: when callers are served; without it always"
    )
    language: Language = Field(default="en-US", description="platform connect: language in which texts are read")


class Trunk(Part):
    """A line to a carrier."""

    name: Word = Field(description="a short name, usually the carrier's", examples=["unicom"])
    kind: TrunkKind = Field(description="sip, or e1 on a gateway", examples=["sip"])
    address: Address | None = Field(default=None, description="sip: the carrier's address")
    port: Port = Field(default=5060, description="sip: the carrier's port")
    channels: Annotated[Whole, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="sip: calls at once that the contract allows; default as sized"
    )
    spans: Annotated[Whole, Field(ge=1, le=64)] | None = Field(default=None, description="e1: lines of 30 channels")
    gateway: Word | None = Field(default=None, description="e1: the gateway that ends the spans")


class Gateway(Part):
    """A box that turns E1 spans into SIP."""

    name: Word = Field(description="a short name", examples=["gw1"])
    model: Annotated[str, Field(strict=True, min_length=1, max_length=80)] = Field(
        description="maker and model", examples=["MX100G"]
    )
    address: Address = Field(description="its address on the servers' network", examples=["10.20.0.50"])
    spans: Annotated[Whole, Field(ge=1, le=64)] = Field(description="E1 sockets it has", examples=[4])


def _both_zones(known: dict[str, Any]) -> tuple[str, ...]:
    return (f"{known['region']}a", f"{known['region']}b")


class Cloud(Part):
    """The cloud half."""

    provider: Literal["aws"] = Field(default="aws", description="who runs the cloud")
    platform: Platform = Field(
        default=Platform.INSTANCES,
        description="instances: our servers on virtual machines; connect: Amazon Connect, paid by the minute",
    )
    region: Region = Field(description="a region such as cn-north-1", examples=["cn-north-1"])
    zones: tuple[Zone, ...] = Field(
        default_factory=_both_zones, min_length=2, max_length=3, description="2 or 3 zones; default region + a and b"
    )
    network: Network = Field(default=IPv4Network("10.60.0.0/16"), description="addresses of the cloud servers")
    link: Link = Field(
        default=Link.WIREGUARD,
        description="mode hybrid: wireguard joins the edge hosts; vpn joins the networks, by a router of the site",
    )
    link_network: Network = Field(
        default=IPv4Network("10.98.0.0/24"), description="link wireguard: addresses inside the link"
    )
    backup_region: Region | None = Field(
        default=None,
        description="region of the same country that gets a second copy of what holds data",
        examples=["cn-northwest-1"],
    )
    database: Database | None = Field(
        default=None, description="mode cloud, who runs PostgreSQL; default managed where its price is known"
    )


class Onprem(Part):
    """The site."""

    network: Network = Field(default=IPv4Network("10.20.0.0/24"), description="addresses of the servers")
    seats_network: Network = Field(default=IPv4Network("10.20.8.0/24"), description="addresses of the phones")
    public_address: Address = Field(description="the site's address on the Internet", examples=["192.0.2.10"])
    router_address: Address | None = Field(
        default=None, description="cloud.link vpn: the router that ends the tunnels; default public_address"
    )
    hosts: dict[HostName, Address] = Field(default_factory=dict, description="server: address; needed for a live site")
    racks: Literal[1, 2] = Field(default=1, description="racks, with power of their own, that pairs stand in")
    rooms: Literal[1, 2] = Field(default=1, description="rooms with power and cooling of their own")
    links: Literal[1, 2] = Field(default=1, description="independent lines between site and cloud")
    repair_contract: Flag = Field(default=False, description="a broken server is mended within hours, parts included")


class Management(Part):
    """Who may administer the servers."""

    networks: tuple[Network, ...] = Field(
        description="networks that may use SSH", min_length=1, examples=["[10.0.5.0/24]"]
    )


class Spec(Part):
    """One deployment."""

    plugin: Literal["seatworks"] = Field(description="lets Ansible read this file", examples=["seatworks"])
    name: Named = Field(description="the name of the folder that holds the file", examples=["hybrid"])
    target: Target = Field(description="lab: this computer; live: real servers and a real account", examples=["lab"])
    mode: Mode = Field(description="where the servers stand", examples=["hybrid"])
    edition: Edition = Field(default=Edition.STANDARD, description="how large an installation is meant")
    protection_level: Literal[2, 3] = Field(description="classified protection (MLPS 2.0)", examples=[3])
    availability: Annotated[Decimal, Field(ge=99.9, le=99.99)] = Field(default=99.9, description="percent of the year")
    industry: Industry = Field(default=Industry.GENERAL, description="line of business")
    working: Working = Field(default=Working.MIXED, description="where people sit")
    seats: Seats = Field(description="how many people work at once", examples=["{onprem: 40, cloud: 20}"])
    traffic: Traffic = Field(description="the calls of the busy hour")
    recording: Recording = Field(default_factory=Recording, description="which calls are recorded, how long kept")
    service: Service = Field(description="what a caller meets")
    trunks: tuple[Trunk, ...] = Field(
        default=(),
        description="lines to carriers; every platform but connect needs them",
        examples=["[{name: unicom, kind: sip, address: 198.51.100.10}]"],
    )
    gateways: tuple[Gateway, ...] = Field(default=(), description="boxes that end E1 spans")
    cloud: Cloud | None = Field(default=None, description="the cloud half; for modes cloud and hybrid")
    onprem: Onprem | None = Field(default=None, description="the site; for modes onprem and hybrid")
    management: Management | None = Field(
        default=None, description="who may administer; for target live, needed with a site"
    )
    time_servers: tuple[AnyHost, ...] = Field(
        default=("ntp.aliyun.com", "ntp.tencent.com"), min_length=1, description="where hosts get the time"
    )

    @property
    def managed(self) -> bool:
        """Whether the provider's own contact centre answers and no server of ours does."""
        return self.cloud is not None and self.cloud.platform == Platform.CONNECT

    @property
    def in_china(self) -> bool:
        """Whether numbers without a country are numbers of China: everywhere but beside a cloud of another country."""
        return self.cloud is None or (self.cloud.region or "cn-").startswith("cn-")

    @property
    def domain(self) -> str:
        """SIP domain of the seats."""
        return self.service.domain or f"{self.name}.internal"
