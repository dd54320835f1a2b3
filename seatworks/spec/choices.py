"""The closed choices of a specification."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Where the servers stand."""

    CLOUD = "cloud"
    ONPREM = "onprem"
    HYBRID = "hybrid"


class Target(StrEnum):
    """Machines on this computer, or real servers and a real account."""

    LAB = "lab"
    LIVE = "live"


class Edition(StrEnum):
    """How large and how rich an installation is."""

    BASIC = "basic"
    STANDARD = "standard"
    PROFESSIONAL = "professional"


class Industry(StrEnum):
    """The line of business; it decides which law applies (data/industries.yml)."""

    GENERAL = "general"
    FINANCE = "finance"
    ECOMMERCE = "ecommerce"
    GOVERNMENT = "government"
    HEALTHCARE = "healthcare"


class Working(StrEnum):
    """Where people sit: one place, many, or both."""

    CENTRALISED = "centralised"
    DISTRIBUTED = "distributed"
    MIXED = "mixed"


class Direction(StrEnum):
    """Who calls."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    MIXED = "mixed"


class SeatCodec(StrEnum):
    """Voice codec between the servers and a seat."""

    G711 = "g711"
    G722 = "g722"


class Strategy(StrEnum):
    """Which seat a queue rings first."""

    RINGALL = "ringall"
    LEASTRECENT = "leastrecent"
    FEWESTCALLS = "fewestcalls"
    RANDOM = "random"
    RRMEMORY = "rrmemory"


class SeatSite(StrEnum):
    """Where the seats of a queue sit."""

    ONPREM = "onprem"
    CLOUD = "cloud"


class Database(StrEnum):
    """Who runs PostgreSQL of a centre in the cloud: our own hosts, or the cloud as a service."""

    INSTANCES = "instances"
    MANAGED = "managed"


class Link(StrEnum):
    """How site and cloud are joined: by the edge hosts themselves, or by a router of the site and a gateway of AWS."""

    WIREGUARD = "wireguard"
    VPN = "vpn"


class TrunkKind(StrEnum):
    """A trunk over IP, or spans of 30 channels on a gateway."""

    SIP = "sip"
    E1 = "e1"


class Platform(StrEnum):
    """What answers calls in the cloud: our servers on virtual machines, or the provider's own contact centre."""

    INSTANCES = "instances"
    CONNECT = "connect"


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
