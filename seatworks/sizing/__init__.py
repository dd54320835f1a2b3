"""How many people, channels and servers, how much disk and bandwidth: from what was asked, by traffic theory.

Formulas: `traffic.py` and docs/sizing.md. Figures with their sources: data/capacity.yml. Pure: the same
specification gives the same values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks import traffic
from seatworks.sizing.figures import Assumption, assumptions, e1_spans, figure, link_extra_bytes, stream_kbps, up
from seatworks.sizing.notes import People, notes
from seatworks.sizing.servers import ServerGroup, internet_seats, servers
from seatworks.spec import Mode, Spec

__all__ = ["Assumption", "ServerGroup", "Sizing", "e1_spans", "link_extra_bytes", "size", "stream_kbps"]


@dataclass(frozen=True, slots=True)
class Sizing:
    """The figures of one deployment."""

    busy_hour_calls: float
    agents: int
    agents_with_headroom: int
    seats_given: int
    seats_enough: bool
    service_level: float
    occupancy: float
    mean_wait_s: float
    concurrent_calls: int
    trunk_erlangs: float
    trunk_channels: int
    e1_spans: int
    servers: tuple[ServerGroup, ...]
    recording_disk_gb: int
    site_bandwidth_kbps: int
    link_bandwidth_kbps: int
    notes: tuple[str, ...]
    assumptions: tuple[Assumption, ...]

    def group(self, name: str) -> ServerGroup:
        """The servers of one kind. Raises KeyError."""
        for group in self.servers:
            if group.group == name:
                return group
        raise KeyError(name)


def size(spec: Spec) -> Sizing:
    """Size one deployment."""
    calls = _calls_per_hour(spec)
    people = _people(spec, calls)
    # A blocked call never reaches a menu: carried = offered x (1 - blocking) (the Cisco SRND chain).
    accepted = calls * (1 - spec.traffic.blocking)
    wait_s = people.mean_wait_s if math.isfinite(people.mean_wait_s) else spec.traffic.service_level.within_s
    erlangs = accepted * (spec.traffic.ivr_s + wait_s + spec.traffic.talk_s) / 3600
    concurrent = max(1, traffic.channels_needed(erlangs, spec.traffic.blocking))
    channels = up(concurrent * figure("headroom"))
    disk = _recording_disk_gb(spec, accepted)
    seats = spec.seats.onprem + spec.seats.cloud + spec.seats.peak_extra
    cloud_calls = min(concurrent, internet_seats(spec))
    return Sizing(
        busy_hour_calls=calls,
        agents=people.agents,
        agents_with_headroom=up(people.agents * figure("headroom")),
        seats_given=seats,
        seats_enough=seats >= people.agents,
        service_level=people.service_level,
        occupancy=people.occupancy,
        mean_wait_s=people.mean_wait_s,
        concurrent_calls=concurrent,
        trunk_erlangs=erlangs,
        trunk_channels=channels,
        e1_spans=e1_spans(channels),
        servers=servers(spec, accepted, concurrent, disk),
        recording_disk_gb=disk,
        site_bandwidth_kbps=_site_bandwidth_kbps(spec, channels, cloud_calls),
        link_bandwidth_kbps=_link_bandwidth_kbps(cloud_calls) if spec.mode == Mode.HYBRID else 0,
        notes=tuple(notes(spec, people, seats, concurrent, channels, disk)),
        assumptions=assumptions(),
    )


def _calls_per_hour(spec: Spec) -> float:
    """Calls offered in the busy hour; from calls at once by Little's law: calls = concurrent x 3600 / holding time."""
    asked = spec.traffic
    if asked.busy_hour_calls is not None:
        return float(asked.busy_hour_calls)
    return (asked.peak_concurrent_calls or 0) * 3600 / (asked.ivr_s + asked.talk_s)


def _people(spec: Spec, calls: float) -> People:
    """Agents of the busy hour and what callers then meet: Erlang A when patience is given, else Erlang C.

    An agent is held for talk and wrap-up; service level counts all offered calls.
    """
    asked = spec.traffic
    aht_s = asked.talk_s + asked.wrap_up_s
    erlangs = calls * (1 - asked.blocking) * aht_s / 3600
    share, within_s = asked.service_level.share, asked.service_level.within_s
    if asked.patience_s is not None:
        agents = traffic.agents_needed_with_patience(
            erlangs, aht_s=aht_s, share=share, within_s=within_s, patience_s=asked.patience_s
        )
        met = traffic.erlang_a(agents, erlangs, aht_s=aht_s, patience_s=asked.patience_s, within_s=within_s)
        return People(agents, met.served_within, met.occupancy, met.mean_wait_s)
    agents = traffic.agents_needed(erlangs, aht_s=aht_s, share=share, within_s=within_s)
    return People(
        agents,
        traffic.service_level(agents, erlangs, aht_s=aht_s, within_s=within_s),
        erlangs / agents,
        traffic.asa(agents, erlangs, aht_s=aht_s),
    )


def _recording_disk_gb(spec: Spec, accepted: float) -> int:
    """calls/day x talk/3600 x MB/h x share x days / 1000, with headroom."""
    hours = accepted * figure("busy_hours_per_day") * spec.traffic.talk_s / 3600
    gigabytes = hours * figure("record_mb_per_hour") * spec.recording.share * spec.recording.retention_days / 1000
    return up(gigabytes * figure("headroom"))


def _site_bandwidth_kbps(spec: Spec, channels: int, internet_calls: int) -> int:
    """One direction of all voice that enters or leaves the place of the call servers.

    Carriers on every channel, and the seats outside at once: through the link (hybrid) or as SRTP (cloud).
    """
    kbps = channels * stream_kbps() * figure("rtcp_factor")
    if spec.mode == Mode.HYBRID:
        return up(kbps + _link_bandwidth_kbps(internet_calls))
    extra = figure("srtp_bytes") if spec.traffic.media.encrypted else 0
    return up(kbps + internet_calls * stream_kbps(extra_bytes=extra) * figure("rtcp_factor"))


def _link_bandwidth_kbps(calls: int) -> int:
    """One direction of the link with every cloud seat on a call: 120.8 kbit/s each and RTCP."""
    return up(calls * stream_kbps(extra_bytes=link_extra_bytes()) * figure("rtcp_factor"))
