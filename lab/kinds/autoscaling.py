"""Auto Scaling: launch templates, groups, their lifecycle hooks and scheduled actions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from lab.aws.account import Account
from lab.kinds._kind import Change, Create, Delete, Kind, Read
from lab.kinds._members import Member, Members, members, properties, request, to_members, to_properties
from lab.kinds.vpc import arn, retag, specification, tag_list, tags_in
from stacks.values import Properties

# Flags that the provider writes as text in a launch template.
_TEXT_FLAGS = ("associatePublicIpAddress", "deleteOnTermination", "encrypted")


def _flags_out(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: part == "true" if key in _TEXT_FLAGS else _flags_out(part) for key, part in value.items()}
    return [_flags_out(entry) for entry in value] if isinstance(value, list) else value


def _flags_back(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: str(part).lower() if key in _TEXT_FLAGS else _flags_back(part) for key, part in value.items()}
    return [_flags_back(entry) for entry in value] if isinstance(value, list) else value


def _marks(value: list[Properties]) -> list[dict[str, Any]]:
    return [{"ResourceType": entry["resourceType"], "Tags": tag_list(entry, "tags")} for entry in value]


def _marked(value: list[dict[str, Any]]) -> list[Properties]:
    # The emulator tells the template's own tags here too.
    return [
        {"resourceType": entry["ResourceType"], "tags": tags_in(entry["Tags"])}
        for entry in value
        if entry["ResourceType"] != "launch-template"
    ]


def _listed(name: str) -> Member:
    return Member(
        name, out=lambda value: to_members(_flags_out(value)), back=lambda value: _flags_back(to_properties(value))
    )


_TEMPLATE = members(
    *("imageId", "instanceType", "keyName", "userData", "iamInstanceProfile", "metadataOptions"),
    networkInterfaces=_listed("NetworkInterfaces"),
    blockDeviceMappings=_listed("BlockDeviceMappings"),
    tagSpecifications=Member("TagSpecifications", out=_marks, back=_marked),
)


def _template(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_launch_template(
        LaunchTemplateName=inputs["name"],
        VersionDescription=inputs.get("description", ""),
        LaunchTemplateData=request(_TEMPLATE, inputs),
        TagSpecifications=specification("launch-template", inputs),
    )
    id_ = made["LaunchTemplate"]["LaunchTemplateId"]
    return id_, {"arn": arn(account, "ec2", f"launch-template/{id_}")}


def _version(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    """A template is never changed: it gets another version."""
    ec2 = account.client("ec2")
    made = ec2.create_launch_template_version(
        LaunchTemplateId=id_,
        VersionDescription=new.get("description", ""),
        LaunchTemplateData=request(_TEMPLATE, new),
    )["LaunchTemplateVersion"]
    if new.get("updateDefaultVersion"):
        ec2.modify_launch_template(LaunchTemplateId=id_, DefaultVersion=str(made["VersionNumber"]))


def _read_template(account: Account, id_: str, _known: Properties) -> Properties:
    ec2 = account.client("ec2")
    (found,) = ec2.describe_launch_template_versions(LaunchTemplateId=id_, Versions=["$Latest"])[
        "LaunchTemplateVersions"
    ]
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [id_]}])["Tags"]
    return {
        **properties(_TEMPLATE, found["LaunchTemplateData"]),
        "name": found["LaunchTemplateName"],
        "description": found.get("VersionDescription") or None,
        "tagsAll": tags_in(tags),
        "arn": arn(account, "ec2", f"launch-template/{id_}"),
    }


def _launched(value: Properties) -> dict[str, str]:
    return {"LaunchTemplateId": value["id"], "Version": value.get("version", "$Default")}


_GROUP = members(
    *("minSize", "maxSize", "desiredCapacity", "availabilityZones", "healthCheckType", "healthCheckGracePeriod"),
    name="AutoScalingGroupName",
    launchTemplate=Member(
        "LaunchTemplate",
        out=_launched,
        back=lambda found: {"id": found["LaunchTemplateId"], "version": found["Version"]},
    ),
)
_SIZE = ("minSize", "maxSize", "desiredCapacity")
_GRANULARITY = "1Minute"


def _marks_of(inputs: Properties) -> list[dict[str, Any]]:
    return [
        {
            "ResourceId": inputs["name"],
            "ResourceType": "auto-scaling-group",
            "Key": entry["key"],
            "Value": entry["value"],
            "PropagateAtLaunch": entry["propagateAtLaunch"],
        }
        for entry in inputs.get("tags", [])
    ]


def _group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    scaling, name = account.client("autoscaling"), inputs["name"]
    scaling.create_auto_scaling_group(**request(_GROUP, inputs), Tags=_marks_of(inputs))
    _measure(account, name, inputs, {})
    return name, {"arn": _found_group(account, name)["AutoScalingGroupARN"]}


def _found_group(account: Account, id_: str) -> dict[str, Any]:
    found = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[id_])
    return next(iter(found["AutoScalingGroups"]), {})


def _set_group(account: Account, _id: str, new: Properties, old: Properties) -> None:
    # What has not changed is not said: the size is a schedule's meanwhile.
    changed = [name for name in _GROUP if new.get(name) != old.get(name)]
    account.client("autoscaling").update_auto_scaling_group(**request(_GROUP, new, "name", *changed))


def _measure(account: Account, id_: str, new: Properties, old: Properties) -> None:
    scaling, wanted = account.client("autoscaling"), new.get("enabledMetrics", [])
    if gone := sorted(set(old.get("enabledMetrics", [])) - set(wanted)):
        scaling.disable_metrics_collection(AutoScalingGroupName=id_, Metrics=gone)
    if wanted:
        scaling.enable_metrics_collection(AutoScalingGroupName=id_, Metrics=wanted, Granularity=_GRANULARITY)


def _retag_group(account: Account, id_: str, new: Properties, old: Properties) -> None:
    scaling, kept = account.client("autoscaling"), {entry["key"] for entry in new.get("tags", [])}
    if gone := [mark for mark in _marks_of({**old, "name": id_}) if mark["Key"] not in kept]:
        scaling.delete_tags(Tags=gone)
    scaling.create_or_update_tags(Tags=_marks_of({**new, "name": id_}))


def _read_group(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = _found_group(account, id_)
    if not found or found.get("Status"):
        # With a status it is being deleted.
        return None
    tags = [
        {"key": entry["Key"], "value": entry["Value"], "propagateAtLaunch": entry["PropagateAtLaunch"]}
        for entry in sorted(found["Tags"], key=lambda entry: str(entry["Key"]))
    ]
    return {
        **properties(_GROUP, found),
        "enabledMetrics": sorted(entry["Metric"] for entry in found.get("EnabledMetrics", [])) or None,
        "tags": tags or None,
        "arn": found["AutoScalingGroupARN"],
    }


def _no_group(account: Account, id_: str, outputs: Properties) -> None:
    if _found_group(account, id_):
        account.client("autoscaling").delete_auto_scaling_group(
            AutoScalingGroupName=id_, ForceDelete=outputs.get("forceDelete", False)
        )


_HOOK = members(
    *("lifecycleTransition", "heartbeatTimeout", "defaultResult"),
    name="LifecycleHookName",
    autoscalingGroupName="AutoScalingGroupName",
)


_ACTION = members(
    *_SIZE,
    *("scheduledActionName",),
    autoscalingGroupName="AutoScalingGroupName",
    startTime=Member("StartTime", back=lambda moment: _utc(moment)),
)


def _utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Part(NamedTuple):
    """What makes, changes, reads and deletes a part of a group."""

    create: Create
    change: Change
    read: Read
    delete: Delete


def _part(table: Members, name: str, calls: tuple[str, str, str], listed: str) -> _Part:
    """What a group has under a name. `calls` put, list and delete it; `listed` is the key of the list."""
    put, tell, drop = calls
    one = table[name].name

    def ask(account: Account, call: str, **asked: Any) -> Any:
        return getattr(account.client("autoscaling"), call)(**asked)

    def change(account: Account, _id: str, new: Properties, _old: Properties) -> None:
        ask(account, put, **request(table, new))

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        change(account, "", inputs, {})
        return f"{inputs['autoscalingGroupName']}/{inputs[name]}", {}

    def read(account: Account, id_: str, _known: Properties) -> Properties | None:
        group, _, own = id_.partition("/")
        found = ask(account, tell, AutoScalingGroupName=group, **{f"{one}s": [own]})[listed]
        return properties(table, found[0]) if found else None

    def delete(account: Account, id_: str, _outputs: Properties) -> None:
        group, _, own = id_.partition("/")
        # A scheduled action that has been carried out is gone by itself.
        if read(account, id_, {}):
            ask(account, drop, AutoScalingGroupName=group, **{one: own})

    return _Part(create, change, read, delete)


_HOOKS = _part(
    _HOOK,
    "name",
    ("put_lifecycle_hook", "describe_lifecycle_hooks", "delete_lifecycle_hook"),
    "LifecycleHooks",
)
_ACTIONS = _part(
    _ACTION,
    "scheduledActionName",
    ("put_scheduled_update_group_action", "describe_scheduled_actions", "delete_scheduled_action"),
    "ScheduledUpdateGroupActions",
)


def _nothing(_account: Account, _id: str, _new: Properties, _old: Properties) -> None:
    """A setting of the provider itself: there is nothing to change in the account."""


SCALING = {
    "aws:ec2/launchTemplate:LaunchTemplate": Kind(
        create=_template,
        delete=lambda account, id_, _: account.client("ec2").delete_launch_template(LaunchTemplateId=id_),
        read=_read_template,
        changes={**dict.fromkeys((*_TEMPLATE, "description"), _version), "updateDefaultVersion": _nothing},
        named="name",
        tags=retag,
        required=("imageId", "instanceType"),
        defaults={**dict.fromkeys(_TEMPLATE), "description": None},
        untold=("updateDefaultVersion",),
    ),
    "aws:autoscaling/group:Group": Kind(
        create=_group,
        delete=_no_group,
        read=_read_group,
        changes={
            **dict.fromkeys(set(_GROUP) - {"name"}, _set_group),
            "enabledMetrics": _measure,
            "tags": _retag_group,
            "forceDelete": _nothing,
            "waitForCapacityTimeout": _nothing,
        },
        named="name",
        required=("minSize", "maxSize", "availabilityZones", "launchTemplate"),
        defaults={
            "healthCheckType": "EC2",
            "healthCheckGracePeriod": 300,
            "enabledMetrics": None,
            "tags": None,
        },
        untold=("forceDelete", "waitForCapacityTimeout"),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": Kind(
        create=_HOOKS.create,
        delete=_HOOKS.delete,
        read=_HOOKS.read,
        changes={"heartbeatTimeout": _HOOKS.change, "defaultResult": _HOOKS.change},
        named="name",
        required=("autoscalingGroupName", "lifecycleTransition"),
        defaults={"heartbeatTimeout": 3600, "defaultResult": "ABANDON"},
    ),
    "aws:autoscaling/schedule:Schedule": Kind(
        create=_ACTIONS.create,
        delete=_ACTIONS.delete,
        read=_ACTIONS.read,
        changes=dict.fromkeys((*_SIZE, "startTime"), _ACTIONS.change),
        named="scheduledActionName",
        required=("autoscalingGroupName", "startTime"),
    ),
}
