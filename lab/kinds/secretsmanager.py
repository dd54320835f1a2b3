"""Secrets, their values, and who else may read them."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, properties, request
from lab.kinds._tags import gone_tags, tags_of
from lab.kinds.vpc import tag_list
from stacks.values import Properties

_SECRET = members("description", "kmsKeyId", "name")


def _secret(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("secretsmanager").create_secret(**request(_SECRET, inputs), Tags=tag_list(inputs))
    return made["ARN"], {"arn": made["ARN"]}


def _change_secret(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("secretsmanager").update_secret(SecretId=id_, **request(_SECRET, new, "description", "kmsKeyId"))


def _read_secret(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("secretsmanager").describe_secret(SecretId=id_)
    if found.get("DeletedDate"):
        return None
    return {**properties(_SECRET, found), "arn": found["ARN"], "tagsAll": tags_of(found.get("Tags", []))}


def _no_secret(account: Account, id_: str, outputs: Properties) -> None:
    days = outputs.get("recoveryWindowInDays", 30)
    how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    account.client("secretsmanager").delete_secret(SecretId=id_, **how)


def _retag(account: Account, id_: str, new: Properties, old: Properties) -> None:
    secrets = account.client("secretsmanager")
    if gone := gone_tags(new, old):
        secrets.untag_resource(SecretId=id_, TagKeys=gone)
    secrets.tag_resource(SecretId=id_, Tags=tag_list(new))


def _version(account: Account, inputs: Properties) -> tuple[str, Properties]:
    from moto.moto_api._internal import mock_random

    # The token becomes the version's name; the client library would draw one that differs from run to run.
    made = account.client("secretsmanager").put_secret_value(
        SecretId=inputs["secretId"],
        SecretString=inputs["secretString"],
        ClientRequestToken=str(mock_random.uuid4()),
    )
    return f"{inputs['secretId']}|{made['VersionId']}", {"arn": made["ARN"], "versionId": made["VersionId"]}


def _read_version(account: Account, id_: str, _known: Properties) -> Properties:
    secret, _, version = id_.rpartition("|")
    found = account.client("secretsmanager").get_secret_value(SecretId=secret, VersionId=version)
    return {"secretId": secret, "versionId": version, "arn": found["ARN"], "secretString": found["SecretString"]}


def _policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_policy(account, inputs["secretArn"], inputs, {})
    return inputs["secretArn"], {}


def _set_policy(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("secretsmanager").put_resource_policy(
        SecretId=id_, ResourcePolicy=new["policy"], BlockPublicPolicy=new.get("blockPublicPolicy", False)
    )


def _read_policy(account: Account, id_: str, _known: Properties) -> Properties | None:
    found = account.client("secretsmanager").get_resource_policy(SecretId=id_).get("ResourcePolicy")
    return {"secretArn": id_, "policy": found} if found else None


SECRETS = {
    "aws:secretsmanager/secret:Secret": Kind(
        create=_secret,
        delete=_no_secret,
        read=_read_secret,
        changes={
            "description": _change_secret,
            "kmsKeyId": _change_secret,
            "recoveryWindowInDays": lambda _account, _id, _new, _old: None,
        },
        named="name",
        tags=_retag,
        required=("kmsKeyId",),
        # How long a deleted secret can be brought back is said when it is deleted.
        untold=("recoveryWindowInDays",),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Kind(
        create=_version,
        # A value goes when another takes its place, or with its secret.
        delete=lambda _account, _id, _outputs: None,
        read=_read_version,
        required=("secretId", "secretString"),
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Kind(
        create=_policy,
        delete=lambda account, id_, _: account.client("secretsmanager").delete_resource_policy(SecretId=id_),
        read=_read_policy,
        changes={"policy": _set_policy, "blockPublicPolicy": _set_policy},
        required=("secretArn", "policy"),
        # Whether public policies are refused is part of each request, and not kept.
        untold=("blockPublicPolicy",),
    ),
}
