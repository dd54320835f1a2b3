"""Engset: few callers, who do not call while they talk."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks.traffic.arguments import check_numbers, whole


@dataclass(frozen=True, slots=True)
class Congestion:
    """Engset's two answers; tools print one or the other, and they differ."""

    call_congestion: float
    """Share of attempts that find every server busy."""
    time_congestion: float
    """Share of time in which every server is busy."""


def engset(servers: int, sources: int, erlangs_per_idle_source: float) -> Congestion:
    """Congestion of `servers` shared by `sources`, each offering `erlangs_per_idle_source` (a) while idle.

    Time congestion C(S,N) a^N / sum of C(S,k) a^k for k = 0..N. A caller sees the others only, so call congestion is
    the time congestion of S - 1 sources; 0 when there are at least as many servers as sources. Raises ValueError.
    """
    check_numbers(erlangs_per_idle_source=erlangs_per_idle_source)
    servers, sources = whole("servers", servers), whole("sources", sources)
    call = 0.0 if servers >= sources else _all_busy(servers, sources - 1, erlangs_per_idle_source)
    return Congestion(call, _all_busy(servers, sources, erlangs_per_idle_source))


def _all_busy(servers: int, sources: int, erlangs: float) -> float:
    """Share of time in which all servers are busy: 1/E = sum of t_j, t_0 = 1, t_j = t_(j-1) (N-j+1) / ((S-N+j) a)."""
    if servers == 0:
        return 1.0
    if servers > sources or erlangs == 0:
        return 0.0
    total = term = 1.0
    idle = sources - servers
    for busy in range(servers, 0, -1):
        idle += 1
        ratio = busy / (idle * erlangs)
        term *= ratio
        total += term
        if total == math.inf:
            return 0.0
        # Later terms fall faster still, so all of them together are less than this one / (1 - ratio).
        if ratio < 1 and term < 1e-18 * total * (1 - ratio):
            break
    return 1.0 / total
