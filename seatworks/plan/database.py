"""How the database of the plan is run, and where the service may stand when the cloud runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seatworks.plan.model import Database, Network
from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.sizing import Sizing


def database(sizing: Sizing, networks: Sequence[Network]) -> Database:
    """The database of the plan. `networks` are those of the cloud that it may stand in, one per zone at least."""
    figures = table("database")
    choice = sizing.database
    if not choice.managed:
        return Database(managed=False, why=choice.why, version=figures["version"]["value"])
    return Database(
        managed=True,
        why=choice.why,
        version=figures["version"]["value"],
        networks=tuple(network.name for network in networks),
        backup_days=figures["backup_days"]["value"],
        storage_max_gb=disk_gb(sizing) * figures["storage_growth"]["value"],
        parameters=tuple((name, str(entry["value"])) for name, entry in sorted(figures["parameters"].items())),
    )


def disk_gb(sizing: Sizing) -> int:
    """What the service's disk begins with: there is no system on it."""
    return max(sizing.database_gb, int(table("database")["storage_min_gb"]["value"]))
