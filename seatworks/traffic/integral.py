"""Integrals that stand for the sums of traffic theory, and the exact small differences they are made of.

The sums of Erlang's formulas have as many terms as there are servers. Each of them is also an integral over a smooth
hill (DLMF 8.6.4 for 1/B: A times the integral of exp(-A u) (1 + u)^N), which 32 points of Gauss's rule give to the last
digits at any size: a billion servers cost what a thousand do.
"""

from __future__ import annotations

import math

DEPTH = 45.0
"""Where a hill has fallen by exp(-45) = 3e-20 it no longer counts."""

NEAR = 0.1
"""Nearer to 0 than this, x - log(1 + x) loses more than a digit when taken as it is written."""


def _gauss(count: int) -> tuple[tuple[float, float], ...]:
    """Points and weights of Gauss-Legendre on [0, 1] (Abramowitz and Stegun 25.4.29), by Newton's method."""
    points = []
    for number in range(count):
        x = math.cos(math.pi * (number + 0.75) / (count + 0.5))
        for _ in range(6):
            last, value = 1.0, x
            for k in range(2, count + 1):
                last, value = value, ((2 * k - 1) * x * value - (k - 1) * last) / k
            slope = count * (x * value - last) / (x * x - 1)
            x -= value / slope
        points.append(((1 - x) / 2, 1 / ((1 - x * x) * slope * slope)))
    return tuple(points)


POINTS = _gauss(32)


def sag(x: float) -> float:
    """x - log(1 + x) for |x| < NEAR, where the two are nearly equal, to the last digit.

    With r = x / (2 + x): log(1 + x) = 2 (r + r^3/3 + r^5/5 + ...), and x - 2 r = x r.
    """
    r = x / (2 + x)
    q = r * r
    return x * r - 2 * r * q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13)))))


def deviance(count: float, mean: float) -> float:
    """count log(count / mean) + mean - count: how unlikely `count` is under Poisson's law with this mean.

    It becomes an exponent of several hundred, so it needs more digits than `sag` keeps from 0.1 on.
    """
    x = (mean - count) / count
    if x <= -0.5:
        # 1 + x has lost the digits of a mean far below the count.
        return count * (x + math.log(count / mean))
    if x >= 1:
        return count * (x - math.log1p(x))
    r = x / (2 + x)
    q = r * r
    series = 0.0
    for odd in range(33, 1, -2):
        series = series * q + 1 / odd
    return count * (x * r - 2 * r * q * series)


def hill(servers: int, erlangs: float) -> float:
    """A times the integral of exp(-|A - N| u - N sag(+-u)) over u > 0, for N of 256 or more.

    + below the load (A > N), where it is 1/B; - from it on (u < 1), where it is what the states above N weigh.
    """
    distance = abs(erlangs - servers)
    sign = 1.0 if erlangs > servers else -1.0
    # sag(u) is near u^2 / 2: solved for DEPTH, and half as far again because sag(u) is a little less.
    end = 1.5 * 2 * DEPTH / (distance + math.sqrt(distance * distance + 2 * DEPTH * servers))
    total = 0.0
    for point, weight in POINTS:
        u = sign * point * end
        # `sag` written out: this loop is what an answer costs.
        if -NEAR < u < NEAR:
            r = u / (2 + u)
            q = r * r
            fall = u * r - 2 * r * q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13)))))
        else:
            fall = u - math.log1p(u)
        total += weight * math.exp(-distance * point * end - servers * fall)
    return erlangs * end * total
