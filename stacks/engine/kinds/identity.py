"""Keys, and the roles that services and hosts take on."""

from __future__ import annotations

from stacks.engine.account import Account
from stacks.engine.kinds.network import arn, tag_list
from stacks.engine.provider import Kind
from stacks.engine.values import Properties


def _kms_tags(inputs: Properties) -> list[dict[str, str]]:
    return [{"TagKey": entry["Key"], "TagValue": entry["Value"]} for entry in tag_list(inputs)]


def _key(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("kms").create_key(
        Description=inputs.get("description", ""), Policy=inputs["policy"], Tags=_kms_tags(inputs)
    )["KeyMetadata"]
    _rotation(account, made["KeyId"], inputs, {})
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


def _rotation(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    kms = account.client("kms")
    if new.get("enableKeyRotation"):
        kms.enable_key_rotation(KeyId=id_)
    else:
        kms.disable_key_rotation(KeyId=id_)


def _describe(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("kms").update_key_description(KeyId=id_, Description=new.get("description", ""))


def _key_policy(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("kms").put_key_policy(KeyId=id_, PolicyName="default", Policy=new["policy"])


def _retag_key(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        account.client("kms").untag_resource(KeyId=id_, TagKeys=gone)
    account.client("kms").tag_resource(KeyId=id_, Tags=_kms_tags(new))


def _no_key(account: Account, id_: str, outputs: Properties) -> None:
    # KMS never deletes at once: the key can be brought back until the window closes.
    days = outputs.get("deletionWindowInDays", 30)
    account.client("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


def _has_key(account: Account, id_: str, _outputs: Properties) -> bool:
    found = account.client("kms").describe_key(KeyId=id_)["KeyMetadata"]
    return bool(found["KeyState"] != "PendingDeletion")


def _alias(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return inputs["name"], {"arn": arn(account, "kms", inputs["name"])}


def _move_alias(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])


def _has_alias(account: Account, id_: str, _outputs: Properties) -> bool:
    return any(alias["AliasName"] == id_ for alias in account.client("kms").list_aliases()["Aliases"])


def _role(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("iam").create_role(
        RoleName=inputs["name"],
        Description=inputs.get("description", ""),
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        Tags=tag_list(inputs),
    )["Role"]
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["RoleId"]}


def _trusted(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("iam").update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])


def _describe_role(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("iam").update_role(RoleName=id_, Description=new.get("description", ""))


def _retag_role(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        account.client("iam").untag_role(RoleName=id_, TagKeys=gone)
    account.client("iam").tag_role(RoleName=id_, Tags=tag_list(new))


def _put_role_policy(account: Account, _id: str, new: Properties, _old: Properties) -> None:
    account.client("iam").put_role_policy(RoleName=new["role"], PolicyName=new["name"], PolicyDocument=new["policy"])


def _role_policy(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _put_role_policy(account, "", inputs, {})
    return f"{inputs['role']}:{inputs['name']}", {}


def _profile(account: Account, inputs: Properties) -> tuple[str, Properties]:
    iam = account.client("iam")
    made = iam.create_instance_profile(InstanceProfileName=inputs["name"], Tags=tag_list(inputs))["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=inputs["name"], RoleName=inputs["role"])
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["InstanceProfileId"]}


def _no_profile(account: Account, id_: str, outputs: Properties) -> None:
    iam = account.client("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName=id_, RoleName=outputs["role"])
    iam.delete_instance_profile(InstanceProfileName=id_)


def _retag_profile(account: Account, id_: str, new: Properties, old: Properties) -> None:
    gone = sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys())
    if gone:
        account.client("iam").untag_instance_profile(InstanceProfileName=id_, TagKeys=gone)
    account.client("iam").tag_instance_profile(InstanceProfileName=id_, Tags=tag_list(new))


IDENTITY = {
    "aws:kms/key:Key": Kind(
        create=_key,
        delete=_no_key,
        exists=_has_key,
        changes={
            "policy": _key_policy,
            "description": _describe,
            "enableKeyRotation": _rotation,
            "deletionWindowInDays": lambda _account, _id, _new, _old: None,
        },
        tags=_retag_key,
        required=("policy",),
    ),
    "aws:kms/alias:Alias": Kind(
        create=_alias,
        delete=lambda account, id_, _: account.client("kms").delete_alias(AliasName=id_),
        exists=_has_alias,
        changes={"targetKeyId": _move_alias},
        required=("name", "targetKeyId"),
    ),
    "aws:iam/role:Role": Kind(
        create=_role,
        delete=lambda account, id_, _: account.client("iam").delete_role(RoleName=id_),
        exists=lambda account, id_, _: account.client("iam").get_role(RoleName=id_),
        changes={"assumeRolePolicy": _trusted, "description": _describe_role},
        named="name",
        tags=_retag_role,
        required=("assumeRolePolicy",),
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        create=_role_policy,
        delete=lambda account, _id, outputs: account.client("iam").delete_role_policy(
            RoleName=outputs["role"], PolicyName=outputs["name"]
        ),
        exists=lambda account, _id, outputs: account.client("iam").get_role_policy(
            RoleName=outputs["role"], PolicyName=outputs["name"]
        ),
        changes={"policy": _put_role_policy},
        named="name",
        required=("role", "policy"),
    ),
    "aws:iam/instanceProfile:InstanceProfile": Kind(
        create=_profile,
        delete=_no_profile,
        exists=lambda account, id_, _: account.client("iam").get_instance_profile(InstanceProfileName=id_),
        named="name",
        tags=_retag_profile,
        required=("role",),
    ),
}
