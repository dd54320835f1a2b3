"""The days of a peak as moments at which its servers come and go."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.spec import Spec

_CHINA = "Asia/Shanghai"
# Where Auto Scaling waits for a server: until it can take calls, and until it has let the last one go.
READY, DRAINED = "ready", "drained"
# What such a server fetches when it starts, in the bucket of the deployment's bundle.
BUNDLE_KEY = "bundle.tar.gz"


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak: `begins` is when its servers are started, `ends` when they take no more calls. ISO 8601, UTC."""

    begins: str
    ends: str


def peaks(spec: Spec) -> Iterator[Peak]:
    """The peaks of a deployment, oldest first. Pure: past ones too.

    Servers are started `lead_min` (data/cloud.yml) before the first day, so that they can take the first call of it.
    """
    if spec.cloud is None:
        return
    zone = ZoneInfo(spec.seats.peak_time_zone or (_CHINA if spec.cloud.region.startswith("cn-") else "UTC"))
    lead = datetime.timedelta(minutes=table("cloud")["peak_lead_min"]["value"])
    for period in sorted(spec.seats.peak_days, key=lambda each: each.first):
        first = datetime.datetime.combine(period.first, datetime.time(), zone)
        after = datetime.datetime.combine(period.last + datetime.timedelta(days=1), datetime.time(), zone)
        yield Peak(_utc(first - lead), _utc(after))


def days_per_year(spec: Spec) -> int:
    """Days of peak in the year that has most of them, by the calendar of its first days; 0 without any."""
    years: Counter[int] = Counter()
    for period in spec.seats.peak_days:
        years[period.first.year] += (period.last - period.first).days + 1
    return max(years.values(), default=0)


def _utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def group_name(deployment: str, host: str) -> str:
    """The Auto Scaling group of one server of a peak."""
    return f"seatworks-{deployment}-{host}"
