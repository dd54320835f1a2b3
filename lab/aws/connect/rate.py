"""The limit on requests per second: a bucket that fills at the allowed rate. A rehearsal runs without it.

A rehearsal answers no one else and would only wait; tests of whatever paces itself switch the limit on, with a clock
of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.aws.connect.model import refused


@dataclass(slots=True)
class Bucket:
    """So many requests a second, and so many at once after a pause."""

    per_second: float
    burst: int
    clock: Callable[[], float]
    tokens: float = 0
    filled: float = 0
    throttled: int = 0

    def take(self) -> bool:
        """Whether one more request is allowed now."""
        now = self.clock()
        self.tokens = min(self.burst, self.tokens + (now - self.filled) * self.per_second)
        self.filled = now
        if self.tokens < 1:
            self.throttled += 1
            return False
        self.tokens -= 1
        return True


_limit: list[Bucket] = []


@contextlib.contextmanager
def limited(per_second: float, burst: int, clock: Callable[[], float]) -> Iterator[Bucket]:
    """Refuse what comes faster while this is open."""
    bucket = Bucket(per_second, burst, clock, float(burst), clock())
    _limit.append(bucket)
    try:
        yield bucket
    finally:
        _limit.remove(bucket)


def take() -> None:
    """Count one request. Raises the service's ThrottlingException when it came too fast."""
    if any(not bucket.take() for bucket in _limit):
        raise refused("ThrottlingException", "Rate exceeded")
