"""Traffic theory: Erlang B for trunks, Erlang C and Erlang A for people.

Throughout, `erlangs` is the offered load A = calls per second x seconds per call. Formulas and their sources:
docs/sizing.md. Everything holds to a million servers: sums run over ratios of terms and keep a logarithm beside them,
so nothing overflows and a probability of 1e-600 still has a logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

# Past this a running sum is folded into its logarithm (double precision ends near 1.8e308).
_LARGE = 1e280
# A term this much smaller than the sum, with falling terms behind it, no longer changes it.
_NEGLIGIBLE = 1e-18


class Unreachable(ValueError):
    """No number of agents or channels reaches what is asked."""


def _refuse_negative(**values: float) -> None:
    for name, value in values.items():
        if not (value >= 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be 0 or more and finite, is {value}")


def log_erlang_b(channels: int, erlangs: float) -> float:
    """Natural logarithm of `erlang_b`; -inf when nothing is ever blocked.

    1/B = sum of t_j for j = 0..N with t_0 = 1 and t_j = t_(j-1) (N-j+1)/A. The terms fall once N-j < A, so the
    sum ends after about sqrt(A) terms when N is near A.
    """
    _refuse_negative(channels=channels, erlangs=erlangs)
    if channels == 0:
        return 0.0
    if erlangs == 0:
        return -math.inf
    total = term = 1.0
    log_scale = 0.0
    for free in range(channels, 0, -1):
        term *= free / erlangs
        total += term
        if total > _LARGE:
            log_scale += math.log(total)
            term /= total
            total = 1.0
        elif free < erlangs and term < _NEGLIGIBLE * total:
            break
    return -(log_scale + math.log(total))


def erlang_b(channels: int, erlangs: float) -> float:
    """Probability that a call finds all `channels` busy and is lost (Erlang B).

    No channels block every call; no load blocks none.
    """
    return math.exp(log_erlang_b(channels, erlangs))


def log_erlang_c(agents: int, erlangs: float) -> float:
    """Natural logarithm of `erlang_c`; -inf when nobody ever waits."""
    _refuse_negative(agents=agents, erlangs=erlangs)
    if erlangs >= agents:
        # No load waits for nobody, even where there are no agents.
        return 0.0 if erlangs > 0 else -math.inf
    log_b = log_erlang_b(agents, erlangs)
    return math.log(agents) + log_b - math.log(agents - erlangs * -math.expm1(log_b))


def erlang_c(agents: int, erlangs: float) -> float:
    """Probability that a caller waits (Erlang C): N B / (N - A (1 - B)); 1 when the load reaches the agents."""
    return math.exp(log_erlang_c(agents, erlangs))


def service_level(agents: int, erlangs: float, *, aht_s: float, within_s: float) -> float:
    """Share of offered calls answered within `within_s`: 1 - C exp(-(N - A) T / AHT); 0 when A >= N.

    Callers never give up here, which is why it asks for more agents than Erlang A.
    """
    _refuse_negative(aht_s=aht_s, within_s=within_s)
    if erlangs == 0:
        return 1.0
    if erlangs >= agents:
        return 0.0
    return 1.0 - erlang_c(agents, erlangs) * math.exp(-(agents - erlangs) * within_s / aht_s)


def asa(agents: int, erlangs: float, *, aht_s: float) -> float:
    """Average speed of answer over all callers, seconds: C AHT / (N - A); infinite when A >= N."""
    if erlangs == 0:
        return 0.0
    if erlangs >= agents:
        return math.inf
    return erlang_c(agents, erlangs) * aht_s / (agents - erlangs)


def _smallest(reaches: Callable[[int], bool], start: int) -> int:
    """The smallest n >= start for which `reaches(n)`; once true it must stay true."""
    low, step = start, 1
    if reaches(low):
        return low
    while not reaches(low + step):
        low += step
        step *= 2
        if step > 1 << 40:
            raise Unreachable("no number reaches what is asked")
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def agents_needed(
    erlangs: float, *, aht_s: float, share: float, within_s: float, max_occupancy: float | None = None
) -> int:
    """The fewest agents that answer `share` of the calls within `within_s` seconds (Erlang C).

    `max_occupancy` is the largest share of time an agent may be busy (A/N). A share of 1 is never reached with a
    finite number of agents: raises Unreachable. No load needs nobody.
    """
    _refuse_negative(erlangs=erlangs, aht_s=aht_s, within_s=within_s)
    if erlangs == 0:
        return 0
    if share >= 1:
        raise Unreachable("a service level of 1 (every call in time) needs endless agents; ask for 0.99 or less")
    start = math.floor(erlangs) + 1
    if max_occupancy is not None:
        if max_occupancy <= 0:
            raise Unreachable("an occupancy of 0 needs endless agents")
        start = max(start, math.ceil(erlangs / max_occupancy - 1e-9))
    return _smallest(lambda n: service_level(n, erlangs, aht_s=aht_s, within_s=within_s) >= share, start)


def channels_needed(erlangs: float, blocking: float) -> int:
    """The fewest channels that lose at most the share `blocking` of the calls (Erlang B)."""
    _refuse_negative(erlangs=erlangs)
    if erlangs == 0:
        return 0
    if blocking <= 0:
        raise Unreachable("no call ever blocked needs endless channels; give blocking a value such as 0.01")
    # Carried load A (1 - blocking) cannot exceed the channels, so the search may start there.
    start = max(0, math.floor(erlangs * (1 - blocking)) - 1)
    limit = math.log(blocking)
    return _smallest(lambda n: log_erlang_b(n, erlangs) <= limit, start)


def offered_load(channels: int, blocking: float) -> float:
    """The largest load in erlangs that `channels` carry with at most the share `blocking` lost."""
    _refuse_negative(channels=channels)
    if not 0 < blocking < 1:
        raise ValueError(f"blocking must lie between 0 and 1, is {blocking}")
    if channels == 0:
        return 0.0
    limit = math.log(blocking)
    low, high = 0.0, channels / (1 - blocking) + 1
    while high - low > 1e-14 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if log_erlang_b(channels, middle) <= limit else (low, middle)
    return low


def scheduled(agents: int, shrinkage: float) -> int:
    """People to schedule so that `agents` sit at their place: ceil(N / (1 - s)). Never rounded down."""
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage must be at least 0 and below 1, is {shrinkage}")
    return math.ceil(agents / (1 - shrinkage) - 1e-9)


@dataclass(frozen=True, slots=True)
class Patience:
    """A queue whose callers give up (Erlang A, M/M/N+M)."""

    waiting: float
    """Share of callers who wait at all."""
    abandoned: float
    """Share of callers who give up."""
    mean_wait_s: float
    """Mean wait over all callers, also those who give up."""
    occupancy: float
    """Share of time an agent is busy."""
    served_within: float
    """Share of offered calls answered within the asked time. Tools differ in this figure; this is the one we print."""


def erlang_a(agents: int, erlangs: float, *, aht_s: float, patience_s: float, within_s: float = 0) -> Patience:
    """A queue of `agents` whose callers wait `patience_s` on average before they give up.

    Birth-death chain: deaths at j mu up to N busy, N mu + (j - N) theta beyond. Weights grow outwards from j = N,
    their largest place, so none overflows. A caller who meets k waiting is served within T with probability
    c/(c+k+1) I_(1-x)(k+1, c+1), where c = N mu / theta, x = exp(-theta T) and I is the incomplete beta function,
    followed from k to k+1 by its recurrence.
    """
    _refuse_negative(agents=agents, erlangs=erlangs, within_s=within_s)
    if not (aht_s > 0 and patience_s > 0):
        raise ValueError("handling time and patience must be above 0 s")
    if erlangs == 0:
        return Patience(0.0, 0.0, 0.0, 0.0, 1.0)
    if agents == 0:
        return Patience(1.0, 1.0, patience_s, 0.0, 0.0)
    below = _weight_below(agents, erlangs)
    ratio = aht_s / patience_s
    c = agents / ratio
    x = math.exp(-within_s / patience_s)
    y = -math.expm1(-within_s / patience_s)
    # I_y(1, c+1) = 1 - x^(c+1), and the term that the recurrence takes away next.
    beta = -math.expm1((c + 1) * math.log(x)) if within_s else 0.0
    step = y * x ** (c + 1) * (c + 1)
    weight, queue = 1.0, 0
    above = queued = served = 0.0
    while True:
        above += weight
        queued += weight * queue
        served += weight * c / (c + queue + 1) * beta
        beta = max(0.0, beta - step)
        queue += 1
        step *= y * (queue + c + 1) / (queue + 1)
        falls = erlangs / (agents + queue * ratio)
        weight *= falls
        if falls < 1 and weight * (queue + 1) < _NEGLIGIBLE * (above + queued) * (1 - falls):
            break
        if above > _LARGE:
            above, queued, served, below, weight = (v / _LARGE for v in (above, queued, served, below, weight))
    total = below + above
    abandoned = queued / total * ratio / erlangs
    return Patience(
        waiting=above / total,
        abandoned=abandoned,
        mean_wait_s=abandoned * patience_s,
        occupancy=erlangs * (1 - abandoned) / agents,
        served_within=(below + served) / total,
    )


def _weight_below(agents: int, erlangs: float) -> float:
    """Sum of the state weights 0..N-1, where state N weighs 1."""
    weight, total = 1.0, 0.0
    for busy in range(agents, 0, -1):
        weight *= busy / erlangs
        total += weight
        if total > _LARGE or (busy < erlangs and weight < _NEGLIGIBLE * total):
            break
    return total


def agents_needed_with_patience(
    erlangs: float, *, aht_s: float, share: float, within_s: float, patience_s: float
) -> int:
    """The fewest agents that answer `share` of the offered calls within `within_s` when callers give up (Erlang A)."""
    if erlangs == 0:
        return 0
    if share >= 1:
        raise Unreachable("a service level of 1 (every call in time) needs endless agents; ask for 0.99 or less")
    return _smallest(
        lambda n: erlang_a(n, erlangs, aht_s=aht_s, patience_s=patience_s, within_s=within_s).served_within >= share,
        max(1, math.floor(erlangs * share / 2)),
    )
