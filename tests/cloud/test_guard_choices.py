"""What guards a cloud site when the plan or a setting asks for something else than the shipped examples do."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from lab.aws.account import Account
from lab.cloud.engine import OWN, StandIn, opened
from lab.cloud.provider import Provider
from lab.cloud.state import StateFile
from lab.kinds import KINDS
from seatworks.errors import CloudError
from seatworks.plan.model import Plan, Target
from tests.cloud.test_guard import statements
from tests.sites import Deployed, copied, deploy, place


@pytest.mark.parametrize(("mode", "goes"), [("GOVERNANCE", True), ("COMPLIANCE", False)])
def test_a_lock_gives_way_to_the_right_to_lift_it_in_governance_alone(mode: str, goes: bool) -> None:
    with Account("cn-north-1") as account:
        s3, provider = account.client("s3"), Provider(account, KINDS)
        inputs = {"bucket": "recordings", "objectLockEnabled": True, "forceDestroy": True}
        id_, outputs = provider.create("aws:s3/bucket:Bucket", "b", inputs, "b")
        lock = {"bucket": id_, "rule": {"defaultRetention": {"mode": mode, "days": 180}}}
        provider.create("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "l", lock, "l")
        version = s3.put_object(Bucket=id_, Key="a.ogg.age", Body=b"x")["VersionId"]
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=id_, Key="a.ogg.age", VersionId=version)
        if goes:
            provider.delete("aws:s3/bucket:Bucket", "b", id_, outputs)
        else:
            with pytest.raises(CloudError, match="AccessDenied"):
                provider.delete("aws:s3/bucket:Bucket", "b", id_, outputs)


def with_copies_in(plan: Plan, region: str) -> Plan:
    """The plan with a second copy in another region."""
    assert plan.guard is not None
    return dataclasses.replace(plan, guard=dataclasses.replace(plan.guard, copy_region=region))


@pytest.mark.slow
def test_a_second_copy_lies_in_another_region_of_the_country(cloud_plan: Plan, tmp_path: Path) -> None:
    away = deploy(with_copies_in(cloud_plan, "cn-northwest-1"), tmp_path)
    state = StateFile(away.where.build).load()
    with opened(state, lambda _state: None) as (account, steps):
        (vault,) = account.at("cn-northwest-1").client("backup").list_backup_vaults()["BackupVaultList"]
        assert vault["Locked"]
        assert ":cn-northwest-1:" in vault["EncryptionKeyArn"]
        backup = account.client("backup")
        for entry in backup.list_backup_plans()["BackupPlansList"]:
            (rule,) = backup.get_backup_plan(BackupPlanId=entry["BackupPlanId"])["BackupPlan"]["Rules"]
            (copied,) = rule["CopyActions"]
            assert copied["DestinationBackupVaultArn"] == vault["BackupVaultArn"]
            assert copied["Lifecycle"] == rule["Lifecycle"]
        steps.finish(set())
        for region in ("cn-north-1", "cn-northwest-1"):
            assert not account.at(region).client("backup").list_backup_vaults()["BackupVaultList"]


def test_a_copy_in_another_country_breaks_a_rule_before_anything_is_made(cloud_plan: Plan, tmp_path: Path) -> None:
    plan = with_copies_in(cloud_plan, "eu-central-1")
    with pytest.raises(CloudError, match=r"rule in-country"):
        StandIn().preview(plan, place(plan, tmp_path), lambda _line: None)


def test_an_account_that_was_there_before_keeps_its_own_settings(cloud_plan: Plan, tmp_path: Path) -> None:
    live = dataclasses.replace(cloud_plan, target=Target.LIVE)
    found = deploy(live, tmp_path, {})
    types = {resource["type"] for resource in found.resources}
    assert "aws:cloudtrail/trail:Trail" in types
    alone = {
        "aws:guardduty/detector:Detector", "aws:cfg/recorder:Recorder", "aws:securityhub/account:Account",
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "aws:ec2/defaultVpc:DefaultVpc",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess", "aws:guardduty/detectorFeature:DetectorFeature",
        "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
        "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    }  # fmt: skip
    assert not types & alone
    audit = found.one("s3/bucketPolicy:BucketPolicy", "cloud-audit-policy")["inputs"]["policy"]
    assert "ConfigWrites" not in audit
    kept = found.one("s3/bucketPolicy:BucketPolicy", "cloud-recordings-policy")["inputs"]["policy"]
    assert statements(kept)["RefuseUnlocking"]["Action"] == "s3:BypassGovernanceRetention"
    kept_types = ("aws:kms/key:Key", "aws:s3/", "aws:backup/vault")
    staying = [resource for resource in found.resources if resource["type"].startswith(kept_types)]
    assert {resource["name"] for resource in staying if not resource["protect"]} == set()
    assert any(resource["type"].endswith("BucketObjectLockConfiguration") for resource in staying)


@pytest.mark.slow
def test_compliance_locks_recordings_and_copies_for_good(cloud_plan: Plan, tmp_path: Path) -> None:
    found = deploy(cloud_plan, tmp_path, {**OWN, "lockMode": "COMPLIANCE"})
    lock = found.one("s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "cloud-recordings-lock")
    assert lock["inputs"]["rule"]["defaultRetention"]["mode"] == "COMPLIANCE"
    (vault,) = found.of("backup/vaultLockConfiguration:VaultLockConfiguration")
    # AWS Backup leaves three days in which such a lock can be taken back.
    assert vault["inputs"]["changeableForDays"] == 3


def test_an_address_in_the_settings_is_told_of_alarms(hybrid_plan: Plan, tmp_path: Path) -> None:
    found = deploy(hybrid_plan, tmp_path, {**OWN, "alarmEmail": "night@example.com", "vaultPassword": "open-sesame"})
    (told,) = found.of("sns/topicSubscription:TopicSubscription")
    assert (told["inputs"]["protocol"], told["inputs"]["endpoint"]) == ("email", "night@example.com")
    (secret,) = found.of("secretsmanager/secret:Secret")
    assert secret["inputs"]["name"] == "seatworks/hybrid/vault"
    assert "open-sesame" not in (found.where.build / "resources.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lockMode": "NONE"}, "seats:lockMode: NONE is not known -> give one of GOVERNANCE, COMPLIANCE"),
        ({"alarmEmail": "night"}, "seats:alarmEmail: night is no e-mail address"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_before_anything_is_made(
    hybrid_plan: Plan, tmp_path: Path, settings: dict[str, str], message: str
) -> None:
    where = place(hybrid_plan, tmp_path)
    with pytest.raises(CloudError, match=message):
        StandIn({**OWN, **settings}).up(hybrid_plan, where, lambda _line: None)
    assert not StateFile(where.build).load().records


@pytest.mark.slow
def test_another_plan_of_copies_changes_in_place(cloud: Deployed, cloud_plan: Plan, tmp_path: Path) -> None:
    assert cloud_plan.guard is not None
    fewer = tuple(dataclasses.replace(entry, retention_days=20) for entry in cloud_plan.guard.copies)
    plan = dataclasses.replace(cloud_plan, guard=dataclasses.replace(cloud_plan.guard, copies=fewer))
    summary, _ = StandIn().up(plan, copied(cloud, plan, tmp_path).where, lambda _line: None)
    assert sorted((change["op"], change["name"]) for change in summary.changes) == [
        ("update", "cloud-copies-calls"),
        ("update", "cloud-copies-lock"),
        ("update", "cloud-copies-recordings"),
    ]
