"""Erlang C: calls that find every agent busy wait, and nobody gives up."""

from __future__ import annotations

import math
from collections.abc import Iterable

from seatworks.traffic.arguments import (
    MOST,
    MOST_SERVERS,
    Unreachable,
    check_numbers,
    check_shares,
    check_times,
    smallest,
    up,
    whole,
)
from seatworks.traffic.loss import inverse_blocking, log_inverse_blocking

_FEW = 64


def erlang_c(servers: int, erlangs: float) -> float:
    """Probability that a caller waits (Erlang C): N B / (N - A (1 - B)); 1 when the load reaches the servers.

    No load waits for nobody, even where there are no servers. Raises ValueError. Source: Erlang 1917.
    """
    if not 0 <= erlangs <= MOST:
        check_numbers(erlangs=erlangs)
    if type(servers) is not int or not 0 <= servers <= MOST_SERVERS:
        servers = whole("servers", servers)
    if erlangs >= servers or erlangs == 0:
        return 1.0 if erlangs else 0.0
    if servers <= _FEW:
        # The recursion of `inverse_blocking`, here because most questions are of this size and a call costs time.
        odds = 1.0
        for n in range(1, servers):
            odds = 1.0 + odds * n / erlangs
        odds *= (servers - erlangs) / erlangs
    else:
        odds = inverse_blocking(servers - 1, erlangs) * ((servers - erlangs) / erlangs)
    return 1.0 / (1.0 + odds) if odds < math.inf else math.exp(-_log_inverse_waiting(servers, erlangs))


def log_erlang_c(servers: int, erlangs: float) -> float:
    """Natural logarithm of `erlang_c`, also where that is too small for a float; -inf when nobody ever waits.

    Raises ValueError.
    """
    check_numbers(erlangs=erlangs)
    servers = whole("servers", servers)
    if erlangs >= servers or erlangs == 0:
        return 0.0 if erlangs else -math.inf
    return -_log_inverse_waiting(servers, erlangs)


def _log_inverse_waiting(servers: int, erlangs: float) -> float:
    """log(1/C) for 0 < A < N. From B(N-1) it is 1/C = 1 + (N - A)/A x 1/B(N-1): no difference of near equals."""
    spare = (servers - erlangs) / erlangs
    odds = inverse_blocking(servers - 1, erlangs) * spare
    if odds < math.inf:
        return math.log1p(odds)
    return log_inverse_blocking(servers - 1, erlangs) + math.log(servers - erlangs) - math.log(erlangs)


def occupancy(erlangs: float, agents: int) -> float:
    """Share of time an agent is busy: A/N, and 1 in overload (also when there is nobody to do the work).

    Raises ValueError.
    """
    check_numbers(erlangs=erlangs)
    agents = whole("agents", agents)
    if erlangs >= agents:
        return 1.0 if erlangs else 0.0
    return erlangs / agents


def average_speed_of_answer_s(erlangs: float, agents: int, handle_time_s: float) -> float:
    """Mean wait over all callers in seconds, also those who do not wait: C H / (N - A).

    H is the handling time: talk and wrap-up. Infinite in overload, 0 without load. Raises ValueError.
    """
    check_numbers(erlangs=erlangs)
    check_times(handle_time_s=handle_time_s)
    agents = whole("agents", agents)
    if erlangs >= agents or erlangs == 0:
        return math.inf if erlangs else 0.0
    return erlang_c(agents, erlangs) * handle_time_s / (agents - erlangs)


def service_level(erlangs: float, agents: int, handle_time_s: float, within_s: float) -> float:
    """Share of offered calls answered within `within_s`: 1 - C exp(-(N - A) T / H); 0 in overload, 1 without load.

    H is the handling time: talk and wrap-up. Nobody gives up here, which is why it asks for more agents than
    `erlang_a`. Raises ValueError.
    """
    check_numbers(erlangs=erlangs, within_s=within_s)
    check_times(handle_time_s=handle_time_s)
    return _level(erlangs, whole("agents", agents), within_s / handle_time_s)


def _level(erlangs: float, agents: int, within: float) -> float:
    """`service_level` with T in handling times. -expm1 keeps the digits of a level near 0."""
    if erlangs >= agents or erlangs == 0:
        return 0.0 if erlangs else 1.0
    return -math.expm1(-_log_inverse_waiting(agents, erlangs) - (agents - erlangs) * within)


def sweep_service_level(
    erlangs: float, agents_range: Iterable[int], handle_time_s: float, within_s: float
) -> tuple[float, ...]:
    """`service_level` for each number of agents, such as `range(10, 31)`, in its order.

    Neighbours cost one step of Erlang's recursion each. Raises ValueError.
    """
    check_numbers(erlangs=erlangs, within_s=within_s)
    check_times(handle_time_s=handle_time_s)
    within = within_s / handle_time_s
    swept, last, inverse = list[float](), -1, math.inf
    for number in agents_range:
        agents = whole("agents_range", number)
        if erlangs >= agents or erlangs == 0:
            swept.append(0.0 if erlangs else 1.0)
            continue
        # 1/B(N-1), which Erlang C is made of.
        inverse = 1.0 + inverse * last / erlangs if agents == last + 1 else inverse_blocking(agents - 1, erlangs)
        last = agents
        odds = inverse * ((agents - erlangs) / erlangs)
        swept.append(-math.expm1(-math.log1p(odds) - (agents - erlangs) * within))
    return tuple(swept)


def agents_for(
    erlangs: float, handle_time_s: float, share: float, within_s: float, max_occupancy: float | None = None
) -> int:
    """The fewest agents that answer `share` of the calls within `within_s` seconds (Erlang C).

    Always more than the load, for the queue would grow without end. `max_occupancy` is the largest share of time an
    agent may be busy (A/N). No load needs nobody. Raises Unreachable for a share of 1 or an occupancy of 0, ValueError.
    """
    check_numbers(erlangs=erlangs, within_s=within_s)
    check_times(handle_time_s=handle_time_s)
    least = least_agents(erlangs, share, max_occupancy)
    if erlangs == 0:
        return 0
    least = max(least, math.floor(erlangs) + 1)
    within = within_s / handle_time_s
    return smallest(lambda agents: _level(erlangs, agents, within) >= share, least, least)


def least_agents(erlangs: float, share: float, max_occupancy: float | None) -> int:
    """Agents below which the occupancy is too high, when one is given. Raises Unreachable, ValueError."""
    check_shares(share=share)
    if max_occupancy is not None:
        check_shares(max_occupancy=max_occupancy)
    if erlangs == 0:
        return 0
    if share == 1:
        raise Unreachable("a service level of 1 is unreachable: every call in time needs endless agents; ask for less")
    if max_occupancy == 0:
        raise Unreachable("an occupancy of 0 is unreachable: it needs endless agents; ask for more, such as 0.85")
    least = erlangs / max_occupancy if max_occupancy is not None else 0.0
    if least > MOST_SERVERS:
        raise Unreachable(f"an occupancy of {max_occupancy} is unreachable with 2^53 agents; ask for more")
    return up(least)
