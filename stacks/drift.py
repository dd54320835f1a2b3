"""How the account differs from what was made in it: changed by hand, gone, or there without being asked for.

The CLI compares every resource (`refresh`, as a preview), and the account is asked for the rest. Nothing is changed.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatworks.drift import Finding, Part
from seatworks.plan.model import Plan, Site
from stacks.engine import Client
from stacks.likeness import alike
from stacks.values import Properties

_GROUP = "aws:ec2/securityGroup:SecurityGroup"
# What changes by itself on the days of a peak: a group's size, and what hangs on its interface.
_PASSING = {
    "aws:autoscaling/group:Group": {"desiredCapacity"},
    "aws:ec2/networkInterface:NetworkInterface": {"attachments"},
}
_SCHEDULE = "aws:autoscaling/schedule:Schedule"
_LONGEST = 100
# Copies that a service makes of what is ours, with its tags: daily snapshots of a database, points of AWS Backup.
_AUTOMATIC = re.compile(r":snapshot:(rds|awsbackup):|:recovery-point:")


@dataclass(slots=True)
class Stack:
    """What a deployment has in the account, as it is recorded, and how its differences are worded."""

    plan: Plan
    # By identifier and by ARN: the name of each resource.
    known: dict[str, str] = field(default_factory=dict)
    # Security groups by identifier: their names.
    groups: dict[str, str] = field(default_factory=dict)

    def note(self, type_: str, name: str, id_: str, outputs: Mapping[str, Any]) -> None:
        """Add one recorded resource."""
        self.known |= {str(key): name for key in (id_, outputs.get("arn")) if key}
        if type_ == _GROUP:
            self.groups[id_] = name

    def finding(self, place: str, wanted: str, found: str, remedy: str = "") -> Finding:
        """One difference of the account."""
        return Finding(Part.ACCOUNT, place, wanted, found, remedy or self._deploy())

    def changed(self, type_: str, name: str, before: Properties, after: Properties | None) -> Iterator[Finding]:
        """The findings of one resource: gone, or with other properties."""
        place = f"{type_.rpartition(':')[2]} {name}"
        if after is None and type_ == _SCHEDULE and _has_passed(str(before.get("startTime", ""))):
            # AWS forgets a scheduled action that it has carried out.
            return
        if after is None:
            yield self.finding(place, "it exists", "it is not there")
            return
        for key in sorted((before.keys() | after.keys()) - _PASSING.get(type_, set())):
            old, new = before.get(key), after.get(key)
            if not alike(old, new):
                yield self.finding(place, f"{key}: {_shown(old, new)}", _shown(new, old))

    def _deploy(self) -> str:
        return f"pulumi -C stacks/seats -s {self.plan.name} refresh, then make deploy ENV={self.plan.name}"


def _has_passed(moment: str) -> bool:
    return bool(moment) and datetime.datetime.fromisoformat(moment) <= datetime.datetime.now(datetime.UTC)


def _of_groups(client: Client) -> set[str]:
    """Disks of machines that Auto Scaling groups made: unlike the machines, they bear no tag of AWS's own."""
    wanted = [{"Name": "tag-key", "Values": ["aws:autoscaling:groupName"]}]
    pages = client("ec2").get_paginator("describe_instances").paginate(Filters=wanted)
    machines = [machine for page in pages for group in page["Reservations"] for machine in group["Instances"]]
    return {disk["Ebs"]["VolumeId"] for machine in machines for disk in machine.get("BlockDeviceMappings", [])}


def _ended(client: Client) -> set[str]:
    """Machines and NAT gateways that are gone: they are told of, with their tags, for about an hour more."""
    wanted = [{"Name": "instance-state-name", "Values": ["shutting-down", "terminated"]}]
    gone = [{"Name": "state", "Values": ["deleting", "deleted"]}]
    pages = client("ec2").get_paginator("describe_instances").paginate(Filters=wanted)
    machines = [machine for page in pages for group in page["Reservations"] for machine in group["Instances"]]
    gateways = client("ec2").get_paginator("describe_nat_gateways").paginate(Filter=gone)
    return {
        *(machine["InstanceId"] for machine in machines),
        *(gateway["NatGatewayId"] for page in gateways for gateway in page["NatGateways"]),
    }


