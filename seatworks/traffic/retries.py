"""Extended Erlang B: callers who are turned away try again."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seatworks.traffic.arguments import check_numbers, check_shares, whole
from seatworks.traffic.loss import erlang_b, log_inverse_blocking


@dataclass(frozen=True, slots=True)
class WithRetries:
    """What a group of channels meets when blocked callers dial again."""

    blocking: float
    """Share of attempts that find every channel busy."""
    offered_incl_retries_erlangs: float
    """Load of first attempts and retries together."""


def extended_erlang_b(servers: int, erlangs: float, recall: float) -> WithRetries:
    """Blocking when the share `recall` of blocked callers tries again (extended Erlang B).

    E = A + recall x E x B(N, E), solved for E by halving: what does not come again, E (1 - recall B), grows with E.
    When everyone retries and the load reaches the servers, the retries grow without end: blocking 1, load infinite.
    Raises ValueError.

    Source: Westbay Engineers, extended Erlang B; retries are added outside Erlang's recursion, not inside each step.
    """
    check_numbers(erlangs=erlangs)
    servers = whole("servers", servers)
    check_shares(recall=recall)
    if erlangs == 0:
        return WithRetries(erlang_b(servers, 0.0), 0.0)
    if recall == 1 and erlangs >= servers:
        return WithRetries(1.0, math.inf)
    if servers == 0:
        return WithRetries(1.0, erlangs / (1 - recall))

    def settled(offered: float) -> float:
        """Load that does not come again; written so that it keeps its digits when nearly all is blocked."""
        log_b = -log_inverse_blocking(servers, offered)
        return offered * (1 - recall) - recall * offered * math.expm1(log_b)

    low, high = float(erlangs), 2 * float(erlangs)
    while settled(high) < erlangs:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if settled(middle) < erlangs else (low, middle)
    return WithRetries(math.exp(-log_inverse_blocking(servers, high)), high)
