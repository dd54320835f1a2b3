"""Whether a region has what the plan names: zones, machine types in them, database classes, an image, a network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from seatworks.errors import Problem
from seatworks.plan.model import Host, Plan, Site
from stacks.account_check.asking import Asker, place
from stacks.components.ec2 import DEBIAN, IMAGE
from stacks.components.network import vpc_cidr
from stacks.components.place import partition_of
from stacks.components.subnets import cloud_networks


def zones(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """Zones of the plan that are not there, or not in order. Raises Unanswered."""
    states = _zones(asker)
    for zone in sorted({network.zone for network in cloud_networks(plan) if network.zone}):
        state = states.get(zone, "not there for this account")
        if state != "available":
            usable = ", ".join(name for name, state in sorted(states.items()) if state == "available")
            yield Problem(place(asker.region, f"zone {zone}"), f"is {state}", f"give cloud.zones among {usable}")


def machines(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """Zones that lack a machine type of a host. Raises Unanswered."""
    wanted: dict[tuple[str, str], list[Host]] = defaultdict(list)
    for host in plan.hosts:
        zone = plan.network(host.network).zone
        if host.site is Site.CLOUD and not host.managed and host.instance_type and zone:
            wanted[host.instance_type, zone].append(host)
    if not wanted:
        return
    known, having = _zones(asker), defaultdict[str, set[str]](set)
    types = sorted({type_ for type_, _ in wanted})
    for offer in asker.all(
        "ec2",
        "describe_instance_type_offerings",
        "InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": types}],
    ):
        having[offer["InstanceType"]].add(offer["Location"])
    for (type_, zone), hosts in sorted(wanted.items()):
        # Of a zone that is not there `zones` tells.
        if zone in known and zone not in having[type_]:
            names = ", ".join(host.name for host in hosts)
            yield Problem(
                place(asker.region, f"zone {zone}"), f"does not offer {type_}, of {names}", _elsewhere(having[type_])
            )


def databases(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """Classes of managed databases that fewer than two of their zones offer. Raises Unanswered."""
    wanted = {str(plan.network(name).zone) for name in plan.database.networks}
    for host in plan.hosts:
        if not host.managed:
            continue
        version = str(plan.database.version)
        having = {
            str(zone["Name"])
            for option in asker.all(
                "rds",
                "describe_orderable_db_instance_options",
                "OrderableDBInstanceOptions",
                Engine="postgres",
                DBInstanceClass=host.instance_type,
            )
            if option["EngineVersion"].partition(".")[0] == version and option.get("MultiAZCapable")
            for zone in option["AvailabilityZones"]
        }
        if len(having & wanted) < 2:
            lacking = ", ".join(sorted(wanted - having))
            yield Problem(
                place(asker.region, f"zones {lacking}"),
                f"do not offer PostgreSQL {version} as {host.instance_type}, of {host.name}, which stands in two zones",
                f"{_elsewhere(having)}, or run the database on hosts of the plan: cloud.database: instances",
            )


def images(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """A region without the image that machines start with. Raises Unanswered."""
    if not any(host.site is Site.CLOUD and not host.managed for host in plan.hosts):
        return
    owner = DEBIAN[partition_of(asker.region)]
    filters = [{"Name": name, "Values": [value]} for name, value in IMAGE.items()]
    if not asker.all("ec2", "describe_images", "Images", Owners=[owner], Filters=filters):
        yield Problem(
            place(asker.region),
            f"has no machine image {IMAGE['name']} of {owner}, who publishes Debian 13",
            "subscribe to Debian 13 in the marketplace of the region, or give another cloud.region",
        )


def standing_network(asker: Asker, plan: Plan, vpc_id: str) -> Iterator[Problem]:
    """A network to take over that is not there, or has other addresses than the plan. Raises Unanswered."""
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
    found = [vpc["CidrBlock"] for vpc in asker.all("ec2", "describe_vpcs", "Vpcs", Filters=filters)]
    wanted = str(vpc_cidr(plan))
    if not found:
        yield Problem("seats:vpcId", f"{vpc_id} is not in {asker.region}", "give the id of a VPC of this account there")
    elif found != [wanted]:
        yield Problem("seats:vpcId", f"{vpc_id} is {found[0]}, the plan's network {wanted}", "make them the same")


def _zones(asker: Asker) -> dict[str, str]:
    filters = [{"Name": "zone-type", "Values": ["availability-zone"]}]
    listed = asker.all("ec2", "describe_availability_zones", "AvailabilityZones", Filters=filters)
    return {str(zone["ZoneName"]): str(zone["State"]) for zone in listed}


def _elsewhere(zones: set[str]) -> str:
    if zones:
        return f"give cloud.zones among those that do: {', '.join(sorted(zones))}"
    return "no zone of this region does: give another cloud.region"
