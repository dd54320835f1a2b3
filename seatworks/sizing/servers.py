"""How many servers of which size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks.sizing.figures import data, figure, up
from seatworks.spec import Mode, SeatCodec, Spec


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """Servers of one kind. `count` includes `spare`; `bottleneck` says what `load` and capacity count."""

    group: str
    count: int
    spare: int
    vcpus: int
    memory_gib: int
    disk_gb: int
    capacity_per_server: float
    load: float
    bottleneck: str


def internet_seats(spec: Spec) -> int:
    """Seats outside the site: cloud seats, and the peak's where there is a cloud."""
    return 0 if spec.mode == Mode.ONPREM else spec.seats.cloud + spec.seats.peak_extra


def servers(spec: Spec, accepted: float, concurrent: int, recording_gb: int) -> tuple[ServerGroup, ...]:
    setups = accepted / 3600
    internet = internet_seats(spec)
    events = setups * (1 + figure("db_events_per_call"))
    days = max(spec.recording.retention_days, data("law")["log_retention_days"]["value"])
    detail_gb = accepted * figure("busy_hours_per_day") * days * figure("db_kb_per_call") / 1e6 * figure("headroom")
    outside = internet if spec.mode == Mode.CLOUD else 0
    groups = [
        _edge(spec, "edge", concurrent, setups, outside),
        _call(spec, concurrent, setups),
        # Primary and standby do not share the load.
        _group("db", (("commits", events, "db_commits_per_vcpu", math.inf),), fixed=2, disk_gb=up(detail_gb)),
        _group(
            "record",
            (("recordings", concurrent * spec.recording.share, "", figure("record_calls_per_server")),),
            fixed=1,
            disk_gb=recording_gb,
        ),
    ]
    if spec.mode == Mode.HYBRID:
        calls = min(concurrent, internet)
        groups.append(_edge(spec, "cloud-edge", calls, setups * calls / concurrent, internet))
    return tuple(groups)


_Limit = tuple[str, float, str, float]
"""What is counted, its load, the figure per vCPU ("" if none), and the most of one server."""


def _edge(spec: Spec, group: str, calls: int, setups: float, internet_seats: int) -> ServerGroup:
    """Relay and proxy: relayed calls (halved by SRTP), call set-ups, and all seats coming back after an outage."""
    encrypted = spec.traffic.media.encrypted and spec.mode != Mode.ONPREM
    relay = "edge_calls_per_vcpu" + (" x edge_encrypted_factor" if encrypted else "")
    return _group(
        group,
        (
            ("relayed calls", float(calls), relay, figure("edge_calls_cap")),
            ("call set-ups per second", setups, "edge_setups_per_vcpu", math.inf),
            (
                "TLS reconnects per second",
                internet_seats / figure("edge_reconnect_s"),
                "edge_reconnects_per_vcpu",
                math.inf,
            ),
        ),
        disk_gb=0,
    )


def _call(spec: Spec, concurrent: int, setups: float) -> ServerGroup:
    """Menus, queues, recording: calls per vCPU up to the cap of one Asterisk, and call set-ups."""
    carried = "call_recorded_per_vcpu" if spec.recording.share > 0 else "call_unrecorded_per_vcpu"
    if spec.traffic.media.seats == SeatCodec.G722:
        carried += " | call_transcoded_per_vcpu"
    limits = (
        ("calls in menus and queues", float(concurrent), carried, figure("call_cap")),
        ("call set-ups per second", setups, "", figure("call_setups")),
    )
    # Recordings wait here, at most a day of them, when the record server does not answer.
    spool_gb = setups * 3600 * figure("busy_hours_per_day") * spec.traffic.talk_s / 3600
    return _group("call", limits, disk_gb=up(spool_gb * figure("record_mb_per_hour") * spec.recording.share / 1000))


def _per_vcpu(figures: str) -> float:
    """A figure, a figure x a factor, or two jobs | done by the same vCPU (1/c = 1/a + 1/b)."""
    if " | " in figures:
        return 1 / sum(1 / figure(name) for name in figures.split(" | "))
    return math.prod(figure(name) for name in figures.split(" x "))


def _group(group: str, limits: tuple[_Limit, ...], *, disk_gb: int, fixed: int | None = None) -> ServerGroup:
    """The smallest server that carries the peak with headroom alone, else several of the largest; and the spare ones.

    active = ceil(load x 1.2 / capacity), spare 1, or 2 beyond 8 active; at least a pair.
    """
    headroom = figure("headroom")
    sizes: list[list[int]] = data("capacity")["sizes"][group]["value"]
    for vcpus, memory_gib in sizes:  # noqa: B007 - both are those of the size chosen
        able = [min(_per_vcpu(figures) * vcpus if figures else math.inf, most) for _, _, figures, most in limits]
        used = [load * headroom / most for (_, load, _, _), most in zip(limits, able, strict=True)]
        active = max(1, up(max(used)))
        if active == 1:
            break
    tightest = used.index(max(used))
    what, load, _, _ = limits[tightest]
    spare = 2 if active > figure("spare_single_up_to") else 1
    # Database: one works, one follows. Record: a single server in this version.
    count = active + spare if fixed is None else fixed
    if group == "call":
        memory_gib = max(memory_gib, up(2 + able[0] * figure("call_memory_mib") / 1024))
    return ServerGroup(
        group=group,
        count=count,
        spare=spare if fixed is None else fixed - 1,
        vcpus=vcpus,
        memory_gib=memory_gib,
        disk_gb=int(figure("system_disk_gb")) + disk_gb,
        capacity_per_server=round(able[tightest], 3),
        load=round(load, 3),
        bottleneck=what,
    )
