"""What guards a cloud site, asked of the account itself after a deploy, in China and elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from moto.config.models import MANAGED_RULES

from lab.aws.account import Account
from lab.cloud.engine import standing
from seatworks.plan.model import Plan
from stacks.components.config_rules import CHECKS
from stacks.components.event_alarms import EVENTS
from tests.sites import Deployed


@dataclass(frozen=True, slots=True)
class Stood:
    """A deployment, and the account in which it stands."""

    deployed: Deployed
    account: Account

    @property
    def plan(self) -> Plan:
        """The plan of it."""
        return self.deployed.plan

    @property
    def partition(self) -> str:
        """The partition of its ARNs."""
        return "aws-cn" if self.account.region.startswith("cn-") else "aws"

    def ask(self, service: str) -> Any:
        """A client of one service."""
        return self.account.client(service)

    def id(self, type_: str, name: str) -> str:
        """The identifier of a resource."""
        return str(self.deployed.one(type_, f"{self.plan.name}-{name}")["id"])

    def bucket(self, name: str) -> str:
        """A bucket's name."""
        return self.id("s3/bucket:Bucket", name)


@pytest.fixture(scope="module", params=["hybrid", "cloud", "cloud_abroad"])
def stood(request: pytest.FixtureRequest) -> Iterator[Stood]:
    """Each deployment in its account, with everything that was made."""
    deployed: Deployed = request.getfixturevalue(request.param)
    with standing(deployed.where) as site:
        yield Stood(deployed, site.account)


def statements(document: str) -> dict[str, dict[str, Any]]:
    """The statements of a policy by their names."""
    return {entry["Sid"]: entry for entry in json.loads(document)["Statement"]}


def test_a_recording_is_locked_for_as_long_as_the_plan_keeps_it(stood: Stood) -> None:
    s3, bucket = stood.ask("s3"), stood.bucket("recordings")
    days = stood.plan.recording.retention_days
    found = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    period = found["Rule"]["DefaultRetention"]
    assert (period["Mode"], period["Days"]) == ("GOVERNANCE", days)
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"]["Days"] >= days
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_who_fetched_what_is_written_to_a_bucket_of_its_own(stood: Stood) -> None:
    s3, access = stood.ask("s3"), stood.bucket("access")
    for name in ("recordings", "audit"):
        found = s3.get_bucket_logging(Bucket=stood.bucket(name))["LoggingEnabled"]
        assert found == {"TargetBucket": access, "TargetPrefix": f"{stood.plan.name}-{name}/"}
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=access)
    allowed = statements(s3.get_bucket_policy(Bucket=access)["Policy"])["AccessLogs"]
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": stood.deployed.outputs.account},
        "ArnLike": {"aws:SourceArn": f"arn:{stood.partition}:s3:::{stood.plan.name}-*"},
    }
    (rule,) = s3.get_bucket_encryption(Bucket=access)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    closed = s3.get_public_access_block(Bucket=access)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}


