"""Secrets, their values, and who else may read them."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import members, request
from lab.kinds._tags import tag_list
from stacks.values import Properties

_SECRET = members("description", "kmsKeyId", "name")


def _secret(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("secretsmanager").create_secret(**request(_SECRET, inputs), Tags=tag_list(inputs))
    return made["ARN"], {"arn": made["ARN"]}


def _no_secret(account: Account, id_: str, outputs: Properties) -> None:
    days = outputs.get("recoveryWindowInDays", 30)
    how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    account.client("secretsmanager").delete_secret(SecretId=id_, **how)


def _version(account: Account, inputs: Properties) -> tuple[str, Properties]:
    from moto.moto_api._internal import mock_random

    # The token becomes the version's name; the client library would draw one that differs from run to run.
    made = account.client("secretsmanager").put_secret_value(
        SecretId=inputs["secretId"],
        SecretString=inputs["secretString"],
        ClientRequestToken=str(mock_random.uuid4()),
    )
    return f"{inputs['secretId']}|{made['VersionId']}", {"arn": made["ARN"], "versionId": made["VersionId"]}


def _policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("secretsmanager").put_resource_policy(
        SecretId=inputs["secretArn"],
        ResourcePolicy=inputs["policy"],
        BlockPublicPolicy=inputs.get("blockPublicPolicy", False),
    )
    return inputs["secretArn"], {}


SECRETS = {
    "aws:secretsmanager/secret:Secret": Kind(
        create=_secret,
        delete=_no_secret,
        in_place=("description", "kmsKeyId", "recoveryWindowInDays"),
        named="name",
        tags=True,
        required=("kmsKeyId",),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Kind(
        create=_version,
        # A value goes when another takes its place, or with its secret.
        delete=lambda _account, _id, _outputs: None,
        required=("secretId", "secretString"),
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Kind(
        create=_policy,
        delete=lambda account, id_, _: account.client("secretsmanager").delete_resource_policy(SecretId=id_),
        in_place=("policy", "blockPublicPolicy"),
        required=("secretArn", "policy"),
    ),
}
