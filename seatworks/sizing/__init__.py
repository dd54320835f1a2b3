"""How many people, channels and servers, how much disk and bandwidth: from what was asked, by traffic theory.

Formulas: `traffic` and docs/sizing.md. Figures with their sources: data/capacity.yml. Pure: the same specification
gives the same values. Every number is kept with its formula, inputs and source (`Sizing.figures`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seatworks import traffic
from seatworks.message import Message
from seatworks.sizing import database
from seatworks.sizing.figures import Assumption, Figures, measured, up
from seatworks.sizing.ledger import Figure, Ledger
from seatworks.sizing.notes import notes
from seatworks.sizing.people import Calls, People, calls, people
from seatworks.sizing.servers import RECORDING_FORMAT, Need, ServerGroup, internet_seats, servers
from seatworks.sizing.voice import Tunnel, e1_spans, recording_mb_per_hour, stream_kbps
from seatworks.spec import Link, Mode, Spec
from seatworks.tables import table

__all__ = [
    "Assumption",
    "Figure",
    "Figures",
    "ServerGroup",
    "Sizing",
    "Tunnel",
    "e1_spans",
    "measured",
    "size",
    "stream_kbps",
]


@dataclass(frozen=True, slots=True)
class Sizing:
    """The figures of one deployment. Calls are per busy hour, shares 0 to 1, GB are 10^9 bytes."""

    offered_calls: float
    accepted_calls: float
    offered_erlangs: float
    agents: int
    agents_with_headroom: int
    scheduled_staff: int
    seats_given: int
    seats_enough: bool
    service_level: float
    occupancy: float
    mean_wait_s: float
    trunk_erlangs: float
    concurrent_calls: int
    design_concurrent_calls: int
    trunk_channels: int
    channels_per_carrier: int
    e1_spans: int
    menu_ports: int
    servers: tuple[ServerGroup, ...]
    database: database.Choice
    recording_disk_gb: int
    database_gb: int
    log_gb: int
    site_bandwidth_kbps: int
    link_bandwidth_kbps: int
    inbound_minutes_per_month: float
    outbound_minutes_per_month: float
    notes: tuple[Message, ...]
    assumptions: tuple[Assumption, ...]
    figures: tuple[Figure, ...]

    def group(self, name: str) -> ServerGroup:
        """The servers of one kind. Raises KeyError."""
        for group in self.servers:
            if group.group == name:
                return group
        raise KeyError(name)


def size(spec: Spec, own: Mapping[str, Mapping[str, Any]] | None = None) -> Sizing:
    """Size one deployment. `own`: figures that the site measured itself, as `measured` reads them."""
    figures, ledger = Figures(own), Ledger()
    met = calls(spec, ledger)
    staff = people(spec, met, figures, ledger)
    lines = _lines(spec, met, staff, figures, ledger)
    disks = _disks(spec, met, lines, figures, ledger)
    need = Need(lines.concurrent, lines.setups_per_s, disks.recording_gb, disks.database_gb, disks.log_gb)
    groups = servers(spec, need, figures, ledger)
    stored = next((group for group in groups if group.group == "db"), None)
    seats = spec.seats.onprem + spec.seats.cloud + spec.seats.peak_extra
    cloud_calls = min(lines.concurrent, internet_seats(spec))
    link = _link_bandwidth_kbps(spec, cloud_calls, figures, ledger)
    per_month = figures("busy_hours_per_day") * figures("work_days_per_month") / 60
    inbound_s = spec.traffic.ivr_s + staff.mean_wait_s + spec.traffic.talk_s
    return Sizing(
        offered_calls=met.offered + met.contacts,
        accepted_calls=met.accepted + met.contacts,
        offered_erlangs=staff.erlangs,
        agents=staff.agents,
        agents_with_headroom=ledger.note(
            "agents_with_headroom", up(staff.agents * figures("headroom")), "agents", "ceil(agents x headroom)",
            figures.source("headroom"), agents=staff.agents, headroom=figures("headroom"),
        ),
        scheduled_staff=staff.scheduled,
        seats_given=seats,
        seats_enough=seats >= staff.agents,
        service_level=staff.service_level,
        occupancy=staff.occupancy,
        mean_wait_s=staff.mean_wait_s,
        trunk_erlangs=lines.erlangs,
        concurrent_calls=lines.concurrent,
        design_concurrent_calls=lines.design,
        trunk_channels=lines.channels,
        channels_per_carrier=lines.per_carrier,
        e1_spans=lines.spans,
        menu_ports=lines.menu_ports,
        servers=groups,
        database=database.choose(spec, stored, ledger),
        recording_disk_gb=disks.recording_gb,
        database_gb=disks.database_gb,
        log_gb=disks.log_gb,
        site_bandwidth_kbps=_site_bandwidth_kbps(spec, lines.channels, cloud_calls, link, figures, ledger),
        link_bandwidth_kbps=link,
        inbound_minutes_per_month=ledger.note(
            "inbound_minutes_per_month", round(met.accepted * inbound_s / 60 * per_month * 60, 3), "min",
            "accepted_calls x (ivr_s + mean_wait_s + talk_s) / 60 x busy_hours_per_day x work_days_per_month",
            figures.source("work_days_per_month"), accepted_calls=met.accepted, seconds_per_call=inbound_s,
            busy_hours_per_day=figures("busy_hours_per_day"), work_days_per_month=figures("work_days_per_month"),
        ),
        outbound_minutes_per_month=ledger.note(
            "outbound_minutes_per_month", round(met.contacts * spec.traffic.talk_s / 60 * per_month * 60, 3), "min",
            "outbound_contacts x talk_s / 60 x busy_hours_per_day x work_days_per_month",
            figures.source("work_days_per_month"), outbound_contacts=met.contacts, talk_s=spec.traffic.talk_s,
            busy_hours_per_day=figures("busy_hours_per_day"), work_days_per_month=figures("work_days_per_month"),
        ),
        notes=tuple(notes(spec, staff, seats, lines.concurrent, lines.channels, disks.recording_gb, figures)),
        assumptions=figures.assumptions(),
        figures=ledger.figures(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Lines:
    erlangs: float
    concurrent: int
    design: int
    channels: int
    per_carrier: int
    spans: int
    menu_ports: int
    setups_per_s: float


def _lines(spec: Spec, met: Calls, staff: People, figures: Figures, ledger: Ledger) -> _Lines:
    """Calls at once, trunk channels, spans and menu ports. Wrap-up holds an agent, not a line."""
    asked, dialling = spec.traffic, spec.traffic.outbound
    blocking = float(asked.blocking)
    held = met.accepted * (asked.ivr_s + staff.mean_wait_s + asked.talk_s)
    rung = met.dials * dialling.ring_s + met.contacts * asked.talk_s
    erlangs = ledger.note(
        "trunk_erlangs", (held + rung) / 3600, "erlangs",
        "(accepted_calls x (ivr_s + mean_wait_s + talk_s) + outbound_dials x ring_s + outbound_contacts x talk_s)"
        " / 3600",
        "Cisco Unified CCE SRND for callers; wrap-up holds the agent, not the line",
        accepted_calls=met.accepted, ivr_s=asked.ivr_s, mean_wait_s=staff.mean_wait_s, talk_s=asked.talk_s,
        outbound_dials=met.dials, ring_s=dialling.ring_s, outbound_contacts=met.contacts,
    )  # fmt: skip
    # Pacing: a free agent has lines_per_agent calls ringing.
    free = 1 - figures("max_occupancy")
    paced = up(staff.outbound * (figures("max_occupancy") + free * float(dialling.lines_per_agent)))
    concurrent = ledger.note(
        "concurrent_calls", max(1, traffic.channels_for(erlangs, blocking), paced), "calls",
        "the fewest lines with Erlang B(lines, trunk_erlangs) <= blocking; for outbound at least what pacing dials",
        "Erlang B", trunk_erlangs=erlangs, blocking=blocking, paced_lines=paced,
    )  # fmt: skip
    design = ledger.note(
        "design_concurrent_calls", up(concurrent * figures("headroom")), "calls", "ceil(concurrent_calls x headroom)",
        figures.source("headroom"), concurrent_calls=concurrent, headroom=figures("headroom"),
    )  # fmt: skip
    channels = ledger.note(
        "trunk_channels", design, "channels", "design_concurrent_calls: one channel for each call at once",
        design_concurrent_calls=design,
    )  # fmt: skip
    carriers = len(spec.trunks)
    per_carrier = ledger.note(
        "channels_per_carrier", math.ceil(channels / max(1, carriers - 1)), "channels",
        "ceil(trunk_channels / (carriers - 1)): the others carry all when one fails; one carrier has them all",
        trunk_channels=channels, carriers=carriers,
    )  # fmt: skip
    spans = ledger.note(
        "e1_spans", e1_spans(figures, channels), "E1", "ceil(trunk_channels / 30)", figures.source("e1_channels"),
        trunk_channels=channels,
    )  # fmt: skip
    waiting = met.accepted * (asked.ivr_s + staff.mean_wait_s) / 3600
    ports = ledger.note(
        "menu_ports", traffic.channels_for(waiting, figures("menu_blocking")), "ports",
        "the fewest ports with Erlang B(ports, accepted_calls x (ivr_s + mean_wait_s) / 3600) <= menu_blocking",
        figures.source("menu_blocking"), menu_erlangs=waiting, menu_blocking=figures("menu_blocking"),
    )  # fmt: skip
    setups = (met.accepted + met.dials) / 3600
    return _Lines(erlangs, concurrent, design, channels, per_carrier, spans, ports, setups)


@dataclass(frozen=True, slots=True)
class _Disks:
    recording_gb: int
    database_gb: int
    log_gb: int


def _disks(spec: Spec, met: Calls, lines: _Lines, figures: Figures, ledger: Ledger) -> _Disks:
    """Recordings for their retention; call detail and logs for theirs, at least what the law asks."""
    headroom, hours = figures("headroom"), figures("busy_hours_per_day")
    talked = met.accepted + met.contacts
    megabytes = recording_mb_per_hour(RECORDING_FORMAT)
    days, share = spec.recording.retention_days, float(spec.recording.share)
    recording = ledger.note(
        "recording_gb",
        up(talked * hours * spec.traffic.talk_s / 3600 * megabytes * share * days / 1000 * headroom), "GB",
        "calls x busy_hours_per_day x talk_s / 3600 x MB/h x share x retention_days / 1000 x headroom",
        f"{RECORDING_FORMAT}: {table('codecs')['recording_formats'][RECORDING_FORMAT]['source']}",
        calls=talked, busy_hours_per_day=hours, talk_s=spec.traffic.talk_s, mb_per_hour=megabytes, share=share,
        retention_days=days, headroom=headroom,
    )  # fmt: skip
    if spec.managed:
        # Call detail and logs are kept by the provider.
        return _Disks(recording, 0, 0)
    law_days = table("law")["log_retention_days"]["value"]
    kept = max(days, law_days)
    handled = (lines.setups_per_s * 3600) * hours
    database = ledger.note(
        "database_gb", up(handled * kept * figures("db_kb_per_call") / 1e6 * headroom), "GB",
        "calls per day x days x db_kb_per_call / 10^6 x headroom; days: the longer of retention and the law",
        figures.source("db_kb_per_call"), calls_per_day=handled, days=kept, db_kb_per_call=figures("db_kb_per_call"),
        headroom=headroom,
    )  # fmt: skip
    logs = ledger.note(
        "log_gb", up(handled * law_days * figures("log_kb_per_call") / 1e6 * headroom), "GB",
        "calls per day x days of the law x log_kb_per_call / 10^6 x headroom", figures.source("log_kb_per_call"),
        calls_per_day=handled, days=law_days, log_kb_per_call=figures("log_kb_per_call"), headroom=headroom,
    )  # fmt: skip
    return _Disks(recording, database, logs)


def _site_bandwidth_kbps(
    spec: Spec, channels: int, internet_calls: int, link_kbps: int, figures: Figures, ledger: Ledger
) -> int:
    """One direction of all voice that enters or leaves the place of the call servers.

    Carriers on every channel, and the seats outside at once: through the link (hybrid) or as SRTP (cloud).
    """
    if spec.managed:
        # No server of ours carries voice.
        return 0
    carrier, rtcp = stream_kbps(figures), figures("rtcp_factor")
    seats = 0.0
    if spec.mode == Mode.CLOUD:
        codec, encrypted = str(spec.traffic.media.seats), spec.traffic.media.encrypted
        seats = internet_calls * stream_kbps(figures, codec, encrypted=encrypted) * rtcp
    return ledger.note(
        "site_bandwidth_kbps", up(channels * carrier * rtcp + seats + link_kbps), "kbit/s",
        "trunk_channels x kbit/s of a carrier's call x rtcp_factor + seats outside + link_bandwidth_kbps",
        "codec, IP/UDP/RTP and Ethernet bytes: data/codecs.yml, data/capacity.yml", trunk_channels=channels,
        carrier_kbps=carrier, rtcp_factor=rtcp, seats_outside_kbps=seats, link_bandwidth_kbps=link_kbps,
    )  # fmt: skip


def _link_bandwidth_kbps(spec: Spec, calls_: int, figures: Figures, ledger: Ledger) -> int:
    """One direction of the link with every cloud seat on a call: SRTP inside WireGuard or ESP, and RTCP."""
    if spec.mode != Mode.HYBRID:
        return 0
    codec = str(spec.traffic.media.seats)
    tunnel = Tunnel.IPSEC if spec.cloud and spec.cloud.link == Link.VPN else Tunnel.WIREGUARD
    each = stream_kbps(figures, codec, encrypted=True, tunnel=tunnel)
    return ledger.note(
        "link_bandwidth_kbps", up(calls_ * each * figures("rtcp_factor")), "kbit/s",
        "calls of cloud seats at once x kbit/s of SRTP inside the link x rtcp_factor",
        figures.source(f"{tunnel}_bytes"), calls=calls_, kbps_each=each, rtcp_factor=figures("rtcp_factor"),
    )  # fmt: skip
