"""Rules on `seats.peak_days`: servers that come for a peak and go after it."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator

from seatworks.spec.addresses import entries
from seatworks.spec.choices import Direction, Mode, Platform
from seatworks.spec.model import Spec
from seatworks.spec.read import Finding

_HERE = ("seats", "peak_days")
_REMOVE = "remove it; the servers then carry the peak all year"


def peak(spec: Spec) -> Iterator[Finding]:
    """Everything about the days of a peak. A rule on a value that is broken or missing says nothing."""
    if spec.seats is None:
        return
    if spec.seats.peak_time_zone and spec.seats.peak_time_zone not in zoneinfo.available_timezones():
        yield Finding(
            ("seats", "peak_time_zone"),
            f"is {spec.seats.peak_time_zone}, which is in no tz database",
            "write a name such as Asia/Shanghai",
        )
    if not spec.seats.peak_days:
        return
    if spec.mode not in (None, Mode.CLOUD):
        yield Finding(_HERE, f"is for mode cloud: in mode {spec.mode} call servers stand on the site", _REMOVE)
    if spec.cloud is not None and spec.cloud.platform == Platform.CONNECT:
        yield Finding(_HERE, "is for servers of ours: Amazon Connect grows and shrinks by itself", "remove it")
    if spec.traffic is not None and spec.traffic.direction not in (None, Direction.INBOUND):
        yield Finding(
            _HERE, "is for calls that come in: those that seats make go through the servers of the whole year", _REMOVE
        )
    if spec.seats.peak_extra == 0:
        yield Finding(_HERE, "is given, but peak_extra is 0", "give the seats added for the peak, or remove the days")
    last: tuple[datetime.date, str] | None = None
    for n, period in sorted(entries(spec.seats.peak_days), key=lambda entry: str(entry[1].first)):
        if period.first is None or period.last is None:
            continue
        if period.last < period.first:
            yield Finding((*_HERE, n, "last"), f"is {period.last}, before {period.first}", "give the last day")
        elif last and period.first <= last[0]:
            yield Finding((*_HERE, n, "first"), f"is {period.first}, inside {last[1]}", "give one entry for both")
        last = max(last or (period.last, ""), (period.last, f"the entry that ends on {period.last}"))
