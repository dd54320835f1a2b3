"""AWS Backup: vaults, plans of daily copies, and what they copy."""

from __future__ import annotations

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, members, request
from stacks.values import Properties


def _lifecycle(value: Properties) -> Properties:
    return request(_LIFECYCLE, value)


_LIFECYCLE = members(deleteAfter="DeleteAfterDays", coldStorageAfter="MoveToColdStorageAfterDays")
_COPY = members(
    destinationVaultArn="DestinationBackupVaultArn",
    lifecycle=Member("Lifecycle", out=_lifecycle),
)
_RULE = members(
    "ruleName", "recoveryPointTags",
    targetVaultName="TargetBackupVaultName",
    schedule="ScheduleExpression",
    startWindow="StartWindowMinutes",
    completionWindow="CompletionWindowMinutes",
    lifecycle=Member("Lifecycle", out=_lifecycle),
    copyActions=Member("CopyActions", out=lambda entries: [request(_COPY, entry) for entry in entries]),
)  # fmt: skip
_LOCK = members("minRetentionDays", "maxRetentionDays", "changeableForDays")
_SELECTION = members(
    "iamRoleArn", "resources",
    name="SelectionName",
    conditions=Member("Conditions", out=lambda value: _conditions(value)),
)  # fmt: skip
_TESTS = {"stringEquals": "StringEquals", "stringLikes": "StringLike", "stringNotEquals": "StringNotEquals"}


def _conditions(value: list[Properties]) -> Properties:
    return {
        name: [{"ConditionKey": entry["key"], "ConditionValue": entry["value"]} for entry in block.get(key, [])]
        for block in value
        for key, name in _TESTS.items()
        if block.get(key)
    }


def _vault(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_vault(
        BackupVaultName=inputs["name"],
        EncryptionKeyArn=inputs["kmsKeyArn"],
        BackupVaultTags=inputs.get("tagsAll", {}),
    )
    return inputs["name"], {"arn": made["BackupVaultArn"]}


def _lock(account: Account, inputs: Properties) -> tuple[str, Properties]:
    account.client("backup").put_backup_vault_lock_configuration(
        BackupVaultName=inputs["backupVaultName"], **request(_LOCK, inputs)
    )
    return inputs["backupVaultName"], {}


def _document(inputs: Properties) -> Properties:
    return {"BackupPlanName": inputs["name"], "Rules": [request(_RULE, rule) for rule in inputs["rules"]]}


def _plan(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_plan(
        BackupPlan=_document(inputs), BackupPlanTags=inputs.get("tagsAll", {})
    )
    return made["BackupPlanId"], {"arn": made["BackupPlanArn"]}


def _selection(account: Account, inputs: Properties) -> tuple[str, Properties]:
    made = account.client("backup").create_backup_selection(
        BackupPlanId=inputs["planId"], BackupSelection=request(_SELECTION, inputs)
    )
    return made["SelectionId"], {}


COPIES = {
    "aws:backup/vault:Vault": Kind(
        create=_vault,
        delete=lambda account, id_, _: account.client("backup").delete_backup_vault(BackupVaultName=id_),
        in_place=("forceDestroy",),
        named="name",
        tags=True,
        required=("kmsKeyArn",),
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Kind(
        create=_lock,
        delete=lambda account, id_, _: account.client("backup").delete_backup_vault_lock_configuration(
            BackupVaultName=id_
        ),
        in_place=_LOCK,
        required=("backupVaultName",),
    ),
    "aws:backup/plan:Plan": Kind(
        create=_plan,
        delete=lambda account, id_, _: account.client("backup").delete_backup_plan(BackupPlanId=id_),
        in_place=("name", "rules"),
        named="name",
        tags=True,
        required=("rules",),
    ),
    "aws:backup/selection:Selection": Kind(
        create=_selection,
        delete=lambda account, id_, outputs: account.client("backup").delete_backup_selection(
            BackupPlanId=outputs["planId"], SelectionId=id_
        ),
        named="name",
        required=("planId", "iamRoleArn"),
    ),
}
