"""Requests one after the other, never faster than the interface allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


class Pace:
    """Waits before each request until it is due. `per_second` None waits for nothing: nobody else is served then."""

    def __init__(
        self,
        per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._apart_s = 1 / per_second if per_second else 0.0
        self._clock, self._sleep = clock, sleep
        self._due = clock()
        self.requests = 0

    def ask(self, call: Callable[..., Any], **members: Any) -> Any:
        """The answer to one request, in its time."""
        now = self._clock()
        if now < self._due:
            self._sleep(self._due - now)
        self._due = max(now, self._due) + self._apart_s
        self.requests += 1
        return call(**members)

    def pages(self, call: Callable[..., Any], key: str, **members: Any) -> list[dict[str, Any]]:
        """All entries of a list that comes in pages, each page in its time."""
        found: list[dict[str, Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.ask(call, **members, **token)
            found += answer[key]
            if not answer.get("NextToken"):
                return found
            token = {"NextToken": answer["NextToken"]}
