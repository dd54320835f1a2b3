"""Buckets and their settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request, spelt
from lab.kinds.vpc import arn, tag_list, tags_in
from stacks.values import Properties

Put = Callable[[Any, Properties], object]
Get = Callable[[Any, str], Properties | None]
_OUT, _BACK = spelt(sseAlgorithm="SSEAlgorithm", kmsMasterKeyId="KMSMasterKeyID", id="ID")
_RULES = {"rules": Member("Rules", out=_OUT, back=_BACK)}
_CLOSED = members("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _bucket(account: Account, inputs: Properties) -> tuple[str, Properties]:
    s3, name = account.client("s3"), inputs["bucket"]
    where: dict[str, Any] = {}
    if account.region != "us-east-1":
        where["CreateBucketConfiguration"] = {"LocationConstraint": account.region}
    if inputs.get("objectLockEnabled"):
        where["ObjectLockEnabledForBucket"] = True
    s3.create_bucket(Bucket=name, **where)
    if inputs.get("tagsAll"):
        _retag(account, name, inputs, {})
    return name, {"arn": _bucket_arn(account, name), "region": account.region}


def _bucket_arn(account: Account, name: str) -> str:
    partition = arn(account, "s3", "").split(":")[1]
    return f"arn:{partition}:s3:::{name}"


def _read_bucket(account: Account, id_: str, _known: Properties) -> Properties:
    s3 = account.client("s3")
    # S3 says nothing of us-east-1, the oldest of its regions.
    region = s3.get_bucket_location(Bucket=id_)["LocationConstraint"] or "us-east-1"
    try:
        tags = s3.get_bucket_tagging(Bucket=id_)["TagSet"]
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        tags = []
    return {
        "bucket": id_,
        "arn": _bucket_arn(account, id_),
        "region": region,
        "objectLockEnabled": _can_lock(s3, id_) or None,
        "tagsAll": tags_in(tags),
    }


def _can_lock(s3: Any, bucket: str) -> bool:
    try:
        found = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
        return False
    return bool(found.get("ObjectLockEnabled") == "Enabled")


def _retag(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": tag_list(new)})


def _no_bucket(account: Account, id_: str, outputs: Properties) -> None:
    s3 = account.client("s3")
    if outputs.get("forceDestroy"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=id_):
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                # As the provider does: a lock for governance gives way, one for compliance does not.
                s3.delete_object(
                    Bucket=id_,
                    Key=entry["Key"],
                    VersionId=entry["VersionId"],
                    **({"BypassGovernanceRetention": True} if outputs.get("objectLockEnabled") else {}),
                )
    s3.delete_bucket(Bucket=id_)


def _setting(put: Put, get: Get, delete: str, *names: str, defaults: Mapping[str, Any] | None = None) -> Kind:
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

    def read(account: Account, id_: str, _known: Properties) -> Properties | None:
        found = get(account.client("s3"), id_)
        return None if found is None else {"bucket": id_, **found}

    changes = dict.fromkeys(names, change)
    return Kind(create, remove, read, changes, required=("bucket", *names[:1]), defaults=defaults or {})


def _put_closed(s3: Any, inputs: Properties) -> None:
    values = request(_CLOSED, {**dict.fromkeys(_CLOSED, False), **inputs})
    s3.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=values)


def _get_closed(s3: Any, bucket: str) -> Properties:
    return properties(_CLOSED, s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"])


def _put_owner(s3: Any, inputs: Properties) -> None:
    rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
    s3.put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": rules})


def _get_owner(s3: Any, bucket: str) -> Properties:
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}}


def _put_encryption(s3: Any, inputs: Properties) -> None:
    s3.put_bucket_encryption(
        Bucket=inputs["bucket"], ServerSideEncryptionConfiguration=request(_RULES, inputs, "rules")
    )


def _get_encryption(s3: Any, bucket: str) -> Properties:
    return properties(_RULES, s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"])


def _put_versions(s3: Any, inputs: Properties) -> None:
    status = {"Status": inputs["versioningConfiguration"]["status"]}
    s3.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration=status)


def _get_versions(s3: Any, bucket: str) -> Properties | None:
    # A bucket that never kept versions says nothing.
    status = s3.get_bucket_versioning(Bucket=bucket).get("Status")
    return {"versioningConfiguration": {"status": status}} if status else None


def _put_lifecycle(s3: Any, inputs: Properties) -> None:
    rules = [{"Filter": {"Prefix": ""}, **rule} for rule in request(_RULES, inputs)["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})


def _get_lifecycle(s3: Any, bucket: str) -> Properties:
    return properties(_RULES, s3.get_bucket_lifecycle_configuration(Bucket=bucket))


def _put_policy(s3: Any, inputs: Properties) -> None:
    s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


def _get_policy(s3: Any, bucket: str) -> Properties:
    return {"policy": s3.get_bucket_policy(Bucket=bucket)["Policy"]}


STORAGE = {
    "aws:s3/bucket:Bucket": Kind(
        create=_bucket,
        delete=_no_bucket,
        read=_read_bucket,
        changes={"forceDestroy": lambda _account, _id, _new, _old: None},
        named="bucket",
        tags=_retag,
        # It says what our own delete does first.
        untold=("forceDestroy",),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        _put_closed, _get_closed, "delete_public_access_block", *_CLOSED, defaults=dict.fromkeys(_CLOSED, False)
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        _put_owner, _get_owner, "delete_bucket_ownership_controls", "rule"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _setting(
        _put_encryption, _get_encryption, "delete_bucket_encryption", "rules"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting(_put_versions, _get_versions, "", "versioningConfiguration"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        _put_lifecycle, _get_lifecycle, "delete_bucket_lifecycle", "rules"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting(_put_policy, _get_policy, "delete_bucket_policy", "policy"),
}
