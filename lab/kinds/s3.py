"""Buckets and their settings, and those of the account's buckets as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, request, spelt
from lab.kinds._tags import tag_list
from stacks.values import Properties

Put = Callable[[Any, Properties], object]
_SPELT = spelt(sseAlgorithm="SSEAlgorithm", kmsMasterKeyId="KMSMasterKeyID", id="ID")
_RULES = members(rules=Member("Rules", out=_SPELT))
_LOGGING = members("targetBucket", "targetPrefix")
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
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(inputs)})
    return name, {"arn": _bucket_arn(account, name), "region": account.region}


def _bucket_arn(account: Account, name: str) -> str:
    return f"arn:{account.partition}:s3:::{name}"


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


def _setting(put: Put, delete: str, *names: str) -> Kind:
    """A setting of a bucket: written whole, identified by the bucket's name."""

    def create(account: Account, inputs: Properties) -> tuple[str, Properties]:
        put(account.client("s3"), inputs)
        return inputs["bucket"], {}

    def remove(account: Account, id_: str, _outputs: Properties) -> None:
        # Versioning can be stopped but not taken back; it ends with the bucket.
        if delete:
            getattr(account.client("s3"), delete)(Bucket=id_)

    return Kind(create, remove, in_place=names, required=("bucket", *names[:1]))


def _put_closed(s3: Any, inputs: Properties) -> None:
    values = request(_CLOSED, {**dict.fromkeys(_CLOSED, False), **inputs})
    s3.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=values)


def _put_owner(s3: Any, inputs: Properties) -> None:
    rules = [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]
    s3.put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": rules})


def _put_encryption(s3: Any, inputs: Properties) -> None:
    s3.put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration=request(_RULES, inputs))


def _put_versions(s3: Any, inputs: Properties) -> None:
    status = {"Status": inputs["versioningConfiguration"]["status"]}
    s3.put_bucket_versioning(Bucket=inputs["bucket"], VersioningConfiguration=status)


def _put_lifecycle(s3: Any, inputs: Properties) -> None:
    rules = [{"Filter": {"Prefix": ""}, **rule} for rule in request(_RULES, inputs)["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules})


def _put_policy(s3: Any, inputs: Properties) -> None:
    s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])


def _logging(account: Account, inputs: Properties) -> tuple[str, Properties]:
    status = {"LoggingEnabled": request(_LOGGING, inputs)}
    account.client("s3").put_bucket_logging(Bucket=inputs["bucket"], BucketLoggingStatus=status)
    return inputs["bucket"], {}


def _no_logging(account: Account, id_: str, _outputs: Properties) -> None:
    account.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={})


def _lock(account: Account, inputs: Properties) -> tuple[str, Properties]:
    default = inputs["rule"]["defaultRetention"]
    rule = {"DefaultRetention": {"Mode": default["mode"], "Days": default["days"]}}
    account.client("s3").put_object_lock_configuration(
        Bucket=inputs["bucket"], ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    return inputs["bucket"], {}


def _unlock(account: Account, id_: str, _outputs: Properties) -> None:
    # That a bucket can lock is for ever; what goes is the period that new objects get.
    account.client("s3").put_object_lock_configuration(
        Bucket=id_, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def _close_account(account: Account, inputs: Properties) -> tuple[str, Properties]:
    id_ = account.number
    account.client("s3control").put_public_access_block(
        AccountId=id_, PublicAccessBlockConfiguration=request(_CLOSED, inputs)
    )
    return id_, {"accountId": id_}


STORAGE = {
    "aws:s3/bucket:Bucket": Kind(
        create=_bucket,
        delete=_no_bucket,
        in_place=("forceDestroy",),
        named="bucket",
        tags=True,
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        _put_closed, "delete_public_access_block", *_CLOSED
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        _put_owner, "delete_bucket_ownership_controls", "rule"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _setting(
        _put_encryption, "delete_bucket_encryption", "rules"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting(_put_versions, "", "versioningConfiguration"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        _put_lifecycle, "delete_bucket_lifecycle", "rules"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting(_put_policy, "delete_bucket_policy", "policy"),
    "aws:s3/bucketLogging:BucketLogging": Kind(
        create=_logging,
        delete=_no_logging,
        in_place=("targetBucket", "targetPrefix"),
        required=("bucket", "targetBucket", "targetPrefix"),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Kind(
        create=_lock,
        delete=_unlock,
        in_place=("rule",),
        required=("bucket", "rule"),
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Kind(
        create=_close_account,
        delete=lambda account, id_, _: account.client("s3control").delete_public_access_block(AccountId=id_),
        in_place=_CLOSED,
        required=tuple(_CLOSED),
    ),
}
