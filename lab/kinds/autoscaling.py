"""Auto Scaling: launch templates, groups, their lifecycle hooks and scheduled actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, Members, members, request, to_members
from lab.kinds._tags import specification, tag_list
from stacks.values import Properties

# Flags that the provider writes as text in a launch template.
_TEXT_FLAGS = ("associatePublicIpAddress", "deleteOnTermination", "encrypted")


def _flags(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: part == "true" if key in _TEXT_FLAGS else _flags(part) for key, part in value.items()}
    return [_flags(entry) for entry in value] if isinstance(value, list) else value


def _marks(value: list[Properties]) -> list[dict[str, Any]]:
    return [{"ResourceType": entry["resourceType"], "Tags": tag_list(entry, "tags")} for entry in value]


def _listed(name: str) -> Member:
    return Member(name, out=lambda value: to_members(_flags(value)))


_TEMPLATE = members(
    *("imageId", "instanceType", "keyName", "userData", "iamInstanceProfile", "metadataOptions"),
    networkInterfaces=_listed("NetworkInterfaces"),
    blockDeviceMappings=_listed("BlockDeviceMappings"),
    tagSpecifications=Member("TagSpecifications", out=_marks),
)


def _template(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("ec2").create_launch_template(
        LaunchTemplateName=inputs["name"],
        VersionDescription=inputs.get("description", ""),
        LaunchTemplateData=request(_TEMPLATE, inputs),
        TagSpecifications=specification("launch-template", inputs),
    )
    id_ = made["LaunchTemplate"]["LaunchTemplateId"]
    return id_, {"arn": account.arn("ec2", f"launch-template/{id_}")}


def _launched(value: Properties) -> dict[str, str]:
    return {"LaunchTemplateId": value["id"], "Version": value.get("version", "$Default")}


_GROUP = members(
    *("minSize", "maxSize", "desiredCapacity", "availabilityZones", "healthCheckType", "healthCheckGracePeriod"),
    name="AutoScalingGroupName",
    launchTemplate=Member("LaunchTemplate", out=_launched),
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
    if metrics := inputs.get("enabledMetrics"):
        scaling.enable_metrics_collection(AutoScalingGroupName=name, Metrics=metrics, Granularity=_GRANULARITY)
    return name, {"arn": _found_group(account, name)["AutoScalingGroupARN"]}


def _found_group(account: Account, id_: str) -> dict[str, Any]:
    found = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[id_])
    return next(iter(found["AutoScalingGroups"]), {})


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
    startTime="StartTime",
)


def _part(table: Members, name: str, in_place: tuple[str, ...], required: str, put: str, delete: str) -> Kind:
    """What a group has under a name: `put` and `delete` are the calls."""
    one = table[name].name

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        getattr(account.client("autoscaling"), put)(**request(table, inputs))
        return f"{inputs['autoscalingGroupName']}/{inputs[name]}", {}

    def remove(account: Account, id_: str, _outputs: Properties) -> None:
        group, _, own = id_.partition("/")
        getattr(account.client("autoscaling"), delete)(AutoScalingGroupName=group, **{one: own})

    return Kind(create, remove, in_place=in_place, named=name, required=("autoscalingGroupName", required))


SCALING = {
    "aws:ec2/launchTemplate:LaunchTemplate": Kind(
        create=_template,
        delete=lambda account, id_, _: account.client("ec2").delete_launch_template(LaunchTemplateId=id_),
        in_place=(*_TEMPLATE, "description", "updateDefaultVersion"),
        named="name",
        tags=True,
        required=("imageId", "instanceType"),
    ),
    "aws:autoscaling/group:Group": Kind(
        create=_group,
        delete=_no_group,
        in_place={*_GROUP, "enabledMetrics", "tags", "forceDelete", "waitForCapacityTimeout"} - {"name"},
        named="name",
        required=("minSize", "maxSize", "availabilityZones", "launchTemplate"),
    ),
    "aws:autoscaling/lifecycleHook:LifecycleHook": _part(
        _HOOK,
        "name",
        ("heartbeatTimeout", "defaultResult"),
        "lifecycleTransition",
        *("put_lifecycle_hook", "delete_lifecycle_hook"),
    ),
    "aws:autoscaling/schedule:Schedule": _part(
        _ACTION,
        "scheduledActionName",
        (*_SIZE, "startTime"),
        "startTime",
        *("put_scheduled_update_group_action", "delete_scheduled_action"),
    ),
}
