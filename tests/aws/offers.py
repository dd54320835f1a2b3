"""EC2 and RDS: what is offered where. Each partition knows its own regions; China has machines, RDS has PostgreSQL.

The emulator tells every partition's regions to everybody, has no list of machine types for the regions in China, and
no class of database but Aurora's and Neptune's.
"""

from __future__ import annotations

import functools
from typing import Any

from lab.aws.rds import VERSIONS

# Families that RDS runs PostgreSQL on.
_FAMILIES = {"m6i", "m7i", "r6i", "r7i", "t3"}


def extend() -> None:
    """Add it, once in a process."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse
    from moto.utilities.utils import get_partition

    if hasattr(RegionsAndZonesBackend, "seatworks_own_partition"):
        return
    setattr(RegionsAndZonesBackend, "seatworks_own_partition", True)  # noqa: B010 - of ours on a class of theirs
    regions, options = RegionsAndZonesBackend.describe_regions, RDSBackend.describe_orderable_db_instance_options
    answer = RDSResponse.describe_orderable_db_instance_options

    @functools.wraps(regions)
    def own_regions(self: Any, region_names: list[str] | None = None) -> list[Any]:
        own = get_partition(self.region_name)
        return [region for region in regions(self, region_names) if get_partition(region.name) == own]

    def orderable(self: Any, engine: str, engine_version: str) -> list[dict[str, Any]]:
        if engine != "postgres":
            return list(options(self, engine, engine_version))
        zones = RegionsAndZonesBackend.zones[self.region_name]
        return [
            {
                "Engine": engine,
                "EngineVersion": version,
                "DBInstanceClass": f"db.{type_}",
                "AvailabilityZones": [{"Name": zone.name} for zone in zones],
                "MultiAZCapable": True,
                "StorageType": "gp3",
            }
            for type_ in INSTANCE_TYPES
            if type_.partition(".")[0] in _FAMILIES
            for version in VERSIONS.values()
            if engine_version in (None, version)
        ]

    @functools.wraps(answer)
    def of_class(self: Any) -> Any:
        told: Any = answer(self)
        if wanted := self.params.get("DBInstanceClass"):
            members = told.result["OrderableDBInstanceOptions"]
            told.result["OrderableDBInstanceOptions"] = [each for each in members if each["DBInstanceClass"] == wanted]
        return told

    for region, zones in RegionsAndZonesBackend.zones.items():
        if region.startswith("cn-"):
            INSTANCE_TYPE_OFFERINGS["availability-zone"][region] = [
                {"InstanceType": type_, "LocationType": "availability-zone", "Location": zone.name}
                for type_ in INSTANCE_TYPES
                for zone in zones
            ]
    for holder, name, better in (
        (RegionsAndZonesBackend, regions.__name__, own_regions),
        (RDSBackend, options.__name__, orderable),
        (RDSResponse, answer.__name__, of_class),
    ):
        setattr(holder, name, better)
