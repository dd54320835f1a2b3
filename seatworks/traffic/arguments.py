"""What the traffic functions accept, how they refuse, and how they search and round up."""

from __future__ import annotations

import math
from collections.abc import Callable

MOST = 1e15
"""The largest load, and the largest time in seconds: beyond it a float no longer tells whole numbers apart."""
MOST_SERVERS = 2**53
"""The largest number of servers, for the same reason."""
SHORTEST_S = 1e-9
"""The shortest handling time or patience, in seconds."""


class Unreachable(ValueError):
    """No number of agents or channels reaches what is asked."""


def check_numbers(**values: float) -> None:
    """Refuse NaN, infinity and negative numbers by the name of the argument. Raises ValueError."""
    for name, value in values.items():
        if not 0 <= value <= MOST:
            raise ValueError(f"{name} must be 0 or more and at most {MOST:g}, is {value}")


def check_times(**values: float) -> None:
    """Refuse what cannot be a duration. Raises ValueError."""
    for name, value in values.items():
        if not SHORTEST_S <= value <= MOST:
            raise ValueError(f"{name} must be above 0 s ({SHORTEST_S:g} to {MOST:g}), is {value}")


def check_shares(**values: float) -> None:
    """Refuse what cannot be a probability. Raises ValueError."""
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, is {value}")


def whole(name: str, value: float) -> int:
    """The count as an int. Raises ValueError when it is not a whole number of 0 or more."""
    if not 0 <= value <= MOST_SERVERS or value != int(value):
        raise ValueError(f"{name} must be a whole number from 0 to 2^53, is {value}")
    return int(value)


def up(value: float) -> int:
    """The next whole number; rounding errors of the last digits do not count as a part."""
    return math.ceil(value * (1 - 1e-12))


def scheduled(agents: int, shrinkage: float) -> int:
    """People to schedule so that `agents` sit at their place: ceil(N / (1 - s)), never rounded down.

    `shrinkage` is the share of paid time spent on breaks, training and absence. Raises ValueError.
    """
    agents = whole("agents", agents)
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage must be at least 0 and below 1, is {shrinkage}")
    return up(agents / (1 - shrinkage))


def smallest(reaches: Callable[[int], bool], least: int, start: int) -> int:
    """The smallest n >= `least` for which `reaches(n)`, which once true must stay true; quick when near `start`.

    Doubling steps away from `start` enclose the answer, halving finds it: about 2 log2 of the distance in calls.
    Raises Unreachable past MOST_SERVERS.
    """
    step = 1
    if reaches(start):
        high, low = start, start - step
        while low >= least and reaches(low):
            high = low
            step *= 2
            low -= step
        low = max(low, least - 1)
    else:
        low, high = start, start + step
        while high <= MOST_SERVERS and not reaches(high):
            low = high
            step *= 2
            high += step
        if high > MOST_SERVERS:
            raise Unreachable("no number of servers up to 2^53 reaches what is asked")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high
