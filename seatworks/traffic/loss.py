"""Erlang B: calls that find every channel busy are lost."""

from __future__ import annotations

import math

from seatworks.traffic.arguments import MOST, MOST_SERVERS, Unreachable, check_numbers, check_shares, smallest, whole
from seatworks.traffic.integral import deviance, hill

# Up to here the recursion is as quick as the integral.
_FEW = 256


def inverse_blocking(servers: int, erlangs: float) -> float:
    """1/B for a load above 0; infinite where B is below 1e-308. For the modules of this package: checks nothing.

    Recursion 1/B(n) = 1 + n/A x 1/B(n-1). Above 256 servers an integral (`integral.hill`); from N = A on through
    Poisson's law: 1/B = F(N)/p(N) = 1/p(N) - (weight of the states above N).
    """
    if servers <= _FEW:
        inverse = 1.0
        for n in range(1, servers + 1):
            inverse = 1.0 + inverse * n / erlangs
        return inverse
    if erlangs > servers:
        # From N-1, so that a B near 1 keeps its digits.
        return 1.0 + hill(servers - 1, erlangs) * (servers / erlangs)
    unlikely = -_log_poisson(servers, erlangs)
    return math.exp(unlikely) - hill(servers, erlangs) if unlikely < 709 else math.inf


def log_inverse_blocking(servers: int, erlangs: float) -> float:
    """log(1/B) for a load above 0, also where `inverse_blocking` is infinite."""
    if servers == 0:
        return 0.0
    # From N-1 here too.
    above_one = inverse_blocking(servers - 1, erlangs) * (servers / erlangs)
    # Where that overflows, the states above N weigh nothing.
    return math.log1p(above_one) if above_one < math.inf else -_log_poisson(servers, erlangs)


def _log_poisson(count: int, mean: float) -> float:
    """Logarithm of mean^count exp(-mean) / count!. Large counts by Stirling's series around the mean (Loader 2000)."""
    if count <= _FEW:
        return count * math.log(mean) - mean - math.lgamma(count + 1)
    square = float(count) * count
    stirling = (1 - (1 / 30 - 1 / (105 * square)) / square) / (12 * count)
    return -deviance(count, mean) - stirling - 0.5 * math.log(2 * math.pi * count)


def erlang_b(servers: int, erlangs: float) -> float:
    """Probability that a call finds all `servers` busy and is lost (Erlang B).

    B(0) = 1, B(n) = A B(n-1) / (n + A B(n-1)) (Erlang 1917). No servers lose every call; no load loses none. Raises
    ValueError.
    """
    if not 0 <= erlangs <= MOST:
        check_numbers(erlangs=erlangs)
    if type(servers) is not int or not 0 <= servers <= MOST_SERVERS:
        servers = whole("servers", servers)
    if erlangs == 0:
        return 0.0 if servers else 1.0
    inverse = inverse_blocking(servers, erlangs)
    return 1.0 / inverse if inverse < math.inf else math.exp(-log_inverse_blocking(servers, erlangs))


def log_erlang_b(servers: int, erlangs: float) -> float:
    """Natural logarithm of `erlang_b`, also where that is too small for a float; -inf when nothing is ever lost.

    Raises ValueError.
    """
    check_numbers(erlangs=erlangs)
    servers = whole("servers", servers)
    if erlangs == 0:
        return -math.inf if servers else 0.0
    return 0.0 - log_inverse_blocking(servers, erlangs)


def sweep_blocking(erlangs: float, up_to: int) -> tuple[float, ...]:
    """`erlang_b` for 0, 1, ... `up_to` servers in one pass: the place in the tuple is the number of servers.

    Raises ValueError.
    """
    check_numbers(erlangs=erlangs)
    blocking = 1.0
    swept = [blocking]
    for n in range(1, whole("up_to", up_to) + 1):
        load = erlangs * blocking
        blocking = load / (n + load)
        swept.append(blocking)
    return tuple(swept)


def channels_for(erlangs: float, blocking: float) -> int:
    """The fewest channels that lose at most the share `blocking` of the calls: the smallest n with B(n, A) <= blocking.

    No load needs none. Raises Unreachable when no call at all may be lost, ValueError.
    """
    check_numbers(erlangs=erlangs)
    check_shares(blocking=blocking)
    if erlangs == 0 or blocking == 1:
        return 0
    if blocking == 0:
        raise Unreachable("no call ever lost needs endless channels; give blocking a value such as 0.01")
    # What is carried, A (1 - blocking), cannot exceed the channels.
    least = max(0, math.floor(erlangs * (1 - blocking)) - 1)
    if least < _FEW:
        inverse = 1.0
        for n in range(1, _FEW + 1):
            inverse = 1.0 + inverse * n / erlangs
            if 1.0 / inverse <= blocking:
                return n
        least = _FEW + 1
    return smallest(lambda n: erlang_b(n, erlangs) <= blocking, least, least)


def max_erlangs(servers: int, blocking: float) -> float:
    """The largest load in erlangs that `servers` carry with at most the share `blocking` lost.

    Newton's method on log B over log A, whose slope is N - A (1 - B), the idle servers. log B is concave there, so from
    the left it rises to the answer and never passes it. Only no load loses nothing. Raises ValueError.
    """
    servers = whole("servers", servers)
    if not 0 <= blocking < 1:
        raise ValueError(f"blocking must be at least 0 and below 1, is {blocking}")
    if servers == 0 or blocking == 0:
        return 0.0
    limit = math.log(blocking)
    # B(N, A) < A^N / N!.
    erlangs = math.exp((limit + math.lgamma(servers + 1)) / servers)
    for _ in range(200):
        log_b = -log_inverse_blocking(servers, erlangs)
        # Where nearly all are busy the difference loses its digits; then it is the share of time with one server idle.
        idle = max(servers + erlangs * math.expm1(log_b), math.exp(log_b) * servers / erlangs)
        step = (limit - log_b) / idle
        erlangs *= math.exp(step)
        if step < 1e-15:
            break
    # The last digit must not lie above the limit.
    nudge = 1e-16
    while erlang_b(servers, erlangs) > blocking:
        erlangs *= 1 - nudge
        nudge *= 2
    return erlangs