def test_the_trail_also_writes_where_alarms_look(stood: Stood) -> None:
    name = stood.plan.name
    (trail,) = stood.ask("cloudtrail").describe_trails()["trailList"]
    owner = stood.deployed.outputs.account
    group = f"arn:{stood.partition}:logs:{stood.account.region}:{owner}:log-group:/seatworks/{name}/calls"
    assert trail["CloudWatchLogsLogGroupArn"] == f"{group}:*"
    role = trail["CloudWatchLogsRoleArn"].rpartition("/")[2]
    iam = stood.ask("iam")
    (policy,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    (allowed,) = document["Statement"]
    assert allowed["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert allowed["Resource"] == f"{group}:log-stream:{owner}_CloudTrail_{stood.account.region}*"


def test_every_event_that_must_be_heard_of_is_counted_and_told(stood: Stood) -> None:
    name, topic = stood.plan.name, stood.id("sns/topic:Topic", "alarms")
    filters = stood.ask("logs").describe_metric_filters(logGroupName=f"/seatworks/{name}/calls")["metricFilters"]
    assert {entry["filterPattern"] for entry in filters} == {event.pattern for event in EVENTS}
    counted = {
        (entry["metricNamespace"], entry["metricName"]) for found in filters for entry in found["metricTransformations"]
    }
    alarms = stood.ask("cloudwatch").describe_alarms(AlarmNamePrefix=f"seatworks-{name}-")["MetricAlarms"]
    # An alarm on what is left of two metrics has none of its own.
    assert counted <= {(alarm.get("Namespace"), alarm.get("MetricName")) for alarm in alarms}
    assert all(topic in alarm["AlarmActions"] and alarm["AlarmDescription"] for alarm in alarms)


def test_patterns_are_of_a_length_that_cloudwatch_takes() -> None:
    assert all(len(event.pattern) <= 1024 for event in EVENTS)
    assert len({event.name for event in EVENTS}) == len(EVENTS)


def test_every_instance_has_its_alarms_and_only_dead_hardware_is_mended_alone(stood: Stood) -> None:
    found = stood.ask("cloudwatch").describe_alarms()["MetricAlarms"]
    recover = f"arn:{stood.partition}:automate:{stood.account.region}:ec2:recover"
    for id_ in stood.deployed.outputs.instance_ids.values():
        mine = {
            alarm["MetricName"]: alarm
            for alarm in found
            if {"Name": "InstanceId", "Value": id_} in alarm.get("Dimensions", [])
        }
        assert set(mine) == {"StatusCheckFailed_System", "StatusCheckFailed_Instance", "CPUUtilization"}
        assert recover in mine.pop("StatusCheckFailed_System")["AlarmActions"]
        assert stood.plan.guard is not None
        assert mine["CPUUtilization"]["Threshold"] == stood.plan.guard.cpu_alarm_percent
        assert not [alarm for alarm in mine.values() if recover in alarm["AlarmActions"]]


def test_alarms_travel_encrypted_and_from_this_account_alone(stood: Stood) -> None:
    sns, topic = stood.ask("sns"), stood.id("sns/topic:Topic", "alarms")
    found = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    key = stood.ask("kms").get_key_policy(KeyId=found["KmsMasterKeyId"], PolicyName="default")["Policy"]
    own = {"StringEquals": {"aws:SourceAccount": stood.deployed.outputs.account}}
    rules = statements(found["Policy"])
    assert rules.pop("RefusePlain")["Effect"] == "Deny"
    assert {entry["Principal"]["Service"] for entry in rules.values()} == {
        "cloudwatch.amazonaws.com",
        "events.amazonaws.com",
        "backup.amazonaws.com",
    }
    assert all(entry["Condition"] == own for entry in rules.values())
    users = statements(key)
    assert {sid for sid in users if sid != "Account"} == {"CloudwatchUses", "EventsUses", "BackupUses"}
    assert all(entry["Condition"] == own for sid, entry in users.items() if sid != "Account")


def test_daily_copies_are_made_of_what_holds_data_and_kept_as_planned(stood: Stood) -> None:
    guard = stood.plan.guard
    assert guard is not None
    backup, name = stood.ask("backup"), stood.plan.name
    plans = {entry["BackupPlanName"]: entry["BackupPlanId"] for entry in backup.list_backup_plans()["BackupPlansList"]}
    assert set(plans) == {f"seatworks-{name}-{entry.data_class}" for entry in guard.copies}
    for entry in guard.copies:
        id_ = plans[f"seatworks-{name}-{entry.data_class}"]
        (rule,) = backup.get_backup_plan(BackupPlanId=id_)["BackupPlan"]["Rules"]
        assert rule["Lifecycle"] == {"DeleteAfterDays": entry.retention_days}
        assert rule["ScheduleExpression"] == f"cron(0 {guard.copy_hour_utc} * * ? *)"
        chosen = [
            backup.get_backup_selection(BackupPlanId=id_, SelectionId=found["SelectionId"])["BackupSelection"]
            for found in backup.list_backup_selections(BackupPlanId=id_)["BackupSelectionsList"]
        ]
        wanted = {
            f"{stood.plan.name}-{host.name}"
            for host in stood.plan.hosts
            if host.group in entry.groups and host.site == "cloud"
        }
        assert {machine for selection in chosen for machine in selected(stood, selection)} == wanted


def selected(stood: Stood, selection: dict[str, Any]) -> set[str]:
    """Names of the instances that a selection takes."""
    assert selection["Resources"] == ["*"]
    wanted = selection["Conditions"]["StringEquals"]
    filters = [
        {"Name": f"tag:{entry['ConditionKey'].removeprefix('aws:ResourceTag/')}", "Values": [entry["ConditionValue"]]}
        for entry in wanted
    ]
    found = stood.ask("ec2").describe_instances(Filters=filters)["Reservations"]
    tags = [machine["Tags"] for group in found for machine in group["Instances"]]
    return {tag["Value"] for each in tags for tag in each if tag["Key"] == "Name"}


def test_a_vault_is_locked_under_a_key_of_its_own(stood: Stood) -> None:
    guard = stood.plan.guard
    assert guard is not None
    vaults = stood.ask("backup").list_backup_vaults()["BackupVaultList"]
    assert len(vaults) == (1 if guard.copies else 0)
    for vault in vaults:
        assert vault["Locked"]
        days = {entry.retention_days for entry in guard.copies}
        assert (vault["MinRetentionDays"], vault["MaxRetentionDays"]) == (min(days), max(days))
        assert (
            vault["EncryptionKeyArn"]
            == stood.deployed.one("kms/key:Key", f"{stood.plan.name}-copies")["outputs"]["arn"]
        )


def test_disks_are_encrypted_with_a_key_of_the_deployment(stood: Stood) -> None:
    key = stood.deployed.one("kms/key:Key", f"{stood.plan.name}-disks")["outputs"]["arn"]
    volumes = stood.ask("ec2").describe_volumes()["Volumes"]
    assert volumes
    assert {volume.get("KmsKeyId") for volume in volumes} == {key}


def test_every_key_is_renewed_and_opened_by_named_services_only(stood: Stood) -> None:
    kms, name = stood.ask("kms"), stood.plan.name
    named = {
        alias["AliasName"]: alias["TargetKeyId"] for alias in kms.list_aliases()["Aliases"] if "TargetKeyId" in alias
    }
    mine = {alias.removeprefix(f"alias/seatworks-{name}-"): key for alias, key in named.items() if "seatworks" in alias}
    guard = stood.plan.guard
    assert guard is not None
    of_peaks = ["secrets", "bundle"] if stood.plan.peak_hosts else []
    assert set(mine) == {"recordings", "audit", "alarms", "disks", *of_peaks, *(["copies"] if guard.copies else [])}
    for key in mine.values():
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        users = statements(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        assert users.pop("Account")["Principal"]["AWS"].endswith(":root")
        for name in [name for name in users if name.startswith("AutoScaling")]:
            assert users.pop(name)["Condition"]["ArnEquals"]["aws:PrincipalArn"].endswith(
                "/AWSServiceRoleForAutoScaling"
            )
        assert all("Service" in user["Principal"] and user["Condition"] for user in users.values())


def test_an_account_of_its_own_is_watched_and_has_safe_defaults(stood: Stood) -> None:
    guard = stood.ask("guardduty")
    (detector,) = guard.list_detectors()["DetectorIds"]
    assert guard.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    closed = stood.ask("s3control").get_public_access_block(AccountId=stood.deployed.outputs.account)
    assert set(closed["PublicAccessBlockConfiguration"].values()) == {True}
    assert stood.ask("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    passwords = stood.ask("iam").get_account_password_policy()["PasswordPolicy"]
    assert passwords["MinimumPasswordLength"] >= 14
    assert stood.ask("securityhub").describe_hub()["HubArn"]


def test_what_stands_in_the_account_is_recorded_and_judged(stood: Stood) -> None:
    config, audit = stood.ask("config"), stood.bucket("audit")
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == audit
    writes = statements(stood.ask("s3").get_bucket_policy(Bucket=audit)["Policy"])["ConfigWrites"]
    assert writes["Resource"].endswith(f"/AWSLogs/{stood.deployed.outputs.account}/Config/*")
    pages = config.get_paginator("describe_config_rules").paginate()
    found = {rule["Source"]["SourceIdentifier"] for page in pages for rule in page["ConfigRules"]}
    assert found == {check.identifier for check in CHECKS if check.serves(stood.partition)}


def test_rules_of_config_are_offered_where_they_are_asked_for(stood: Stood) -> None:
    """The emulator carries AWS's own list of rules with the regions that lack each."""
    place = {"cn-north-1": "China (Beijing)", "eu-central-1": "Europe (Frankfurt)"}[stood.account.region]
    for check in CHECKS:
        where = MANAGED_RULES["ManagedRules"][check.identifier]["AWS Region"]
        lacking = "except" in where and place in where
        assert lacking != check.serves(stood.partition), check.identifier


def test_findings_and_failed_copies_are_told(stood: Stood) -> None:
    events, topic = stood.ask("events"), stood.id("sns/topic:Topic", "alarms")
    rules = events.list_rules()["Rules"]
    sources = {json.loads(rule["EventPattern"])["source"][0] for rule in rules}
    guard = stood.plan.guard
    assert guard is not None
    assert sources == {"aws.guardduty", "aws.config", *(["aws.backup"] if guard.copies else [])}
    for rule in rules:
        assert [target["Arn"] for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]] == [topic]
