"""Vaults, plans of daily copies, and what they copy; and the policies of AWS that a role is given."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, properties, request
from stacks.values import Properties


def _lifecycle(value: Properties) -> Properties:
    return request(_LIFECYCLE, value)


def _told(table: Any) -> Any:
    return lambda value: {key: entry for key, entry in properties(table, value).items() if entry is not None}


_LIFECYCLE = members(deleteAfter="DeleteAfterDays", coldStorageAfter="MoveToColdStorageAfterDays")
_COPY = members(
    destinationVaultArn="DestinationBackupVaultArn",
    lifecycle=Member("Lifecycle", out=_lifecycle, back=_told(_LIFECYCLE)),
)
_RULE = members(
    "ruleName", "recoveryPointTags",
    targetVaultName="TargetBackupVaultName",
    schedule="ScheduleExpression",
    startWindow="StartWindowMinutes",
    completionWindow="CompletionWindowMinutes",
    lifecycle=Member("Lifecycle", out=_lifecycle, back=_told(_LIFECYCLE)),
    copyActions=Member(
        "CopyActions",
        out=lambda entries: [request(_COPY, entry) for entry in entries],
        back=lambda entries: [_told(_COPY)(entry) for entry in entries],
    ),
)  # fmt: skip
_LOCK = members("minRetentionDays", "maxRetentionDays", "changeableForDays")
_SELECTION = members(
    "iamRoleArn", "resources",
    name="SelectionName",
    conditions=Member("Conditions", out=lambda value: _conditions(value), back=lambda value: _conditions_told(value)),
)  # fmt: skip
_TESTS = {"stringEquals": "StringEquals", "stringLikes": "StringLike", "stringNotEquals": "StringNotEquals"}


def _conditions(value: list[Properties]) -> Properties:
    return {
        name: [{"ConditionKey": entry["key"], "ConditionValue": entry["value"]} for entry in block.get(key, [])]
        for block in value
        for key, name in _TESTS.items()
        if block.get(key)
    }


def _conditions_told(value: Properties) -> list[Properties] | None:
    found = {
        key: [{"key": entry["ConditionKey"], "value": entry["ConditionValue"]} for entry in value[name]]
        for key, name in _TESTS.items()
        if value.get(name)
    }
    return [found] if found else None


def _vault(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_vault(
        BackupVaultName=inputs["name"],
        EncryptionKeyArn=inputs["kmsKeyArn"],
        BackupVaultTags=inputs.get("tagsAll", {}),
    )
    return inputs["name"], {"arn": made["BackupVaultArn"]}


def _read_vault(account: Account, id_: str, _known: Properties) -> Properties:
    backup = account.client("backup")
    found = backup.describe_backup_vault(BackupVaultName=id_)
    return {
        "name": id_,
        "arn": found["BackupVaultArn"],
        "kmsKeyArn": found["EncryptionKeyArn"],
        "tagsAll": backup.list_tags(ResourceArn=found["BackupVaultArn"])["Tags"],
    }


def _retag(account: Account, _id: str, new: Properties, old: Properties) -> None:
    backup = account.client("backup")
    if gone := sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys()):
        backup.untag_resource(ResourceArn=old["arn"], TagKeyList=gone)
    backup.tag_resource(ResourceArn=old["arn"], Tags=new["tagsAll"])


def _lock(account: Account, inputs: Properties) -> tuple[str, Properties]:
    _set_lock(account, inputs["backupVaultName"], inputs, {})
    return inputs["backupVaultName"], {}


def _set_lock(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("backup").put_backup_vault_lock_configuration(BackupVaultName=id_, **request(_LOCK, new))


def _read_lock(account: Account, id_: str, known: Properties) -> Properties | None:
    found = account.client("backup").describe_backup_vault(BackupVaultName=id_)
    if not found.get("Locked"):
        return None
    # The days in which it can be changed are told as the date when they end.
    told = properties(_LOCK, found)
    return {**told, "backupVaultName": id_, "changeableForDays": known.get("changeableForDays")}


def _document(inputs: Properties) -> Properties:
    return {"BackupPlanName": inputs["name"], "Rules": [request(_RULE, rule) for rule in inputs["rules"]]}


def _plan(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_plan(
        BackupPlan=_document(inputs), BackupPlanTags=inputs.get("tagsAll", {})
    )
    return made["BackupPlanId"], {"arn": made["BackupPlanArn"]}


def _set_plan(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("backup").update_backup_plan(BackupPlanId=id_, BackupPlan=_document(new))


def _read_plan(account: Account, id_: str, known: Properties) -> Properties | None:
    backup = account.client("backup")
    found = backup.get_backup_plan(BackupPlanId=id_)
    if "DeletionDate" in found:
        return None
    asked: Properties = {rule["ruleName"]: rule for rule in known.get("rules", [])}
    rules = []
    for answer in found["BackupPlan"]["Rules"]:
        told = _told(_RULE)(answer)
        # Windows that nobody asked for are AWS's own.
        own = {"startWindow": 480, "completionWindow": 10080}
        mine = asked.get(told["ruleName"], {})
        rules.append({key: value for key, value in told.items() if key in mine or own.get(key) != value})
    return {
        "name": found["BackupPlan"]["BackupPlanName"],
        "rules": rules,
        "arn": found["BackupPlanArn"],
        "tagsAll": backup.list_tags(ResourceArn=found["BackupPlanArn"])["Tags"],
    }


def _selection(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_selection(
        BackupPlanId=inputs["planId"], BackupSelection=request(_SELECTION, inputs)
    )
    return made["SelectionId"], {}


def _read_selection(account: Account, id_: str, known: Properties) -> Properties | None:
    backup = account.client("backup")
    plans = [known["planId"]] if "planId" in known else [
        plan["BackupPlanId"] for plan in backup.list_backup_plans()["BackupPlansList"]
    ]  # fmt: skip
    for plan in plans:
        listed = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
        if any(entry["SelectionId"] == id_ for entry in listed):
            found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=id_)["BackupSelection"]
            return {"planId": plan, **properties(_SELECTION, found)}
    return None


def _attached(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
    return f"{inputs['role']}/{inputs['policyArn']}", {}


def _read_attached(account: Account, id_: str, _known: Properties) -> Properties | None:
    role, _, policy = id_.partition("/")
    found = account.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    return {"role": role, "policyArn": policy} if any(entry["PolicyArn"] == policy for entry in found) else None


COPIES = {
    "aws:backup/vault:Vault": Kind(
        create=_vault,
        delete=lambda account, id_, _: account.client("backup").delete_backup_vault(BackupVaultName=id_),
        read=_read_vault,
        changes={"forceDestroy": lambda _account, _id, _new, _old: None},
        named="name",
        tags=_retag,
        required=("kmsKeyArn",),
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Kind(
        create=_lock,
        delete=lambda account, id_, _: account.client("backup").delete_backup_vault_lock_configuration(
            BackupVaultName=id_
        ),
        read=_read_lock,
        changes=dict.fromkeys(_LOCK, _set_lock),
        required=("backupVaultName",),
    ),
    "aws:backup/plan:Plan": Kind(
        create=_plan,
        delete=lambda account, id_, _: account.client("backup").delete_backup_plan(BackupPlanId=id_),
        read=_read_plan,
        changes={"name": _set_plan, "rules": _set_plan},
        named="name",
        tags=_retag,
        required=("rules",),
    ),
    "aws:backup/selection:Selection": Kind(
        create=_selection,
        delete=lambda account, id_, outputs: account.client("backup").delete_backup_selection(
            BackupPlanId=outputs["planId"], SelectionId=id_
        ),
        read=_read_selection,
        named="name",
        required=("planId", "iamRoleArn"),
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        create=_attached,
        delete=lambda account, _id, outputs: account.client("iam").detach_role_policy(
            RoleName=outputs["role"], PolicyArn=outputs["policyArn"]
        ),
        read=_read_attached,
        required=("role", "policyArn"),
    ),
}
