"""Keys and their names."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._tags import tag_list
from stacks.values import Properties


def _kms_tags(inputs: Properties) -> list[dict[str, str]]:
    return [{"TagKey": entry["Key"], "TagValue": entry["Value"]} for entry in tag_list(inputs)]


def _key(account: Account, inputs: Properties) -> tuple[str, Properties]:
    kms = account.client("kms")
    made = kms.create_key(Description=inputs.get("description", ""), Policy=inputs["policy"], Tags=_kms_tags(inputs))[
        "KeyMetadata"
    ]
    if inputs.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=made["KeyId"])
    if not inputs.get("isEnabled", True):
        kms.disable_key(KeyId=made["KeyId"])
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


def _no_key(account: Account, id_: str, outputs: Properties) -> None:
    # KMS never deletes at once: the key can be brought back until the window closes.
    days = outputs.get("deletionWindowInDays", 30)
    account.client("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


def _alias(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return inputs["name"], {"arn": account.arn("kms", inputs["name"])}


KEYS = {
    "aws:kms/key:Key": Kind(
        create=_key,
        delete=_no_key,
        in_place=("policy", "description", "enableKeyRotation", "isEnabled", "deletionWindowInDays"),
        tags=True,
        required=("policy",),
    ),
    "aws:kms/alias:Alias": Kind(
        create=_alias,
        delete=lambda account, id_, _: account.client("kms").delete_alias(AliasName=id_),
        in_place=("targetKeyId",),
        required=("name", "targetKeyId"),
    ),
}
