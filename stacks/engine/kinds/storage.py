"""Buckets and their settings, the trail that writes to one, and log groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stacks.engine.account import Account
from stacks.engine.kinds.network import arn, tag_list
from stacks.engine.provider import Kind
from stacks.engine.values import Properties

Put = Callable[[Any, Properties], object]


def _bucket(account: Account, inputs: Properties) -> tuple[str, Properties]:
    s3, name = account.client("s3"), inputs["bucket"]
    where: dict[str, Any] = {}
    if account.region != "us-east-1":
        where["CreateBucketConfiguration"] = {"LocationConstraint": account.region}
    s3.create_bucket(Bucket=name, **where)
    if inputs.get("tagsAll"):
        _retag(account, name, inputs, {})
    partition = arn(account, "s3", "").split(":")[1]
    return name, {"arn": f"arn:{partition}:s3:::{name}", "region": account.region}


def _retag(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tag_list(new)})


def _no_bucket(account: Account, id_: str, outputs: Properties) -> None:
    s3 = account.client("s3")
    if outputs.get("forceDestroy"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=id_):
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=id_, Key=entry["Key"], VersionId=entry["VersionId"])
    s3.delete_bucket(Bucket=id_)


def _setting(put: Put, delete: str, read: str, *properties: str) -> Kind:
    """A setting of a bucket: written whole, identified by the bucket's name."""

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        put(account.client("s3"), inputs)
        return inputs["bucket"], {}

    def change(account: Account, _id: str, new: Properties, _old: Properties) -> None:
        put(account.client("s3"), new)

    def remove(account: Account, id_: str, _outputs: Properties) -> None:
        # Versioning can be stopped but not taken back; it ends with the bucket.
        if delete:
            getattr(account.client("s3"), delete)(Bucket=id_)

    def exists(account: Account, id_: str, _outputs: Properties) -> object:
        return getattr(account.client("s3"), read)(Bucket=id_)

    return Kind(create, remove, exists, dict.fromkeys(properties, change), required=("bucket", *properties[:1]))


def _put_closed(s3: Any, inputs: Properties) -> None:
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    values = {name: inputs.get(name[0].lower() + name[1:], False) for name in names}
    s3.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=values)


def _put_owner(s3: Any, inputs: Properties) -> None:
    rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
    s3.put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": rules})


def _put_encryption(s3: Any, inputs: Properties) -> None:
    rules = []
    for rule in inputs["rules"]:
        default = rule["applyServerSideEncryptionByDefault"]
        how = {"SSEAlgorithm": default["sseAlgorithm"], "KMSMasterKeyID": default["kmsMasterKeyId"]}
        rules.append(
            {"ApplyServerSideEncryptionByDefault": how, "BucketKeyEnabled": rule.get("bucketKeyEnabled", False)}
        )
    s3.put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})


def _put_versions(s3: Any, inputs: Properties) -> None:
    status = {"Status": inputs["versioningConfiguration"]["status"]}
    s3.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration=status)


def _put_lifecycle(s3: Any, inputs: Properties) -> None:
    rules = []
    for rule in inputs["rules"]:
        entry: dict[str, Any] = {"ID": rule["id"], "Status": rule["status"]}
        entry["Filter"] = {"Prefix": rule.get("filter", {}).get("prefix", "")}
        if "expiration" in rule:
            entry["Expiration"] = {"Days": rule["expiration"]["days"]}
        if "noncurrentVersionExpiration" in rule:
            days = rule["noncurrentVersionExpiration"]["noncurrentDays"]
            entry["NoncurrentVersionExpiration"] = {"NoncurrentDays": days}
        if "abortIncompleteMultipartUpload" in rule:
            days = rule["abortIncompleteMultipartUpload"]["daysAfterInitiation"]
            entry["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
        rules.append(entry)
    s3.put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})


def _put_policy(s3: Any, inputs: Properties) -> None:
    s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


