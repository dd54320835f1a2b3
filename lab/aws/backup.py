"""AWS Backup: selections, changes of a plan, what a vault holds; a plan with selections is not deleted.

The emulator knows plans and vaults. What AWS checks of a selection is checked here too: the plan exists, the role is a
role, resources are "*" or ARNs, conditions have keys and values.
"""

from __future__ import annotations

import json
import re
from typing import Any

_NAME = re.compile(r"[a-zA-Z0-9\-_.]{1,50}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


def extend() -> None:
    """Add the missing calls to the emulator's Backup."""
    from moto.backup import urls
    from moto.backup.exceptions import (
        InvalidParameterValueException,
        InvalidRequestException,
        ResourceNotFoundException,
    )
    from moto.backup.models import BackupBackend, Plan
    from moto.backup.responses import BackupResponse
    from moto.core.utils import unix_time
    from moto.moto_api._internal import mock_random

    if hasattr(BackupResponse, "create_backup_selection"):
        return

    def living(backend: BackupBackend, id_: str) -> Plan:
        plan = backend.plans.get(id_)
        if plan is None or plan.deletion_date is not None:
            raise ResourceNotFoundException(msg="Cannot find Backup plan with given plan ID")
        return plan

    def selections(plan: Plan) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = plan.__dict__.setdefault("selections", {})
        return found

    def checked(selection: dict[str, Any]) -> None:
        if not _NAME.fullmatch(selection.get("SelectionName", "")):
            raise InvalidParameterValueException(msg="Invalid selection name")
        if not _ROLE.fullmatch(selection.get("IamRoleArn", "")):
            raise InvalidParameterValueException(msg="Invalid role ARN")
        chosen = [*selection.get("Resources", []), *selection.get("ListOfTags", [])]
        if not chosen:
            raise InvalidParameterValueException(msg="Either Resources or ListOfTags must be given")
        if any(resource != "*" and not resource.startswith("arn:") for resource in selection.get("Resources", [])):
            raise InvalidParameterValueException(msg="Resources must be ARNs or *")
        for entries in (selection.get("Conditions") or {}).values():
            if any(not entry.get("ConditionKey", "").startswith("aws:ResourceTag/") for entry in entries):
                raise InvalidParameterValueException(msg="Condition keys must begin with aws:ResourceTag/")

    def ids(self: BackupResponse) -> tuple[str, str]:
        before, _, after = self.path.partition("/selections")
        return before.rstrip("/").rpartition("/")[2], after.strip("/")

    def chosen_one(self: BackupResponse) -> tuple[Plan, str]:
        plan_id, id_ = ids(self)
        plan = living(self.backup_backend, plan_id)
        if id_ not in selections(plan):
            raise ResourceNotFoundException(msg="Cannot find Backup selection with given ID")
        return plan, id_

    def create_backup_selection(self: BackupResponse) -> str:
        plan = living(self.backup_backend, ids(self)[0])
        selection = json.loads(self.body)["BackupSelection"]
        checked(selection)
        made: dict[str, Any] = {
            "SelectionId": str(mock_random.uuid4()),
            "BackupPlanId": plan.backup_plan_id,
            "CreationDate": unix_time(),
        }
        selections(plan)[made["SelectionId"]] = {**made, "BackupSelection": selection}
        return json.dumps(made)

    def get_backup_selection(self: BackupResponse) -> str:
        plan, id_ = chosen_one(self)
        return json.dumps(selections(plan)[id_])

    def delete_backup_selection(self: BackupResponse) -> str:
        plan, id_ = chosen_one(self)
        del selections(plan)[id_]
        return "{}"

    def list_backup_selections(self: BackupResponse) -> str:
        plan = living(self.backup_backend, ids(self)[0])
        found = [
            {
                **{key: entry[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")},
                "SelectionName": entry["BackupSelection"]["SelectionName"],
                "IamRoleArn": entry["BackupSelection"]["IamRoleArn"],
            }
            for entry in selections(plan).values()
        ]
        return json.dumps({"BackupSelectionsList": found})

    def update_backup_plan(self: BackupResponse) -> str:
        plan = living(self.backup_backend, self.path.rstrip("/").rpartition("/")[2])
        # As a new plan would be: defaults, identifiers of rules, a new version.
        fresh = Plan(json.loads(self.body)["BackupPlan"], plan.creator_request_id, self.backup_backend)
        plan.backup_plan, plan.version_id = fresh.backup_plan, fresh.version_id
        return json.dumps(plan.to_dict())

    def list_recovery_points_by_backup_vault(self: BackupResponse) -> str:
        name = self.path.partition("/backup-vaults/")[2].partition("/")[0]
        # Refuses a vault that is not there. Time does not pass here: no copy has been taken yet.
        self.backup_backend.describe_backup_vault(name)
        return json.dumps({"RecoveryPoints": []})

    urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/?$"] = BackupResponse.dispatch
    plain = BackupBackend.delete_backup_plan

    def delete_backup_plan(self: BackupBackend, backup_plan_id: str) -> Any:
        if selections(living(self, backup_plan_id)):
            raise InvalidRequestException(
                msg="Related backup plan selections must be deleted prior to backup plan deletion."
            )
        return plain(self, backup_plan_id)

    for method in (
        create_backup_selection, get_backup_selection, delete_backup_selection, list_backup_selections,
        update_backup_plan, list_recovery_points_by_backup_vault,
    ):  # fmt: skip
        setattr(BackupResponse, method.__name__, method)
    setattr(BackupBackend, plain.__name__, delete_backup_plan)
