"""The formulas of availability. Availabilities are shares of time, 0 to 1; sources: docs/sizing.md, "Availability".

Outages are kept beside availabilities (outage = 1 - availability): of 0.999999999 a double keeps few digits of what is
missing, of 1e-9 it keeps all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

HOURS_PER_YEAR = 8_760
SECONDS_PER_YEAR = 31_536_000
MINUTES_PER_YEAR = 525_600


def _refuse_no_share(**values: float) -> None:
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be 0 to 1, is {value}")


def series(parts: Iterable[float]) -> float:
    """Availability of parts that must all work: their product. No parts are always available.

    Raises ValueError when a part is not 0 to 1.
    """
    product = 1.0
    for part in parts:
        _refuse_no_share(part=part)
        product *= part
    return product


def k_of_n(needed: int, placed: int, node: float) -> float:
    """Availability of `placed` equal, independent parts of which `needed` must work.

    A = sum for i = needed..placed of C(placed, i) node^i (1 - node)^(placed - i). 0 when fewer are placed than needed,
    1 when none is needed. Raises ValueError for negative counts and a node that is not 0 to 1.
    """
    _refuse_no_share(node=node)
    working, broken = _split(needed, placed, 1 - node)
    return 1 - broken if broken < 0.5 else working


def k_of_n_outage(needed: int, placed: int, node_outage: float) -> float:
    """1 - `k_of_n` with all digits, from the outage of one part."""
    _refuse_no_share(node_outage=node_outage)
    return _split(needed, placed, node_outage)[1]


def _split(needed: int, placed: int, outage: float) -> tuple[float, float]:
    """Probability that at most `placed - needed` parts are out, and that more are.

    Terms of the binomial relative to its largest, walked from there to both sides until they vanish, divided by their
    sum: no power, factorial or logarithm that could underflow, however many parts.
    """
    if needed < 0 or placed < 0:
        raise ValueError(f"counts must be 0 or more, are {needed} of {placed}")
    if needed > placed:
        return 0.0, 1.0
    if outage in (0, 1):
        sure = float(needed == 0 or outage == 0)
        return sure, 1 - sure
    odds = outage / (1 - outage)
    largest = min(placed, math.floor((placed + 1) * outage))
    inside: list[float] = []
    beyond: list[float] = []
    spare = placed - needed
    term, out = 1.0, largest
    while out <= placed and term > 0:
        (inside if out <= spare else beyond).append(term)
        term *= (placed - out) / (out + 1) * odds
        out += 1
    term, out = largest / (placed - largest + 1) / odds, largest - 1
    while out >= 0 and term > 0:
        (inside if out <= spare else beyond).append(term)
        term *= out / (placed - out + 1) / odds
        out -= 1
    works, fails = math.fsum(inside), math.fsum(beyond)
    return works / (works + fails), fails / (works + fails)


def with_common_cause(needed: int, placed: int, node: float, beta: float) -> float:
    """Availability of `needed` of `placed` parts that share a part `beta` of their failures (beta model).

    The share `beta` of a part's outage 1 - a strikes all of them at once, the rest each on its own:
    A = 1 - [beta (1 - a) + 1 - k_of_n(needed, placed, 1 - (1 - beta)(1 - a))].
    For a pair this is 1 - [beta (1 - a) + ((1 - beta)(1 - a))^2], for one part the part itself. The two outages are
    added as if they never met, which is on the safe side. Raises ValueError as `k_of_n`, and when beta is not 0 to 1.
    """
    return 1 - common_cause_outage(needed, placed, 1 - node, beta)


def common_cause_outage(needed: int, placed: int, node_outage: float, beta: float) -> float:
    """1 - `with_common_cause` with all digits, from the outage of one part."""
    _refuse_no_share(node_outage=node_outage, beta=beta)
    if needed == 0:
        return 0.0
    return min(1.0, beta * node_outage + k_of_n_outage(needed, placed, (1 - beta) * node_outage))


def failover_loss(failures_per_year: float, seconds: float) -> float:
    """Share of the year lost while something else takes over: failures x seconds / 31,536,000.

    Raises ValueError for a negative argument.
    """
    if failures_per_year < 0 or seconds < 0:
        raise ValueError(f"failures and seconds must be 0 or more, are {failures_per_year} and {seconds}")
    return min(1.0, failures_per_year * seconds / SECONDS_PER_YEAR)


def mtbf_h(afr_percent: float) -> float:
    """Mean time between failures in hours from the failures per hundred devices and year: 876,000 / AFR.

    Source: Schneider Electric. Raises ValueError unless the rate is above 0.
    """
    if not afr_percent > 0:
        raise ValueError(f"afr_percent must be above 0, is {afr_percent}")
    return 100 * HOURS_PER_YEAR / afr_percent


def from_repair(mtbf_h: float, repair_h: float) -> float:
    """Availability of a part that works `mtbf_h` hours and is then repaired for `repair_h`: MTBF / (MTBF + MTTR).

    Raises ValueError unless the first is above 0 and the second 0 or more.
    """
    if not mtbf_h > 0 or repair_h < 0:
        raise ValueError(f"mtbf_h must be above 0 and repair_h 0 or more, are {mtbf_h} and {repair_h}")
    return mtbf_h / (mtbf_h + repair_h)


def downtime_min_per_year(percent: float) -> float:
    """Minutes of a year of 365 days that an availability in percent leaves out: 99.9 gives 525.6.

    Raises ValueError when `percent` is not 0 to 100.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must be 0 to 100, is {percent}")
    return (100 - percent) / 100 * MINUTES_PER_YEAR
