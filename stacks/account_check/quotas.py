"""Whether the account may have what the plan needs, beside what others have in it already.

What bears the deployment's own tag was made by it before and is not counted a second time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatworks.errors import Problem
from seatworks.plan.model import Connect, Plan, Site
from stacks.account_check.asking import Asker, Unanswered, place
from stacks.components.connect.instance import alias


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota, by the codes of Service Quotas, and what it counts."""

    service: str
    code: str
    what: str


# Names and codes as `aws service-quotas list-service-quotas` has them.
ADDRESSES = Quota("ec2", "L-0263D0A3", "elastic addresses")
PROCESSORS = Quota("ec2", "L-1216C47A", "vCPUs of running on-demand machines (A, C, D, H, I, M, R, T, Z)")
NETWORKS = Quota("vpc", "L-F678F1CE", "VPCs")
TRANSLATORS = Quota("vpc", "L-FE5A380F", "NAT gateways in one zone")
INSTANCES = Quota("connect", "L-AA17A6B9", "instances of Amazon Connect")
# The letters by which the types begin that share the quota of processors.
_STANDARD = {"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"}


def addresses(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """One for each public host and each NAT gateway. Raises Unanswered."""
    needed = sum(host.public for host in plan.hosts if host.site is Site.CLOUD) + len(plan.nat_gateways)
    others = _others(plan, asker.all("ec2", "describe_addresses", "Addresses"))
    yield from _enough(asker, plan, ADDRESSES, needed, len(others))


def networks(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """One VPC. Raises Unanswered."""
    others = _others(plan, asker.all("ec2", "describe_vpcs", "Vpcs"))
    yield from _enough(asker, plan, NETWORKS, 1, len(others))


def translators(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """NAT gateways, zone by zone; those that are being made or taken away count. Raises Unanswered."""
    needed = Counter(str(plan.network(name).zone) for name in plan.nat_gateways)
    living = [{"Name": "state", "Values": ["pending", "available", "deleting"]}]
    gateways = _others(plan, asker.all("ec2", "describe_nat_gateways", "NatGateways", Filter=living))
    subnets = sorted({str(gateway["SubnetId"]) for gateway in gateways})
    zones: Mapping[str, str] = {}
    if subnets:
        within = [{"Name": "subnet-id", "Values": subnets}]
        listed = asker.all("ec2", "describe_subnets", "Subnets", Filters=within)
        zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in listed}
    there = Counter(zones.get(str(gateway["SubnetId"])) for gateway in gateways)
    for zone, count in sorted(needed.items()):
        yield from _enough(asker, plan, TRANSLATORS, count, there[zone], zone)


def processors(asker: Asker, plan: Plan) -> Iterator[Problem]:
    """vCPUs of the plan's servers; of others only those that run on demand. Raises Unanswered."""
    hosts = [host for host in plan.hosts if host.site is Site.CLOUD and not host.managed]
    needed = sum(host.vcpus for host in hosts if is_standard(str(host.instance_type)))
    running = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    groups = asker.all("ec2", "describe_instances", "Reservations", Filters=running)
    machines = _others(plan, [machine for group in groups for machine in group["Instances"]])
    types = Counter(
        str(machine["InstanceType"])
        for machine in machines
        # Spot machines have quotas of their own.
        if "InstanceLifecycle" not in machine and is_standard(str(machine["InstanceType"]))
    )
    others = 0
    if types:
        named = [{"Name": "instance-type", "Values": sorted(types)}]
        known = asker.all("ec2", "describe_instance_types", "InstanceTypes", Filters=named)
        others = sum(types[entry["InstanceType"]] * entry["VCpuInfo"]["DefaultVCpus"] for entry in known)
    yield from _enough(asker, plan, PROCESSORS, needed, others)


def connect(asker: Asker, plan: Plan, asked: Connect) -> Iterator[Problem]:
    """One instance; the deployment's own is known by its alias. Raises Unanswered."""
    own = alias(asked.alias, asker.account)
    try:
        listed = asker.all("connect", "list_instances", "InstanceSummaryList")
    except Unanswered as refused:
        if not refused.silent:
            raise
        yield Problem(
            place(asker.region), f"Amazon Connect does not answer here: {refused.why}", "give another cloud.region"
        )
        return
    others = [entry for entry in listed if entry.get("InstanceAlias") != own]
    yield from _enough(asker, plan, INSTANCES, 1, len(others))


def is_standard(type_: str) -> bool:
    """Whether a machine type, such as c6i.large, counts against the quota of processors."""
    family = re.match("[a-z]+", type_)
    return family is not None and family.group() in _STANDARD


def _others(plan: Plan, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What this deployment did not make."""
    return [entry for entry in entries if _deployment(entry) != plan.name]


def _enough(
    asker: Asker, plan: Plan, quota: Quota, needed: int, others: int, where: str | None = None
) -> Iterator[Problem]:
    total, given = needed + others, _given(asker, quota) if needed else 0.0
    if needed and total > given:
        yield Problem(
            place(asker.region, f"zone {where}" if where else ""),
            f"{total} {quota.what} are needed, {needed} by {plan.name} and {others} by others; "
            f"the account may have {given:g}",
            f"ask for more: `aws service-quotas request-service-quota-increase --region {asker.region} "
            f"--service-code {quota.service} --quota-code {quota.code} --desired-value {total}`",
        )


def _given(asker: Asker, quota: Quota) -> float:
    """What the account may have; what every account may have where nobody ever asked for more. Raises Unanswered."""
    which: dict[str, Any] = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = asker.one("service-quotas", "get_service_quota", **which)
    except Unanswered as refused:
        if not refused.missing:
            raise
        answer = asker.one("service-quotas", "get_aws_default_service_quota", **which)
    return float(answer["Quota"]["Value"])


def _deployment(entry: Mapping[str, Any]) -> str:
    """Whose a resource is, by its tag."""
    return next((str(tag["Value"]) for tag in entry.get("Tags", []) if tag["Key"] == "Deployment"), "")
