"""What guards the cloud site, as the plan says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Copies:
    """Daily copies of one class of data in the cloud: the groups of hosts that hold it, and days a copy is kept."""

    data_class: str
    groups: tuple[str, ...]
    retention_days: int


@dataclass(frozen=True, slots=True)
class Guard:
    """What guards the cloud site. `log_days` is the least that the law asks; `copy_region` gets a second copy.

    `cpu_alarm_percent` is the share of its processors from which a host is overloaded; `copy_hour_utc` is night at the
    region.
    """

    log_days: int
    cpu_alarm_percent: int
    copies: tuple[Copies, ...]
    copy_hour_utc: int
    copy_region: str | None = None