def strangers(client: Client, stack: Stack) -> Iterator[Finding]:
    """What stands in the account and is no part of the stack: resources with its tags, and openings in its firewall."""
    remedy = "delete it, or take it into the program"
    passed = {*stack.known, *_ended(client), *_of_groups(client)}
    for name in sorted(set(_tagged(client, stack.plan.name))):
        if not passed & {name, _last(name)} and not _AUTOMATIC.search(name):
            yield stack.finding(_last(name), "nothing", f"it bears the tags of {stack.plan.name}: {name}", remedy)
    for rule in _rules(client, stack.groups):
        if rule["SecurityGroupRuleId"] not in stack.known:
            place = f"SecurityGroup {stack.groups[rule['GroupId']]}"
            yield stack.finding(place, "only what the plan's flows open", f"{_opening(rule)} is open", "take it away")


def refreshed(stack: Stack, event: Any) -> list[Finding]:
    """What one event of the CLI's refresh tells. It masks secrets, so that one has another value is not told."""
    if not event.res_outputs_event:
        return []
    told = event.res_outputs_event.metadata
    op = str(getattr(told.op, "value", told.op))
    if op not in {"update", "delete"} or told.old is None:
        return []
    before, name = dict(told.old.outputs or {}), told.urn.rpartition("::")[2]
    after = None if op == "delete" else dict((told.new and told.new.outputs) or {})
    return list(stack.changed(told.type, name, before, after))


def nothing(stack: Stack) -> list[Finding]:
    """What is said of a cloud site that was never made: one finding, or none when the plan has no hosts there."""
    hosts = [host.name for host in stack.plan.hosts if host.site is Site.CLOUD]
    wanted, remedy = f"a cloud site with {', '.join(hosts)}", f"make deploy ENV={stack.plan.name}"
    return [stack.finding(stack.plan.region or "", wanted, "nothing", remedy)] if hosts else []


def _tagged(client: Client, deployment: str) -> Iterator[str]:
    """ARNs and identifiers of what bears the deployment's tag.

    What AWS makes on behalf of another resource, such as the machines of an Auto Scaling group, bears tags that
    begin with `aws:` as well, and is left out.
    """
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    for page in pages.paginate(TagFilters=[{"Key": "Deployment", "Values": [deployment]}]):
        for found in page["ResourceTagMappingList"]:
            if not any(tag["Key"].startswith("aws:") for tag in found["Tags"]):
                yield str(found["ResourceARN"])


def _rules(client: Client, groups: Iterable[str]) -> Iterator[dict[str, Any]]:
    pages = client("ec2").get_paginator("describe_security_group_rules")
    for group in groups:
        for page in pages.paginate(Filters=[{"Name": "group-id", "Values": [group]}]):
            yield from page["SecurityGroupRules"]


def _opening(rule: Mapping[str, Any]) -> str:
    way = "to" if rule["IsEgress"] else "from"
    there = next(
        (str(rule[key]) for key in ("CidrIpv4", "CidrIpv6", "PrefixListId") if rule.get(key)),
        str(rule.get("ReferencedGroupInfo", {}).get("GroupId", "")),
    )
    first, last = rule.get("FromPort", -1), rule.get("ToPort", -1)
    ports = "every port" if first == -1 else f"{first}" if first == last else f"{first}-{last}"
    protocol = "" if rule["IpProtocol"] == "-1" else f"{rule['IpProtocol']} "
    return f"{protocol}{ports} {way} {there}"


def _last(arn: str) -> str:
    return arn.replace("/", ":").rpartition(":")[2]


def _shown(value: Any, other: Any) -> str:
    """A value in one short line. Of a block, only what differs from the other one."""
    if isinstance(value, Mapping) and isinstance(other, Mapping):
        value = {key: part for key, part in value.items() if not alike(part, other.get(key))}
    if value in (None, {}, []):
        return "not set"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
