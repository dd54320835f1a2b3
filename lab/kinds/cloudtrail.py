"""The trail of calls to the account's interfaces, and log groups."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request, to_members, to_properties
from lab.kinds.vpc import arn, tag_list, tags_in
from stacks.values import Properties

_TRAIL = members(
    *("name", "kmsKeyId", "includeGlobalServiceEvents", "isMultiRegionTrail", "isOrganizationTrail"),
    s3BucketName="S3BucketName",
    s3KeyPrefix="S3KeyPrefix",
    enableLogFileValidation=Member("EnableLogFileValidation", answer="LogFileValidationEnabled"),
    cloudWatchLogsGroupArn="CloudWatchLogsLogGroupArn",
    cloudWatchLogsRoleArn="CloudWatchLogsRoleArn",
    snsTopicName="SnsTopicName",
)
_TRAIL_DEFAULTS = {
    "enableLogFileValidation": False,
    "includeGlobalServiceEvents": True,
    "isMultiRegionTrail": False,
    "isOrganizationTrail": False,
}
_GROUP = {
    "name": Member("logGroupName"),
    "kmsKeyId": Member("kmsKeyId"),
    "logGroupClass": Member("logGroupClass"),
    "arn": Member("", answer="logGroupArn"),
    "retentionInDays": Member("", answer="retentionInDays"),
}


def _selectors(inputs: Properties) -> list[dict[str, Any]]:
    every = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    return [{**every, **selector} for selector in to_members(inputs["eventSelectors"])]


def _trail_request(inputs: Properties) -> dict[str, Any]:
    return request(_TRAIL, {**_TRAIL_DEFAULTS, **inputs})


def _trail(account: Account, inputs: Properties) -> tuple[str, Properties]:
    trails = account.client("cloudtrail")
    made = trails.create_trail(**_trail_request(inputs), TagsList=tag_list(inputs))
    _change_selectors(account, "", inputs, {})
    _switch(account, "", inputs, {})
    return made["TrailARN"], {"arn": made["TrailARN"], "homeRegion": account.region}


def _read_trail(account: Account, id_: str, _known: Properties) -> Properties | None:
    trails = account.client("cloudtrail")
    for found in trails.describe_trails(trailNameList=[id_])["trailList"]:
        (tags,) = trails.list_tags(ResourceIdList=[id_])["ResourceTagList"]
        return {
            **properties(_TRAIL, found),
            **properties(members("homeRegion", arn="TrailARN"), found),
            "eventSelectors": to_properties(trails.get_event_selectors(TrailName=id_)["EventSelectors"]),
            "enableLogging": trails.get_trail_status(Name=id_)["IsLogging"],
            "tagsAll": tags_in(tags["TagsList"]),
        }
    return None


def _switch(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    trails = account.client("cloudtrail")
    if new.get("enableLogging", True):
        trails.start_logging(Name=new["name"])
    else:
        trails.stop_logging(Name=new["name"])


def _change_trail(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("cloudtrail").update_trail(**_trail_request(new))


def _change_selectors(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("cloudtrail").put_event_selectors(TrailName=new["name"], EventSelectors=_selectors(new))


def _retag_trail(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = [{"Key": name} for name in old.get("tagsAll", {}).keys() - new["tagsAll"].keys()]
    if gone:
        account.client("cloudtrail").remove_tags(ResourceId=id_, TagsList=gone)
    account.client("cloudtrail").add_tags(ResourceId=id_, TagsList=tag_list(new))


def _log_group(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = {name: member for name, member in _GROUP.items() if member.name}
    account.client("logs").create_log_group(**request(made, inputs), tags=inputs.get("tagsAll", {}))
    _keep_days(account, inputs["name"], inputs, {})
    return inputs["name"], {"arn": arn(account, "logs", f"log-group:{inputs['name']}")}


def _read_group(account: Account, id_: str, _known: Properties) -> Properties | None:
    logs = account.client("logs")
    for found in logs.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]:
        if found["logGroupName"] == id_:
            tags = logs.list_tags_for_resource(resourceArn=found["logGroupArn"])["tags"]
            return {**properties(_GROUP, found), "tagsAll": dict(sorted(tags.items()))}
    return None


def _keep_days(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("logs").put_retention_policy(logGroupName=id_, retentionInDays=new["retentionInDays"])


def _retag_group(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        account.client("logs").untag_resource(resourceArn=old["arn"], tagKeys=gone)
    account.client("logs").tag_resource(resourceArn=arn(account, "logs", f"log-group:{id_}"), tags=new["tagsAll"])


TRAILS = {
    "aws:cloudtrail/trail:Trail": Kind(
        create=_trail,
        # By name: the emulator does not delete by ARN, and does not say so.
        delete=lambda account, _id, outputs: account.client("cloudtrail").delete_trail(Name=outputs["name"]),
        read=_read_trail,
        changes={
            "eventSelectors": _change_selectors,
            "enableLogFileValidation": _change_trail,
            "includeGlobalServiceEvents": _change_trail,
            "isMultiRegionTrail": _change_trail,
            "kmsKeyId": _change_trail,
            "s3BucketName": _change_trail,
            "cloudWatchLogsGroupArn": _change_trail,
            "cloudWatchLogsRoleArn": _change_trail,
            "enableLogging": _switch,
        },
        named="name",
        tags=_retag_trail,
        required=("s3BucketName", "kmsKeyId", "eventSelectors"),
        defaults={**_TRAIL_DEFAULTS, "enableLogging": True},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        create=_log_group,
        delete=lambda account, id_, _: account.client("logs").delete_log_group(logGroupName=id_),
        read=_read_group,
        changes={"retentionInDays": _keep_days},
        named="name",
        tags=_retag_group,
        required=("kmsKeyId", "retentionInDays"),
    ),
}
