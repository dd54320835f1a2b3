"""Keys, and the roles that services and hosts take on."""

from __future__ import annotations

import json

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request
from lab.kinds.vpc import arn, tag_list, tags_in
from stacks.values import Properties

_ROLE = members(
    *("description", "path", "maxSessionDuration"),
    name="RoleName",
    permissionsBoundary=Member("PermissionsBoundary", answer="PermissionsBoundary.PermissionsBoundaryArn"),
    assumeRolePolicy=Member("AssumeRolePolicyDocument", back=json.dumps),
)


def _kms_tags(inputs: Properties) -> list[dict[str, str]]:
    return [{"TagKey": entry["Key"], "TagValue": entry["Value"]} for entry in tag_list(inputs)]


def _key(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("kms").create_key(
        Description=inputs.get("description", ""), Policy=inputs["policy"], Tags=_kms_tags(inputs)
    )["KeyMetadata"]
    _rotation(account, made["KeyId"], inputs, {})
    if not inputs.get("isEnabled", True):
        _enable(account, made["KeyId"], inputs, {})
    return made["KeyId"], {"arn": made["Arn"], "keyId": made["KeyId"]}


def _read_key(account: Account, id_: str, _known: Properties) -> Properties | None:
    kms = account.client("kms")
    found = kms.describe_key(KeyId=id_)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return None
    tags = kms.list_resource_tags(KeyId=id_)["Tags"]
    return {
        **properties(members("arn", "keyId", "description", isEnabled="Enabled"), found),
        "policy": kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"],
        "enableKeyRotation": kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
        "tagsAll": tags_in({"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags),
    }


def _enable(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    kms = account.client("kms")
    if new.get("isEnabled", True):
        kms.enable_key(KeyId=id_)
    else:
        kms.disable_key(KeyId=id_)


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


def _alias(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
    return inputs["name"], {"arn": arn(account, "kms", inputs["name"])}


def _move_alias(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])


def _read_alias(account: Account, id_: str, _known: Properties) -> Properties | None:
    for page in account.client("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == id_:
                return properties(members("targetKeyId", name="AliasName", arn="AliasArn"), alias)
    return None


def _role(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("iam").create_role(**request(_ROLE, inputs), Tags=tag_list(inputs))["Role"]
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["RoleId"]}


def _read_role(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("iam").get_role(RoleName=id_)["Role"]
    outputs = properties(members("arn", uniqueId="RoleId"), found)
    return {**properties(_ROLE, found), **outputs, "tagsAll": tags_in(found.get("Tags", []))}


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


def _read_role_policy(account: Account, id_: str, _known: Properties) -> Properties:
    role, _, name = id_.partition(":")
    found = account.client("iam").get_role_policy(RoleName=role, PolicyName=name)
    return {"role": role, "name": name, "policy": json.dumps(found["PolicyDocument"])}


def _profile(account: Account, inputs: Properties) -> tuple[str, Properties]:
    iam = account.client("iam")
    made = iam.create_instance_profile(InstanceProfileName=inputs["name"], Tags=tag_list(inputs))["InstanceProfile"]
    iam.add_role_to_instance_profile(InstanceProfileName=inputs["name"], RoleName=inputs["role"])
    return inputs["name"], {"arn": made["Arn"], "uniqueId": made["InstanceProfileId"]}


def _read_profile(account: Account, id_: str, _known: Properties) -> Properties:
    found = account.client("iam").get_instance_profile(InstanceProfileName=id_)["InstanceProfile"]
    table = members("arn", name="InstanceProfileName", uniqueId="InstanceProfileId")
    roles = [role["RoleName"] for role in found["Roles"]]
    tags = tags_in(found.get("Tags", []))
    return {**properties(table, found), "role": roles[0] if roles else None, "tagsAll": tags}


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
        read=_read_key,
        changes={
            "policy": _key_policy,
            "description": _describe,
            "enableKeyRotation": _rotation,
            "isEnabled": _enable,
            "deletionWindowInDays": lambda _account, _id, _new, _old: None,
        },
        tags=_retag_key,
        required=("policy",),
        defaults={"description": "", "enableKeyRotation": False, "isEnabled": True},
        # It counts only when the key is deleted.
        untold=("deletionWindowInDays",),
    ),
    "aws:kms/alias:Alias": Kind(
        create=_alias,
        delete=lambda account, id_, _: account.client("kms").delete_alias(AliasName=id_),
        read=_read_alias,
        changes={"targetKeyId": _move_alias},
        required=("name", "targetKeyId"),
    ),
    "aws:iam/role:Role": Kind(
        create=_role,
        delete=lambda account, id_, _: account.client("iam").delete_role(RoleName=id_),
        read=_read_role,
        changes={"assumeRolePolicy": _trusted, "description": _describe_role},
        named="name",
        tags=_retag_role,
        required=("assumeRolePolicy",),
        defaults={"description": None, "path": "/", "maxSessionDuration": 3600, "permissionsBoundary": None},
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        create=_role_policy,
        delete=lambda account, _id, outputs: account.client("iam").delete_role_policy(
            RoleName=outputs["role"], PolicyName=outputs["name"]
        ),
        read=_read_role_policy,
        changes={"policy": _put_role_policy},
        named="name",
        required=("role", "policy"),
    ),
    "aws:iam/instanceProfile:InstanceProfile": Kind(
        create=_profile,
        delete=_no_profile,
        read=_read_profile,
        named="name",
        tags=_retag_profile,
        required=("role",),
    ),
}
