"""What guards the cloud site: how long logs are kept, what is copied, where to, and when a host is overloaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatworks.plan.model import Copies, Guard, Host, Site
from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.spec import Spec


def guard(spec: Spec, hosts: Sequence[Host]) -> Guard | None:
    """The guard of a deployment with a cloud site; None without one. Figures: data/guard.yml and data/law.yml.

    A copy is deleted no later than what it is of: personal information is kept as short as its purpose allows
    (Personal Information Protection Law, art. 19), and recordings bear the retention that the specification gives.
    """
    if spec.cloud is None:
        return None
    figures = table("guard")
    hours = figures["copy_hours_utc"]
    groups = {host.group for host in hosts if host.site is Site.CLOUD}
    days = min(figures["copy_days"]["value"], spec.recording.retention_days)
    return Guard(
        log_days=table("law")["log_retention_days"]["value"],
        cpu_alarm_percent=figures["cpu_alarm_percent"]["value"],
        copies=tuple(
            Copies(name, held, days)
            for name, entry in sorted(figures["data_classes"].items())
            if (held := tuple(group for group in entry["groups"] if group in groups))
        ),
        copy_hour_utc=hours.get(spec.cloud.region.split("-")[0], hours["other"]),
        copy_region=spec.cloud.backup_region,
    )
