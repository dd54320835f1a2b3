"""What is added to the emulator refuses what AWS refuses, and says what AWS says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import aws
from lab.aws.account import Account

ROLE = "arn:aws-cn:iam::123456789012:role/copies"
RULE = {"RuleName": "daily", "TargetBackupVaultName": "v"}


@pytest.fixture
def account() -> Iterator[Account]:
    """An empty account."""
    with Account("cn-north-1") as opened:
        aws.extend()
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


def test_features_of_a_detector_change_one_by_one(account: Account) -> None:
    guard = account.client("guardduty")
    id_ = guard.create_detector(Enable=True)["DetectorId"]
    for name in ("S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS"):
        guard.update_detector(DetectorId=id_, Features=[{"Name": name, "Status": "ENABLED"}])
    guard.update_detector(DetectorId=id_, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}])
    found = guard.get_detector(DetectorId=id_)
    assert {entry["Name"]: entry["Status"] for entry in found["Features"]} == {
        "S3_DATA_EVENTS": "DISABLED",
        "EBS_MALWARE_PROTECTION": "ENABLED",
        "RDS_LOGIN_EVENTS": "ENABLED",
    }
    assert found["DataSources"]["S3Logs"]["Status"] == "DISABLED"
    scanned = found["DataSources"]["MalwareProtection"]["ScanEc2InstanceWithFindings"]
    assert scanned["EbsVolumes"]["Status"] == "ENABLED"
    assert guard.list_findings(DetectorId=id_)["FindingIds"] == []
    with pytest.raises(ClientError):
        guard.list_members(DetectorId="elsewhere")


def test_the_hub_is_of_its_partition_and_says_which_standards_it_holds(account: Account) -> None:
    hub = account.client("securityhub")
    with pytest.raises(ClientError, match="not subscribed"):
        hub.get_enabled_standards()
    hub.enable_security_hub(EnableDefaultStandards=True)
    assert hub.describe_hub()["HubArn"].startswith("arn:aws-cn:securityhub:cn-north-1:")
    standards = hub.get_enabled_standards()["StandardsSubscriptions"]
    assert {entry["StandardsArn"].split("/")[1] for entry in standards} == {
        "aws-foundational-security-best-practices",
        "cis-aws-foundations-benchmark",
    }
    hub.disable_security_hub()
    hub.enable_security_hub(EnableDefaultStandards=False)
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []


def test_nobody_has_switched_macie_on() -> None:
    with Account("eu-central-1") as account:
        macie = account.client("macie2")
        with pytest.raises(ClientError, match="Macie is not enabled"):
            macie.get_macie_session()
        macie.enable_macie()
        assert macie.get_macie_session()["status"] == "ENABLED"


@pytest.mark.parametrize(("what", "told"), [("snapshot", "State"), ("image", "ImageBlockPublicAccessState")])
def test_sharing_with_everybody_is_free_until_it_is_blocked(account: Account, what: str, told: str) -> None:
    ec2 = account.client("ec2")

    def ask(deed: str, suffix: str = "", **given: str) -> str:
        return str(getattr(ec2, f"{deed}_{what}_block_public_access{suffix}")(**given)[told])

    assert ask("get", "_state") == "unblocked"
    assert ask("enable", **{told: "block-new-sharing"}) == "block-new-sharing"
    assert ask("get", "_state") == "block-new-sharing"
    assert ask("disable") == "unblocked"


def test_defaults_of_machines_are_told_until_there_is_no_preference(account: Account) -> None:
    ec2 = account.client("ec2")
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {}
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=1)
    ec2.modify_instance_metadata_defaults(HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"HttpTokens": "required"}


def test_snapshots_of_images_are_not_our_own(account: Account) -> None:
    ec2 = account.client("ec2")
    assert ec2.describe_snapshots()["Snapshots"]
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    volume = ec2.create_volume(Size=1, AvailabilityZone="cn-north-1a")["VolumeId"]
    made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    assert [each["SnapshotId"] for each in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]] == [made]


def test_a_list_remembers_which_messages_it_lets_in(account: Account) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    id_ = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=id_, RuleNumber=1, Protocol="1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0",
        IcmpTypeCode={"Type": 3, "Code": -1},
    )  # fmt: skip
    (entry,) = ec2.describe_network_acls(NetworkAclIds=[id_])["NetworkAcls"][0]["Entries"]
    assert entry["IcmpTypeCode"] == {"Type": 3, "Code": -1}


def test_the_network_of_a_region_is_the_same_whenever_the_account_is_opened() -> None:
    def born() -> str:
        with Account("cn-north-1") as opened:
            (vpc,) = opened.client("ec2").describe_vpcs()["Vpcs"]
            assert vpc["IsDefault"]
            return str(vpc["VpcId"])

    assert born() == born()


def test_the_services_with_private_doors_are_told_without_their_emulators(account: Account) -> None:
    names = account.client("ec2").describe_vpc_endpoint_services()["ServiceNames"]
    assert any(name.endswith(".secretsmanager") for name in names)


def test_a_key_says_that_it_is_of_one_region(account: Account) -> None:
    kms = account.client("kms")
    id_ = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.describe_key(KeyId=id_)["KeyMetadata"]["MultiRegion"] is False


def test_a_vault_is_asked_for_its_copies(account: Account) -> None:
    backup = account.client("backup")
    with pytest.raises(ClientError):
        backup.list_recovery_points_by_backup_vault(BackupVaultName="v")
    backup.create_backup_vault(BackupVaultName="v")
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName="v")["RecoveryPoints"] == []


def test_versions_and_authorities_of_databases_are_told(account: Account) -> None:
    rds = account.client("rds")
    versions = {entry["EngineVersion"] for entry in rds.describe_db_engine_versions()["DBEngineVersions"]}
    rds.create_db_instance(
        DBInstanceIdentifier="d", DBInstanceClass="db.m5.large", Engine="postgres", EngineVersion="17",
        AllocatedStorage=20, MasterUsername="someone", ManageMasterUserPassword=True,
    )  # fmt: skip
    (made,) = rds.describe_db_instances()["DBInstances"]
    assert made["EngineVersion"] in versions
    (secret,) = account.client("secretsmanager").list_secrets()["SecretList"]
    assert secret["RotationEnabled"] is True
    (authority,) = rds.describe_certificates(CertificateIdentifier="rds-ca-rsa2048-g1")["Certificates"]
    assert authority["CertificateArn"] == "arn:aws-cn:rds:cn-north-1::cert:rds-ca-rsa2048-g1"
    with pytest.raises(ClientError, match="CertificateNotFound"):
        rds.describe_certificates(CertificateIdentifier="rds-ca-2019")
