"""How many servers of which size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks import availability
from seatworks.sizing.figures import Figures, up
from seatworks.sizing.ledger import Ledger
from seatworks.sizing.voice import recording_mb_per_hour
from seatworks.spec import Mode, SeatCodec, Spec

# What the call servers write: each side of the conversation on a channel of its own.
RECORDING_FORMAT = "wav-pcm16-stereo"
# Call servers that stand only on the days of a peak.
PEAK = "peak"


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


def peak_share(spec: Spec) -> float:
    """Share of the seats, and so of the calls, that servers of their own serve on the days of a peak."""
    return spec.seats.peak_extra / internet_seats(spec) if spec.seats.peak_days else 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """What the servers must carry: calls at once, call set-ups per second, and what lies on disks (GB)."""

    concurrent: int
    setups_per_s: float
    recording_gb: int
    database_gb: int
    log_gb: int


_Limit = tuple[str, float, str, float]
"""What is counted, its load, the figure per vCPU ("" if none), and the most of one server."""


def servers(spec: Spec, need: Need, figures: Figures, ledger: Ledger) -> tuple[ServerGroup, ...]:
    """Every group of servers, in the order of the plan; none where the provider answers itself."""
    if spec.managed:
        return ()
    builder = _Builder(spec, figures, ledger)
    internet = internet_seats(spec)
    events = need.setups_per_s * (1 + figures("db_events_per_call"))
    groups = [
        builder.edge("edge", need.concurrent, need.setups_per_s, internet if spec.mode == Mode.CLOUD else 0),
        builder.call("call", need, 1 - peak_share(spec)),
        # Primary and standby do not share the load.
        builder.group("db", (("commits", events, "db_commits_per_vcpu", math.inf),), fixed=2, disk_gb=need.database_gb),
        builder.group(
            "record",
            (("recordings", need.concurrent * spec.recording.share, "", figures("record_calls_per_server")),),
            fixed=1,
            disk_gb=need.recording_gb,
        ),
    ]
    if spec.seats.peak_days:
        groups.append(builder.call(PEAK, need, peak_share(spec)))
    if spec.mode == Mode.HYBRID:
        calls = min(need.concurrent, internet)
        groups.append(builder.edge("cloud-edge", calls, need.setups_per_s * calls / need.concurrent, internet))
    return tuple(groups)


@dataclass(frozen=True, slots=True)
class _Builder:
    spec: Spec
    figures: Figures
    ledger: Ledger

    def edge(self, group: str, calls: int, setups: float, internet: int) -> ServerGroup:
        """Relay and proxy: relayed calls and call set-ups (both dearer encrypted), all seats back after an outage."""
        encrypted = self.spec.traffic.media.encrypted and self.spec.mode != Mode.ONPREM
        relay = "edge_calls_per_vcpu" + (" x edge_encrypted_factor" if encrypted else "")
        signalling = "edge_setups_per_vcpu" + (" x edge_setups_encrypted_factor" if encrypted else "")
        reconnects = internet / self.figures("edge_reconnect_s")
        return self.group(
            group,
            (
                ("relayed calls", float(calls), relay, self.figures("edge_calls_cap")),
                ("call set-ups per second", setups, signalling, math.inf),
                ("TLS reconnects per second", reconnects, "edge_reconnects_per_vcpu", math.inf),
            ),
            disk_gb=0,
        )

    def call(self, group: str, need: Need, share: float) -> ServerGroup:
        """Menus, queues, recording: calls per vCPU up to the cap of one Asterisk, and call set-ups.

        `share` is the part of all calls that these servers carry. Those of a peak have no spare one: until Auto Scaling
        has put another in its place, home takes what one of them would, as far as its headroom goes.
        """
        spec, figures = self.spec, self.figures
        carried = "call_recorded_per_vcpu" if spec.recording.share > 0 else "call_unrecorded_per_vcpu"
        if spec.traffic.media.seats == SeatCodec.G722:
            carried += " | call_transcoded_per_vcpu"
        limits = (
            ("calls in menus and queues", need.concurrent * share, carried, figures("call_cap")),
            ("call set-ups per second", need.setups_per_s * share, "", figures("call_setups")),
        )
        # Recordings wait here, at most a day of them, when the record server does not answer.
        talked_h = need.setups_per_s * share * figures("busy_hours_per_day") * spec.traffic.talk_s
        gigabytes = talked_h * recording_mb_per_hour(RECORDING_FORMAT) * spec.recording.share / 1000
        return self.group(group, limits, disk_gb=up(gigabytes), spares=0 if group == PEAK else None)

    def group(
        self,
        group: str,
        limits: tuple[_Limit, ...],
        *,
        disk_gb: int,
        fixed: int | None = None,
        spares: int | None = None,
    ) -> ServerGroup:
        """The smallest server that carries the peak with headroom alone, else several of the largest; and spare ones.

        active = ceil(load x headroom / capacity); spare as the asked availability wants (`availability.spares`).
        """
        figures = self.figures
        headroom = figures("headroom")
        for vcpus, memory_gib in figures.sizes("call" if group == PEAK else group):  # noqa: B007 - both are those of the size chosen
            able = [min(self._per_vcpu(each) * vcpus if each else math.inf, most) for _, _, each, most in limits]
            used = [load * headroom / most for (_, load, _, _), most in zip(limits, able, strict=True)]
            active = max(1, up(max(used)))
            if active == 1:
                break
        tightest = used.index(max(used))
        what, load, carrying, _ = limits[tightest]
        site = "cloud" if self.spec.mode == Mode.CLOUD or group == "cloud-edge" else "onprem"
        spare = availability.spares(active, float(self.spec.availability), site) if spares is None else spares
        # Database: one works, one follows. Record: a single server in this version.
        count = active + spare if fixed is None else fixed
        if group in ("call", PEAK):
            memory_gib = max(memory_gib, up(2 + able[0] * figures("call_memory_mib") / 1024))
        self.ledger.note(
            f"servers.{group}", count, "servers",
            "ceil(load x headroom / capacity of one) + spare" if fixed is None else "fixed in this version",
            figures.source(carrying.split(" ")[0]) if carrying else "data/capacity.yml",
            counted=what, load=round(load, 3), headroom=headroom, capacity_of_one=round(able[tightest], 3),
            vcpus=vcpus, working=active if fixed is None else 1, spare=count - (active if fixed is None else 1),
        )  # fmt: skip
        return ServerGroup(
            group=group,
            count=count,
            spare=spare if fixed is None else fixed - 1,
            vcpus=vcpus,
            memory_gib=memory_gib,
            disk_gb=int(figures("system_disk_gb")) + disk_gb,
            capacity_per_server=round(able[tightest], 3),
            load=round(load, 3),
            bottleneck=what,
        )

    def _per_vcpu(self, names: str) -> float:
        """A figure, a figure x a factor, or two jobs | done by the same vCPU (1/c = 1/a + 1/b)."""
        if " | " in names:
            return 1 / sum(1 / self.figures(name) for name in names.split(" | "))
        return math.prod(self.figures(name) for name in names.split(" x "))
