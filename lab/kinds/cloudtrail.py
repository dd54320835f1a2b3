"""The trail of calls to the account's interfaces."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request, to_members
from lab.kinds._tags import tag_list
from stacks.values import Properties

_TRAIL = members(
    *(
        "name",
        "kmsKeyId",
        "enableLogFileValidation",
        "includeGlobalServiceEvents",
        "isMultiRegionTrail",
        "isOrganizationTrail",
    ),
    s3BucketName="S3BucketName",
    s3KeyPrefix="S3KeyPrefix",
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


def _selectors(inputs: Properties) -> list[dict[str, Any]]:
    every = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    return [{**every, **selector} for selector in to_members(inputs["eventSelectors"])]


def _trail_request(inputs: Properties) -> dict[str, Any]:
    return request(_TRAIL, {**_TRAIL_DEFAULTS, **inputs})


def _trail(account: Account, inputs: Properties) -> tuple[str, Properties]:
    trails = account.client("cloudtrail")
    made = trails.create_trail(**_trail_request(inputs), TagsList=tag_list(inputs))
    trails.put_event_selectors(TrailName=inputs["name"], EventSelectors=_selectors(inputs))
    if inputs.get("enableLogging", True):
        trails.start_logging(Name=inputs["name"])
    return made["TrailARN"], {"arn": made["TrailARN"], "homeRegion": account.region}


TRAILS = {
    "aws:cloudtrail/trail:Trail": Kind(
        create=_trail,
        # By name: the emulator does not delete by ARN, and does not say so.
        delete=lambda account, _id, outputs: account.client("cloudtrail").delete_trail(Name=outputs["name"]),
        in_place=(
            "eventSelectors",
            "enableLogFileValidation",
            "includeGlobalServiceEvents",
            "isMultiRegionTrail",
            "kmsKeyId",
            "s3BucketName",
            "cloudWatchLogsGroupArn",
            "cloudWatchLogsRoleArn",
            "enableLogging",
        ),
        named="name",
        tags=True,
        required=("s3BucketName", "kmsKeyId", "eventSelectors"),
    ),
}
