"""Amazon Connect's limit on requests per second: a bucket that fills at the allowed rate, with a clock of the test's.

A rehearsal answers no one else and would only wait, so it runs without.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

from botocore import xform_name

from lab.aws.connect import instance, people, phone_numbers, routing
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


@contextlib.contextmanager
def limited(per_second: float, burst: int, clock: Callable[[], float]) -> Iterator[Bucket]:
    """Refuse what comes faster while this is open, as the service does: ThrottlingException. In an open account."""
    from moto.connect.responses import ConnectResponse

    bucket = Bucket(per_second, burst, clock, float(burst), clock())

    def at_its_pace(plain: Callable[[Any], str]) -> Callable[[Any], str]:
        @functools.wraps(plain)
        def respond(response: Any) -> str:
            if not bucket.take():
                raise refused("ThrottlingException", "Rate exceeded")
            return plain(response)

        return respond

    with contextlib.ExitStack() as stack:
        for operation in (*instance.CALLS, *routing.CALLS, *people.CALLS, *phone_numbers.CALLS):
            name = xform_name(operation)
            stack.enter_context(mock.patch.object(ConnectResponse, name, at_its_pace(getattr(ConnectResponse, name))))
        yield bucket
