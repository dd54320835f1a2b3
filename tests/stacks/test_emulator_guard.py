"""What is added to the emulator refuses what AWS refuses, and says what AWS says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.engine import emulator
from stacks.engine.account import Account

ROLE = "arn:aws-cn:iam::123456789012:role/copies"
RULE = {"RuleName": "daily", "TargetBackupVaultName": "v"}


@pytest.fixture
def account() -> Iterator[Account]:
    """An empty account."""
    with Account("cn-north-1") as opened:
        emulator.extend()
        yield opened


def plan(account: Account) -> str:
    """A plan of copies."""
    document = {"BackupPlanName": "p", "Rules": [RULE]}
    return str(account.client("backup").create_backup_plan(BackupPlan=document)["BackupPlanId"])


def selection(**changes: Any) -> dict[str, Any]:
    """A selection that AWS takes, with changes."""
    return {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"], **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"SelectionName": "a b"}, "Invalid selection name"),
        ({"IamRoleArn": "copies"}, "Invalid role ARN"),
        ({"Resources": []}, "Either Resources or ListOfTags"),
        ({"Resources": ["i-1"]}, "Resources must be ARNs"),
        ({"Conditions": {"StringEquals": [{"ConditionKey": "Group", "ConditionValue": "db"}]}}, "aws:ResourceTag/"),
    ],
)
def test_a_selection_that_aws_would_refuse_is_refused(account: Account, changes: dict[str, Any], message: str) -> None:
    backup, id_ = account.client("backup"), plan(account)
    with pytest.raises(ClientError, match=message):
        backup.create_backup_selection(BackupPlanId=id_, BackupSelection=selection(**changes))
    assert not backup.list_backup_selections(BackupPlanId=id_)["BackupSelectionsList"]


def test_a_selection_needs_its_plan_and_a_plan_outlives_its_selections(account: Account) -> None:
    backup, id_ = account.client("backup"), plan(account)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        backup.create_backup_selection(BackupPlanId="elsewhere", BackupSelection=selection())
    made = backup.create_backup_selection(BackupPlanId=id_, BackupSelection=selection())["SelectionId"]
    with pytest.raises(ClientError, match="selections must be deleted"):
        backup.delete_backup_plan(BackupPlanId=id_)
    backup.delete_backup_selection(BackupPlanId=id_, SelectionId=made)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        backup.get_backup_selection(BackupPlanId=id_, SelectionId=made)
    backup.delete_backup_plan(BackupPlanId=id_)


def test_a_changed_plan_keeps_its_identifier_and_gets_a_version(account: Account) -> None:
    backup, id_ = account.client("backup"), plan(account)
    before = backup.get_backup_plan(BackupPlanId=id_)["VersionId"]
    document = {"BackupPlanName": "p", "Rules": [{**RULE, "Lifecycle": {"DeleteAfterDays": 9}}]}
    backup.update_backup_plan(BackupPlanId=id_, BackupPlan=document)
    found = backup.get_backup_plan(BackupPlanId=id_)
    assert found["BackupPlan"]["Rules"][0]["Lifecycle"] == {"DeleteAfterDays": 9}
    assert found["VersionId"] != before


def test_a_metric_filter_put_again_takes_the_place_of_the_first(account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="g")
    counted = [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]
    for pattern in ("first", "second"):
        logs.put_metric_filter(logGroupName="g", filterName="f", filterPattern=pattern, metricTransformations=counted)
    assert [entry["filterPattern"] for entry in logs.describe_metric_filters()["metricFilters"]] == ["second"]


def test_tags_of_a_detector_change(account: Account) -> None:
    guard = account.client("guardduty")
    id_ = guard.create_detector(Enable=True, Tags={"a": "1", "b": "2"})["DetectorId"]
    name = f"arn:aws-cn:guardduty:cn-north-1:123456789012:detector/{id_}"
    guard.untag_resource(ResourceArn=name, TagKeys=["a"])
    guard.tag_resource(ResourceArn=name, Tags={"c": "3"})
    assert guard.list_tags_for_resource(ResourceArn=name)["Tags"] == {"b": "2", "c": "3"}


def test_policies_of_aws_are_there_to_be_attached_and_others_are_not(account: Account) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="copies", AssumeRolePolicyDocument="{}")
    own = "arn:aws-cn:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    iam.attach_role_policy(RoleName="copies", PolicyArn=own)
    (found,) = iam.list_attached_role_policies(RoleName="copies")["AttachedPolicies"]
    assert found["PolicyArn"] == own
    for wrong in (own + "Typo", own.replace("service-role/", "")):
        with pytest.raises(ClientError, match="NoSuchEntity"):
            iam.attach_role_policy(RoleName="copies", PolicyArn=wrong)
