"""Settings of buckets and of the account's buckets as a whole: access log, locks, the closed door."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties, request
from stacks.values import Properties

_LOGGING = members("targetBucket", "targetPrefix")
_CLOSED = members("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _logging(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _log(account, inputs["bucket"], inputs, {})
    return inputs["bucket"], {}


def _log(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    status = {"LoggingEnabled": request(_LOGGING, new)}
    account.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus=status)


def _no_logging(account: Account, id_: str, _outputs: Properties) -> None:
    account.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={})


def _read_logging(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("s3").get_bucket_logging(Bucket=id_).get("LoggingEnabled")
    return {"bucket": id_, **properties(_LOGGING, found)} if found else None


def _lock(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_lock(account, inputs["bucket"], inputs, {})
    return inputs["bucket"], {}


def _set_lock(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    default = new["rule"]["defaultRetention"]
    rule = {"DefaultRetention": {"Mode": default["mode"], "Days": default["days"]}}
    account.client("s3").put_object_lock_configuration(
        Bucket=id_, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )


def _unlock(account: Account, id_: str, _outputs: Properties) -> None:
    # That a bucket can lock is for ever; what goes is the period that new objects get.
    account.client("s3").put_object_lock_configuration(
        Bucket=id_, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def _read_lock(account: Account, id_: str, _known: Properties) -> Properties | None:
    found: dict[str, Any] = account.client("s3").get_object_lock_configuration(Bucket=id_)["ObjectLockConfiguration"]
    default = found.get("Rule", {}).get("DefaultRetention", {})
    if not default.get("Mode"):
        return None
    return {"bucket": id_, "rule": {"defaultRetention": {"mode": default["Mode"], "days": default["Days"]}}}


def _close_account(account: Account, inputs: Properties) -> tuple[str, Properties]:
    id_ = _owner(account)
    _close(account, id_, inputs, {})
    return id_, {"accountId": id_}


def _close(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("s3control").put_public_access_block(
        AccountId=id_, PublicAccessBlockConfiguration=request(_CLOSED, new)
    )


def _read_closed(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("s3control").get_public_access_block(AccountId=id_)["PublicAccessBlockConfiguration"]
    return {"accountId": id_, **properties(_CLOSED, found)}


def _owner(account: Account) -> str:
    return str(account.client("sts").get_caller_identity()["Account"])


BUCKETS = {
    "aws:s3/bucketLogging:BucketLogging": Kind(
        create=_logging,
        delete=_no_logging,
        read=_read_logging,
        changes={"targetBucket": _log, "targetPrefix": _log},
        required=("bucket", "targetBucket", "targetPrefix"),
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Kind(
        create=_lock,
        delete=_unlock,
        read=_read_lock,
        changes={"rule": _set_lock},
        required=("bucket", "rule"),
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Kind(
        create=_close_account,
        delete=lambda account, id_, _: account.client("s3control").delete_public_access_block(AccountId=id_),
        read=_read_closed,
        changes=dict.fromkeys(_CLOSED, _close),
        required=tuple(_CLOSED),
    ),
}
