"""How many servers of which size."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from seatworks import availability
from seatworks.sizing import conversations
from seatworks.sizing.figures import Figures, up
from seatworks.sizing.ledger import Ledger
from seatworks.sizing.voice import recording_mb_per_hour
from seatworks.spec import Mode, SeatCodec, Spec
from seatworks.tables import table

# What the call servers write: each side of the conversation on a channel of its own.
RECORDING_FORMAT = "wav-pcm16-stereo"
_RECORDING_BYTES_PER_S = recording_mb_per_hour(RECORDING_FORMAT) * 1e6 / 3600
# Call servers that stand only on the days of a peak.
PEAK = "peak"
# Room of an edge grows in steps, since another size is a restart: some seats more or less are none.
CONNECTIONS_STEP, MIB_STEP = 500, 64


@dataclass(frozen=True, slots=True)
class ServerGroup:
    """Servers of one kind. `count` includes `spare`; `bottleneck` says what `load` and capacity count.

    `connections` and what follows is what each has room for: `plan.Room`.
    """

    group: str
    count: int
    spare: int
    vcpus: int
    memory_gib: int
    disk_gb: int
    capacity_per_server: float
    load: float
    bottleneck: str
    connections: int = 0
    signalling_mib: int = 0
    conversations_mib: int = 0
    journal_gib: int = 0

    @property
    def working(self) -> int:
        """Servers that carry everything while the spare ones are gone."""
        return self.count - self.spare


def _step(wanted: float, step: int) -> int:
    return up(wanted / step) * step


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
    seats = internet if spec.mode == Mode.CLOUD else spec.seats.onprem
    outer = min(need.concurrent, internet)
    # What share of all calls each group hears of.
    passing = {"edge": 1.0, "call": 1 - peak_share(spec), PEAK: peak_share(spec), "cloud-edge": outer / need.concurrent}
    groups = [
        builder.edge("edge", need.concurrent, need.setups_per_s, seats),
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
        groups.append(builder.edge("cloud-edge", outer, need.setups_per_s * passing["cloud-edge"], internet))
    return tuple(builder.journal(group, need.log_gb * passing.get(group.group, 0)) for group in groups)


@dataclass(frozen=True, slots=True)
class _Builder:
    spec: Spec
    figures: Figures
    ledger: Ledger

    def edge(self, group: str, calls: int, setups: float, seats: int) -> ServerGroup:
        """Relay and proxy: relayed calls and call set-ups (both dearer encrypted), and seats on TLS.

        `seats` register here. Those of a site may all use TLS; those on the Internet must, and come back at once after
        an outage.
        """
        encrypted = self.spec.traffic.media.encrypted and self.spec.mode != Mode.ONPREM
        relay = "edge_calls_per_vcpu" + (" x edge_encrypted_factor" if encrypted else "")
        signalling = "edge_setups_per_vcpu" + (" x edge_setups_encrypted_factor" if encrypted else "")
        outside = group == "cloud-edge" or self.spec.mode == Mode.CLOUD
        reconnects = seats / self.figures("edge_reconnect_s") if outside else 0
        found = self.group(
            group,
            (
                ("relayed calls", float(calls), relay, self.figures("edge_calls_cap")),
                ("call set-ups per second", setups, signalling, math.inf),
                ("TLS reconnects per second", reconnects, "edge_reconnects_per_vcpu", math.inf),
                ("seats on TLS", float(seats), "", self.figures("edge_connections_cap")),
            ),
            disk_gb=0,
        )
        return self._signalling(found, calls, seats)

    def _signalling(self, found: ServerGroup, calls: int, seats: int) -> ServerGroup:
        """Connections and shared memory of an edge. A registrar knows every seat, an access edge none."""
        figures, asked = self.figures, self.spec.seats
        known = 0 if found.group == "cloud-edge" else asked.onprem + asked.cloud + asked.peak_extra
        connections = self.ledger.note(
            f"connections.{found.group}",
            _step(seats / found.working * figures("headroom") + figures("edge_spare_connections"), CONNECTIONS_STEP),
            "connections",
            f"seats / working edges x headroom + edge_spare_connections, up to the next {CONNECTIONS_STEP}",
            figures.source("edge_connections_cap"),
            seats=seats, working=found.working, headroom=figures("headroom"),
            edge_spare_connections=figures("edge_spare_connections"),
        )  # fmt: skip
        at_once = calls / found.working * figures("headroom")
        grown = (connections, known, at_once)
        each = [figures(name) for name in ("edge_connection_kb", "edge_seat_kb", "edge_call_kb")]
        fixed = figures("edge_signalling_mb") + found.vcpus * figures("edge_signalling_mb_per_vcpu")
        megabytes = fixed + sum(count * kilobytes for count, kilobytes in zip(grown, each, strict=True)) / 1000
        signalling = self.ledger.note(
            f"signalling_mib.{found.group}", _step(megabytes * 1e6 / 2**20, MIB_STEP), "MiB",
            "edge_signalling_mb + vcpus x edge_signalling_mb_per_vcpu + connections x edge_connection_kb"
            f" + seats known x edge_seat_kb + calls at once x edge_call_kb, up to the next {MIB_STEP}",
            figures.source("edge_connection_kb"),
            vcpus=found.vcpus, connections=connections, seats_known=known, calls_at_once=round(at_once, 3),
        )  # fmt: skip
        # 2 GiB for the system and the relay.
        memory = max(found.memory_gib, up(2 + signalling / 1024))
        return replace(found, memory_gib=memory, connections=connections, signalling_mib=signalling)

    def call(self, group: str, need: Need, share: float) -> ServerGroup:
        """Menus, queues, recording: calls per vCPU up to the cap of one Asterisk, call set-ups, and conversations.

        `share` is the part of all calls that these servers carry. Those of a peak have no spare one: until Auto Scaling
        has put another in its place, home takes what one of them would, as far as its headroom goes.
        """
        spec, figures = self.spec, self.figures
        carried = "call_recorded_per_vcpu" if spec.recording.share > 0 else "call_unrecorded_per_vcpu"
        if spec.traffic.media.seats == SeatCodec.G722:
            carried += " | call_transcoded_per_vcpu"
        recorded = need.concurrent * share * float(spec.recording.share)
        held_s = figures("call_conversations_gib") * 2**30 / _RECORDING_BYTES_PER_S
        most = conversations.most(held_s, spec.traffic.talk_s, figures("call_conversations_deviations"))
        limits = (
            ("calls in menus and queues", need.concurrent * share, carried, figures("call_cap")),
            ("call set-ups per second", need.setups_per_s * share, "", figures("call_setups")),
            ("conversations in memory", recorded, "", most),
        )
        # Recordings wait here, at most a day of them, when the record server does not answer.
        talked_h = need.setups_per_s * share * figures("busy_hours_per_day") * spec.traffic.talk_s
        gigabytes = talked_h * recording_mb_per_hour(RECORDING_FORMAT) * spec.recording.share / 1000
        found = self.group(group, limits, disk_gb=up(gigabytes), spares=0 if group == PEAK else None)
        able = min(self._per_vcpu(carried) * found.vcpus, figures("call_cap"))
        return self._conversations(found, recorded, 2 + able * figures("call_memory_mib") / 1024)

    def _conversations(self, found: ServerGroup, recorded: float, beside_gib: float) -> ServerGroup:
        """Memory of a call server for conversations until they are encrypted; `beside_gib` is what the rest takes."""
        figures, talk_s = self.figures, self.spec.traffic.talk_s
        at_once = recorded / found.working * figures("headroom")
        deviations = figures("call_conversations_deviations")
        held_s = conversations.seconds(at_once, talk_s, deviations)
        room = self.ledger.note(
            f"conversations_mib.{found.group}", max(1, up(held_s * _RECORDING_BYTES_PER_S / 2**20)), "MiB",
            "talk_s x (n + deviations x sqrt(2n)) x 32 kB/s; n: recorded calls at once of one server x headroom",
            f"{RECORDING_FORMAT}; sizing/conversations.py", recorded_at_once=round(at_once, 3), talk_s=talk_s,
            deviations=deviations,
        )  # fmt: skip
        return replace(found, conversations_mib=room, memory_gib=max(found.memory_gib, up(beside_gib + room / 1024)))

    def journal(self, found: ServerGroup, calls_gb: float) -> ServerGroup:
        """Disk for the journal: what any host says is in the system's part, what its share of the calls says is added.

        Half of what calls say (`calls_gb`) is said by the edges that they pass, half by call servers.
        """
        figures, days = self.figures, table("law")["log_retention_days"]["value"]
        of_calls = up(calls_gb / 2 / found.working)
        own = days * figures("log_mb_per_host_day") / 1000
        journal = self.ledger.note(
            f"journal_gib.{found.group}", up((own + of_calls) * 1e9 / 2**30), "GiB",
            "days of the law x log_mb_per_host_day / 1000 + log_gb x share of the calls / 2 / working servers",
            figures.source("log_mb_per_host_day"), days=days, log_gb_of_its_calls=round(calls_gb, 3),
            working=found.working,
        )  # fmt: skip
        return replace(found, disk_gb=found.disk_gb + of_calls, journal_gib=journal)

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