def _selectors(inputs: Properties) -> list[dict[str, Any]]:
    return [
        {
            "ReadWriteType": selector.get("readWriteType", "All"),
            "IncludeManagementEvents": selector.get("includeManagementEvents", True),
            "DataResources": [
                {"Type": data["type"], "Values": data["values"]} for data in selector.get("dataResources", [])
            ],
        }
        for selector in inputs["eventSelectors"]
    ]


def _trail_request(inputs: Properties) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "S3BucketName": inputs["s3BucketName"],
        "KmsKeyId": inputs["kmsKeyId"],
        "EnableLogFileValidation": inputs.get("enableLogFileValidation", False),
        "IncludeGlobalServiceEvents": inputs.get("includeGlobalServiceEvents", True),
        "IsMultiRegionTrail": inputs.get("isMultiRegionTrail", False),
    }


def _trail(account: Account, inputs: Properties) -> tuple[str, Properties]:
    trails = account.client("cloudtrail")
    made = trails.create_trail(**_trail_request(inputs), TagsList=tag_list(inputs))
    trails.put_event_selectors(TrailName=inputs["name"], EventSelectors=_selectors(inputs))
    trails.start_logging(Name=inputs["name"])
    return made["TrailARN"], {"arn": made["TrailARN"], "homeRegion": account.region}


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
    logs, name = account.client("logs"), inputs["name"]
    logs.create_log_group(logGroupName=name, kmsKeyId=inputs["kmsKeyId"], tags=inputs.get("tagsAll", {}))
    _keep_days(account, name, inputs, {})
    return name, {"arn": arn(account, "logs", f"log-group:{name}")}


def _keep_days(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("logs").put_retention_policy(logGroupName=id_, retentionInDays=new["retentionInDays"])


def _retag_group(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        account.client("logs").untag_resource(resourceArn=old["arn"], tagKeys=gone)
    account.client("logs").tag_resource(resourceArn=arn(account, "logs", f"log-group:{id_}"), tags=new["tagsAll"])


def _has_group(account: Account, id_: str, _outputs: Properties) -> bool:
    found = account.client("logs").describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    return any(group["logGroupName"] == id_ for group in found)


STORAGE = {
    "aws:s3/bucket:Bucket": Kind(
        create=_bucket,
        delete=_no_bucket,
        exists=lambda account, id_, _: account.client("s3").head_bucket(Bucket=id_),
        changes={"forceDestroy": lambda _account, _id, _new, _old: None},
        named="bucket",
        tags=_retag,
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        _put_closed,
        "delete_public_access_block",
        "get_public_access_block",
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        _put_owner, "delete_bucket_ownership_controls", "get_bucket_ownership_controls", "rule"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _setting(
        _put_encryption, "delete_bucket_encryption", "get_bucket_encryption", "rules"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting(
        _put_versions, "", "get_bucket_versioning", "versioningConfiguration"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        _put_lifecycle, "delete_bucket_lifecycle", "get_bucket_lifecycle_configuration", "rules"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting(_put_policy, "delete_bucket_policy", "get_bucket_policy", "policy"),
    "aws:cloudtrail/trail:Trail": Kind(
        create=_trail,
        # By name: the emulator does not delete by ARN, and does not say so.
        delete=lambda account, _id, outputs: account.client("cloudtrail").delete_trail(Name=outputs["name"]),
        exists=lambda account, _id, outputs: account.client("cloudtrail").get_trail(Name=outputs["name"]),
        changes={
            "eventSelectors": _change_selectors,
            "enableLogFileValidation": _change_trail,
            "includeGlobalServiceEvents": _change_trail,
            "isMultiRegionTrail": _change_trail,
            "kmsKeyId": _change_trail,
            "s3BucketName": _change_trail,
        },
        named="name",
        tags=_retag_trail,
        required=("s3BucketName", "kmsKeyId", "eventSelectors"),
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        create=_log_group,
        delete=lambda account, id_, _: account.client("logs").delete_log_group(logGroupName=id_),
        exists=_has_group,
        changes={"retentionInDays": _keep_days},
        named="name",
        tags=_retag_group,
        required=("kmsKeyId", "retentionInDays"),
    ),
}
