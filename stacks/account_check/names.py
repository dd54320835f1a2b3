"""Whether a name that the program gives is free. Which names those are, a preview tells: they stand nowhere else.

AWS refuses most names a second time, and some it gives silently to whoever asks last (alarms, rules, topics). Buckets,
roles and keys are named by Pulumi with letters drawn for the purpose: those are free.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from seatworks.errors import Problem
from stacks.account_check.asking import Asker, place

Json = Mapping[str, Any]
# How many names one message tells; the others are as many as it says.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """How to list what bears a name: service, operation, key of the list and of the name in an entry.

    `asked` is the property of the resource that is its name; without one the account may have a single one of the
    kind, whatever its name. A name may come as the end of an ARN.
    """

    service: str
    operation: str
    key: str
    name: str
    asked: str = "name"
    members: Json = field(default_factory=dict)


LISTINGS: dict[str, Listing] = {
    "aws:autoscaling/group:Group": Listing(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", "AutoScalingGroupName"
    ),
    "aws:backup/vault:Vault": Listing("backup", "list_backup_vaults", "BackupVaultList", "BackupVaultName"),
    "aws:cfg/rule:Rule": Listing("config", "describe_config_rules", "ConfigRules", "ConfigRuleName"),
    "aws:cloudtrail/trail:Trail": Listing(
        "cloudtrail", "describe_trails", "trailList", "Name", members={"includeShadowTrails": False}
    ),
    "aws:cloudwatch/eventRule:EventRule": Listing("events", "list_rules", "Rules", "Name"),
    "aws:cloudwatch/logGroup:LogGroup": Listing("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Listing("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "aws:connect/instance:Instance": Listing(
        "connect", "list_instances", "InstanceSummaryList", "InstanceAlias", "instanceAlias"
    ),
    "aws:ec2/keyPair:KeyPair": Listing("ec2", "describe_key_pairs", "KeyPairs", "KeyName", "keyName"),
    "aws:ec2/launchTemplate:LaunchTemplate": Listing(
        "ec2", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateName"
    ),
    "aws:kms/alias:Alias": Listing("kms", "list_aliases", "Aliases", "AliasName"),
    "aws:rds/instance:Instance": Listing(
        "rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier", "identifier"
    ),
    "aws:rds/parameterGroup:ParameterGroup": Listing(
        "rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"
    ),
    "aws:rds/subnetGroup:SubnetGroup": Listing(
        "rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"
    ),
    # A secret that was deleted keeps its name for up to 30 days.
    "aws:secretsmanager/secret:Secret": Listing(
        "secretsmanager", "list_secrets", "SecretList", "Name", members={"IncludePlannedDeletion": True}
    ),
    "aws:sns/topic:Topic": Listing("sns", "list_topics", "Topics", "TopicArn"),
    # An account has one of these, or none.
    "aws:cfg/deliveryChannel:DeliveryChannel": Listing(
        "config", "describe_delivery_channels", "DeliveryChannels", "name", ""
    ),
    "aws:cfg/recorder:Recorder": Listing(
        "config", "describe_configuration_recorders", "ConfigurationRecorders", "name", ""
    ),
    "aws:guardduty/detector:Detector": Listing("guardduty", "list_detectors", "DetectorIds", "", ""),
    "aws:iam/serviceLinkedRole:ServiceLinkedRole": Listing(
        "iam", "list_roles", "Roles", "", "", {"PathPrefix": "/aws-service-role/config.amazonaws.com/"}
    ),
}


def created(event: Any) -> list[Json]:
    """The resource that an event of a preview says will be made, where none of the stack was before."""
    step = event.resource_pre_event.metadata if event.resource_pre_event else None
    if step is None or step.new is None or str(getattr(step.op, "value", step.op)) != "create":
        return []
    return [{"type": step.new.type, "inputs": step.new.inputs or {}}]


def questions(asker: Asker, made: Iterable[Json]) -> list[tuple[str, Callable[[], Iterable[Problem]]]]:
    """One for each kind of name, in each region: which of those that will be made are taken."""
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for resource in made:
        if listing := LISTINGS.get(resource["type"]):
            inputs = resource["inputs"]
            # A name that is not known yet is no text, and nobody has it.
            wanted[resource["type"], str(inputs.get("region") or asker.region)].append(str(inputs.get(listing.asked)))
    return [
        (f"names of {_kind(type_)}", partial(_taken, asker, type_, region, names))
        for (type_, region), names in sorted(wanted.items())
    ]


def _taken(asker: Asker, type_: str, region: str, names: list[str]) -> Iterator[Problem]:
    listing = LISTINGS[type_]
    entries = asker.all(listing.service, listing.operation, listing.key, region=region, **listing.members)
    if not listing.asked:
        if entries:
            yield Problem(
                place(region, _kind(type_)),
                "the account has one already that is no part of this stack, and can have no second",
                "set seats:ownsAccount to false if others look after the account; otherwise delete it, or take it "
                "over with `pulumi import`",
            )
        return
    # A topic is listed by its ARN alone; its name cannot hold a colon.
    there = {str(entry.get(listing.name, "")).rpartition(":")[2]: entry for entry in entries}
    if found := sorted(name for name in names if name in there):
        told = [f"{name} (deleted, but not for good)" if "DeletedDate" in there[name] else name for name in found]
        more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
        yield Problem(
            place(region, _kind(type_)),
            f"already there, and no part of this stack: {', '.join(told[:_SHOWN])}{more}",
            "if an earlier run made it, bring back that run's state; otherwise give the deployment another name, "
            "or delete what is there",
        )


def _kind(type_: str) -> str:
    """`backup Vault` of `aws:backup/vault:Vault`."""
    _, module, name = type_.split(":")
    return f"{module.partition('/')[0]} {name}"
