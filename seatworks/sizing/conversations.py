"""Memory for conversations: they lie on a call server, unencrypted, until they end and are encrypted.

With recorded calls a Poisson stream of exponential talk times, `n` go on at once on average and each is `talk_s` old on
average (no memory). What they hold has the mean n x talk_s and the variance n x 2 talk_s^2 (compound Poisson), so with
`k` standard deviations: talk_s x (n + k sqrt(2n)) seconds.
"""

from __future__ import annotations

import math


def seconds(recorded: float, talk_s: float, deviations: float) -> float:
    """Call-seconds that `recorded` calls at once hold, no more with `deviations` standard deviations."""
    return talk_s * (recorded + deviations * math.sqrt(2 * recorded))


def most(held_s: float, talk_s: float, deviations: float) -> float:
    """Recorded calls at once whose conversations fit into `held_s` call-seconds: the inverse of `seconds`."""
    half = deviations / math.sqrt(2)
    return (math.sqrt(half * half + held_s / talk_s) - half) ** 2
