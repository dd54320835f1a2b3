"""Erlang A: calls that find every agent busy wait, and callers give up when their patience ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from seatworks.traffic.arguments import check_numbers, check_times, smallest, whole
from seatworks.traffic.integral import DEPTH, NEAR, POINTS, deviance, sag
from seatworks.traffic.loss import log_inverse_blocking
from seatworks.traffic.waiting import least_agents

# Below this a float loses digits.
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class ImpatientQueue:
    """What callers and agents meet when callers give up (Erlang A, M/M/N+M).

    Three figures are called "service level" by one tool or another. Of 240 calls an hour of 3 minutes, 14 agents,
    1 minute of patience and T = 20 s they are 88.0, 86.2 and 93.1 %. We print the second unless we say otherwise.
    """

    virtual_wait_within: float
    """Share of moments at which a caller with endless patience would wait at most T."""
    served_within_of_offered: float
    """Calls answered within T over all calls offered."""
    served_within_of_answered: float
    """Calls answered within T over calls answered; 0 when nobody is ever answered."""
    waiting: float
    """Share of callers who wait at all."""
    abandoned: float
    """Share of callers who give up."""
    mean_wait_s: float
    """Mean wait over all callers, also those who give up and those who do not wait."""
    mean_wait_answered_s: float
    """Mean wait of callers who are answered (average speed of answer); infinite when nobody ever is."""
    mean_virtual_wait_s: float
    """Mean wait that a caller with endless patience would have; infinite without agents."""
    mean_queue: float
    """Callers waiting, on average."""
    occupancy: float
    """Share of time an agent is busy."""


def erlang_a(
    calls_per_s: float, handle_time_s: float, agents: int, patience_s: float, within_s: float
) -> ImpatientQueue:
    """A queue whose callers wait `patience_s` on average (exponential) before they give up; stable at any load.

    With A = calls x handling time, r = patience / handling time, z = A r, c = N r and time in units of patience, the
    wait that an arriving caller faces has the density c exp(z (1 - exp(-t)) - c t) relative to the state "N busy, none
    waiting", and a caller stays until t with probability exp(-t). States below N weigh 1/B(N, A) - 1. All figures are
    integrals of that density. Raises ValueError.

    Source: Zeltyn and Mandelbaum, Call centers with impatient customers, Queueing Systems 51 (2005).
    """
    check_numbers(calls_per_s=calls_per_s, within_s=within_s)
    check_times(handle_time_s=handle_time_s, patience_s=patience_s)
    agents = whole("agents", agents)
    if calls_per_s == 0:
        return ImpatientQueue(1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    erlangs = calls_per_s * handle_time_s
    if agents == 0:
        return ImpatientQueue(0.0, 0.0, 0.0, 1.0, 1.0, patience_s, math.inf, math.inf, calls_per_s * patience_s, 0.0)
    ratio = patience_s / handle_time_s
    check_numbers(**{"calls_per_s x handle_time_s": erlangs})
    if erlangs * ratio < _TINY:
        raise ValueError(f"calls_per_s must be 0 or above {calls_per_s} for this patience")
    wait = _Wait(erlangs * ratio, agents * ratio)
    soon, late = wait.parts(within_s / patience_s)
    # Both kinds of states are weighed against the larger, so that neither overflows.
    log_b = -log_inverse_blocking(agents, erlangs)
    tilt = log_b + wait.height
    at_once = -math.expm1(log_b) * math.exp(-max(tilt, 0.0))
    factor = agents * ratio * math.exp(min(tilt, 0.0))
    both = soon.plus(late)
    total = at_once + factor * both.all
    answered = at_once + factor * both.served
    served_within = at_once + factor * soon.served
    abandoned = factor * both.lost / total
    return ImpatientQueue(
        virtual_wait_within=(at_once + factor * soon.all) / total,
        served_within_of_offered=served_within / total,
        served_within_of_answered=served_within / answered,
        waiting=factor * both.all / total,
        abandoned=abandoned,
        mean_wait_s=abandoned * patience_s,
        mean_wait_answered_s=factor * both.wait_served / answered * patience_s,
        mean_virtual_wait_s=factor * both.wait / total * patience_s,
        mean_queue=abandoned * patience_s * calls_per_s,
        occupancy=answered / total * erlangs / agents,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Integrals of the density of the wait over a span, weighed in five ways."""

    all: float = 0.0
    served: float = 0.0
    lost: float = 0.0
    wait: float = 0.0
    wait_served: float = 0.0

    def plus(self, other: _Part) -> _Part:
        return _Part(
            self.all + other.all,
            self.served + other.served,
            self.lost + other.lost,
            self.wait + other.wait,
            self.wait_served + other.wait_served,
        )


class _Wait:
    """exp(z (1 - exp(-t)) - c t) for t >= 0: one hill, with its top at 0 or, in overload, at log(z/c)."""

    def __init__(self, z: float, c: float) -> None:
        self.z, self.c = z, c
        self.top = math.log(z / c) if z > c else 0.0
        self.height = deviance(c, z) if z > c else 0.0

    def fall(self, t: float) -> float:
        """How far the logarithm of the density at t lies below its top."""
        x = math.expm1(self.top - t)
        bend = sag(x) if -NEAR < x < NEAR else x + (t - self.top)
        return self.c * bend if self.z > self.c else (self.c - self.z) * t + self.z * bend

    def parts(self, within: float) -> tuple[_Part, _Part]:
        """The integrals up to `within` and beyond it."""
        if within < self.top:
            return self._part(within, 0.0), self._part(self.top, within).plus(self._part(self.top, math.inf))
        return self._part(self.top, 0.0).plus(self._part(self.top, within)), self._part(within, math.inf)

    def _part(self, start: float, end: float) -> _Part:
        """The integrals from `start` downhill to `end`."""
        total, served, lost, wait, wait_served = 0.0, 0.0, 0.0, 0.0, 0.0
        for near, far in self._panels(start, end):
            length = far - near
            for point, weight in POINTS:
                t = near + length * point
                here = weight * abs(length) * math.exp(-self.fall(t))
                stays = math.exp(-t)
                total += here
                served += here * stays
                lost -= here * math.expm1(-t)
                wait += here * t
                wait_served += here * stays * t
        return _Part(total, served, lost, wait, wait_served)

    def _panels(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Spans short enough for one rule, from `start` towards `end`, as far as the density counts."""
        sign = 1.0 if end > start else -1.0
        bottom = self.fall(start) + DEPTH
        slope = abs(self.z * math.exp(-start) - self.c)
        reach = 1 / (slope + math.sqrt(self.z * math.exp(-start)))
        while reach < abs(end - start) and self.fall(start + sign * reach) < bottom:
            reach *= 1.5
        reach = min(reach, abs(end - start))
        near, length = 0.0, 4.0
        while near < reach:
            far = min(near + length, reach)
            yield start + sign * near, start + sign * far
            near, length = far, 2 * length


def agents_for_with_patience(
    erlangs: float,
    handle_time_s: float,
    share: float,
    within_s: float,
    patience_s: float,
    max_occupancy: float | None = None,
) -> int:
    """The fewest agents that answer `share` of the offered calls within `within_s` when callers give up (Erlang A).

    It may be less than the load: who gives up needs no agent. No load needs nobody. Raises Unreachable for a share of 1
    or an occupancy of 0, ValueError.
    """
    check_numbers(erlangs=erlangs, within_s=within_s)
    check_times(handle_time_s=handle_time_s, patience_s=patience_s)
    # Checks both; who gives up makes agents less busy, so the bound itself does not hold here.
    least_agents(erlangs, share, max_occupancy)
    if erlangs == 0:
        return 0

    def reaches(agents: int) -> bool:
        met = erlang_a(erlangs / handle_time_s, handle_time_s, agents, patience_s, within_s)
        return met.served_within_of_offered >= share and (max_occupancy is None or met.occupancy <= max_occupancy)

    return smallest(reaches, 0, math.ceil(erlangs))
