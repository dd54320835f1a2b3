"""A managed database as the account holds it: in two zones, encrypted, unreachable but for call servers, protected."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.aws.account import Account
from lab.cloud.engine import StandIn, standing
from lab.cloud.provider import Provider
from lab.kinds import KINDS
from seatworks import plan as planning
from seatworks.environment import Environment, write
from seatworks.plan.model import Plan, Target
from tests.examples import managed_plan_of
from tests.sites import Deployed, copied, deploy, place

NAME = "seatworks-cloud"


def instance(account: Account) -> dict[str, Any]:
    """The one database of the account."""
    (found,) = account.client("rds").describe_db_instances()["DBInstances"]
    return dict(found)


@pytest.fixture(scope="class")
def account(managed: Deployed) -> Iterator[Account]:
    """The account of the cloud example with a managed database. Read only."""
    with standing(managed.where) as site:
        yield site.account


class TestAsTheAccountHoldsIt:
    """The cloud example with a managed database, asked through the account's own interfaces."""

    def test_it_stands_in_two_zones_in_the_networks_of_the_plan(self, account: Account, managed_plan: Plan) -> None:
        found = instance(account)
        assert found["MultiAZ"] is True
        subnets = {subnet["SubnetIdentifier"] for subnet in found["DBSubnetGroup"]["Subnets"]}
        described = account.client("ec2").describe_subnets(SubnetIds=sorted(subnets))["Subnets"]
        assert {subnet["CidrBlock"] for subnet in described} == {
            str(managed_plan.network(name).cidr) for name in managed_plan.database.networks
        }
        assert len({subnet["AvailabilityZone"] for subnet in described}) == 2

    def test_it_has_the_class_and_the_disk_of_the_plan_and_may_grow(self, account: Account, managed_plan: Plan) -> None:
        found, (host,) = instance(account), managed_plan.group("db")
        assert found["DBInstanceClass"] == host.instance_type
        assert found["AllocatedStorage"] == host.disk_gb
        assert found["MaxAllocatedStorage"] == managed_plan.database.storage_max_gb > host.disk_gb
        assert (found["Engine"], found["EngineVersion"].partition(".")[0]) == ("postgres", "17")

    def test_it_is_encrypted_with_a_key_of_its_own(self, account: Account) -> None:
        found = instance(account)
        assert found["StorageEncrypted"] is True
        assert found["PerformanceInsightsKMSKeyId"] == found["MasterUserSecret"]["KmsKeyId"] == found["KmsKeyId"]
        key = account.client("kms").describe_key(KeyId=found["KmsKeyId"])["KeyMetadata"]
        assert key["KeyManager"] == "CUSTOMER"
        assert key["Description"] == "Call detail of deployment cloud"
        assert account.client("kms").get_key_rotation_status(KeyId=found["KmsKeyId"])["KeyRotationEnabled"] is True

    def test_only_call_servers_reach_it_and_only_its_port(self, account: Account, managed_plan: Plan) -> None:
        found = instance(account)
        assert found["PubliclyAccessible"] is False
        (guard,) = found["VpcSecurityGroups"]
        described = account.client("ec2").describe_security_groups(GroupIds=[guard["VpcSecurityGroupId"]])
        (group,) = described["SecurityGroups"]
        opened = {
            (entry["IpProtocol"], entry["FromPort"], entry["ToPort"], network["CidrIp"])
            for entry in group["IpPermissions"]
            for network in entry["IpRanges"]
        }
        assert opened == {("tcp", 5432, 5432, f"{host.address}/32") for host in managed_plan.group("call")}
        assert group["IpPermissionsEgress"] == []

    def test_call_servers_may_go_wherever_it_moves(self, account: Account, managed_plan: Plan) -> None:
        groups = account.client("ec2").describe_security_groups(
            Filters=[{"Name": "group-name", "Values": ["seatworks-cloud-call"]}]
        )["SecurityGroups"]
        ways = {
            network["CidrIp"]
            for entry in groups[0]["IpPermissionsEgress"]
            if entry["FromPort"] == 5432
            for network in entry["IpRanges"]
        }
        assert ways == {str(managed_plan.network(name).cidr) for name in managed_plan.database.networks}

    def test_it_refuses_plain_text_and_writes_down_who_comes(self, account: Account, managed_plan: Plan) -> None:
        (group,) = instance(account)["DBParameterGroups"]
        found = account.client("rds").describe_db_parameters(DBParameterGroupName=group["DBParameterGroupName"])
        parameters = {entry["ParameterName"]: entry["ParameterValue"] for entry in found["Parameters"]}
        assert parameters["rds.force_ssl"] == "1"
        assert parameters["log_connections"] == "1"
        assert parameters == dict(managed_plan.database.parameters)

    def test_nobody_made_up_the_password_of_its_master(self, account: Account, managed: Deployed) -> None:
        found = instance(account)
        secret = account.client("secretsmanager").get_secret_value(SecretId=managed.outputs.database_secret_arn)
        assert found["MasterUserSecret"]["SecretArn"] == managed.outputs.database_secret_arn
        kept = json.loads(secret["SecretString"])
        assert kept["username"] == found["MasterUsername"]
        assert kept["username"] not in {"postgres", "admin", "root"}
        (asked,) = managed.of("rds/instance:Instance")
        assert not {"password", "passwordWo"} & asked["inputs"].keys()
        for file in managed.where.build.rglob("*"):
            assert file.is_dir() or kept["password"] not in file.read_text(encoding="utf-8"), file

    def test_it_can_be_brought_back_to_any_moment_of_five_weeks(self, account: Account) -> None:
        found = instance(account)
        assert found["BackupRetentionPeriod"] == 35
        assert found["CopyTagsToSnapshot"] is True

    def test_it_is_watched_and_its_logs_are_kept_under_its_key(self, account: Account) -> None:
        found = instance(account)
        assert found["MonitoringInterval"] == 60
        assert found["PerformanceInsightsEnabled"] is True
        assert found["AutoMinorVersionUpgrade"] is True
        assert found["IAMDatabaseAuthenticationEnabled"] is True
        logs = account.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/rds/instance/{NAME}/")["logGroups"]
        assert {group["logGroupName"].rpartition("/")[2] for group in logs} == set(
            found["EnabledCloudwatchLogsExports"]
        )
        assert all(group["retentionInDays"] >= 365 and group["kmsKeyId"] == found["KmsKeyId"] for group in logs)

    def test_it_is_handed_back_by_name(self, account: Account, managed: Deployed) -> None:
        assert managed.outputs.database_endpoint == instance(account)["Endpoint"]["Address"]
        assert managed.outputs.database_endpoint.endswith(".rds.cn-north-1.amazonaws.com.cn")
        assert "db1" not in managed.outputs.instance_ids

    @pytest.mark.parametrize(
        ("property_", "value", "replaced"),
        [
            ("engine", "mysql", True),
            ("identifier", "other", True),
            ("kmsKeyId", "arn:aws-cn:kms:cn-north-1:123456789012:key/x", True),
            ("storageEncrypted", False, True),
            ("username", "other", True),
            ("instanceClass", "db.m6i.xlarge", False),
            ("allocatedStorage", 100, False),
            ("backupRetentionPeriod", 7, False),
            ("parameterGroupName", "other", False),
            ("finalSnapshotIdentifier", "other", False),
        ],
    )
    def test_what_cannot_change_in_place_means_another_instance(
        self, managed: Deployed, account: Account, property_: str, value: object, replaced: bool
    ) -> None:
        (recorded,) = managed.of("rds/instance:Instance")
        found = Provider(account, KINDS).compare(
            recorded["type"], recorded["inputs"], {**recorded["inputs"], property_: value}
        )
        assert (found.changed, found.replace) == ((property_,), replaced)


def test_a_preview_before_anything_is_there_says_what_it_would_make(managed_plan: Plan, tmp_path: Path) -> None:
    said = StandIn().preview(managed_plan, place(managed_plan, tmp_path), lambda _line: None)
    assert "aws:rds/instance:Instance" in {step["type"] for step in said.changes if step["op"] == "create"}


def test_hosts_of_ours_hand_back_no_database(cloud: Deployed) -> None:
    assert (cloud.outputs.database_endpoint, cloud.outputs.database_secret_arn) == ("", "")
    assert not cloud.of("rds/instance:Instance")


def test_its_stand_ins_administration_is_no_door_of_the_service(managed: Deployed) -> None:
    assert "db1" in next(flow for flow in managed.plan.flows if flow.name == "management").targets
    rules = managed.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert not [rule for rule in rules if rule["name"].startswith("cloud-db-in-") and rule["inputs"]["fromPort"] == 22]


def test_the_real_one_is_protected_and_leaves_a_last_copy(tmp_path: Path) -> None:
    live = deploy(managed_plan_of(target=Target.LIVE), tmp_path, {})
    with standing(live.where) as site:
        account = site.account
        found = instance(account)
        assert found["DeletionProtection"] is True
        (recorded,) = live.of("rds/instance:Instance")
        assert recorded["protect"] is True
        assert recorded["inputs"]["skipFinalSnapshot"] is False
        assert recorded["inputs"]["finalSnapshotIdentifier"] == f"{NAME}-final"
        assert recorded["inputs"]["deleteAutomatedBackups"] is False
        refused = account.client("rds").exceptions.ClientError
        with pytest.raises(refused, match="protected"):
            account.client("rds").delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)


@pytest.mark.slow
def test_elsewhere_it_is_of_the_common_partition(tmp_path: Path) -> None:
    abroad = deploy(managed_plan_of(region="eu-central-1"), tmp_path)
    assert abroad.outputs.database_endpoint.endswith(".eu-central-1.rds.amazonaws.com")
    assert abroad.outputs.database_secret_arn.startswith("arn:aws:secretsmanager:eu-central-1:")


def changed(plan: Plan, **host: Any) -> Plan:
    """The plan with another database host."""
    hosts = tuple(dataclasses.replace(each, **host) if each.managed else each for each in plan.hosts)
    return dataclasses.replace(plan, hosts=hosts)


def settings(plan: Plan, **database: Any) -> Plan:
    """The plan with a database that is run in another way."""
    return dataclasses.replace(plan, database=dataclasses.replace(plan.database, **database))


@pytest.mark.slow
def test_it_keeps_its_identity_when_the_plan_changes(managed: Deployed, tmp_path: Path) -> None:
    plan = managed.plan
    first = copied(managed, plan, tmp_path)
    fewer = tuple(entry for entry in plan.database.parameters if entry[0] != "log_lock_waits")
    larger = changed(plan, instance_type="db.m6i.xlarge", disk_gb=100)
    asked = settings(larger, storage_max_gb=200, backup_days=14, parameters=fewer)
    summary, outputs = StandIn().up(asked, write_plan(asked, first.where), lambda _line: None)
    assert {(step["op"], step["type"]) for step in summary.changes} == {
        ("update", "aws:rds/instance:Instance"),
        ("update", "aws:rds/parameterGroup:ParameterGroup"),
        # A tenth of the larger disk.
        ("update", "aws:cloudwatch/metricAlarm:MetricAlarm"),
    }
    assert outputs.database_endpoint == first.outputs.database_endpoint
    with standing(first.where) as site:
        account = site.account
        found = instance(account)
        assert (found["DBInstanceClass"], found["AllocatedStorage"]) == ("db.m6i.xlarge", 100)
        assert (found["MaxAllocatedStorage"], found["BackupRetentionPeriod"]) == (200, 14)
        held = account.client("rds").describe_db_parameters(DBParameterGroupName=f"{NAME}-postgres17")["Parameters"]
        assert {entry["ParameterName"]: entry["ParameterValue"] for entry in held} == dict(fewer)
    StandIn().destroy(first.where, lambda _line: None, data=True)
    assert not first.where.build.joinpath("cloud-state.json").exists()


def write_plan(plan: Plan, where: Environment) -> Environment:
    """The environment with another plan."""
    write(where.attempted_file, planning.dump(plan))
    return where


class TestTheEmulatedServiceRefusesWhatTheRealOneDoes:
    """Requests that would only fail in a real account otherwise."""

    def test_networks_in_one_zone(self, account: Account) -> None:
        subnet = account.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        rds = account.client("rds")
        with pytest.raises(rds.exceptions.ClientError, match="two zones"):
            rds.create_db_subnet_group(DBSubnetGroupName="x", DBSubnetGroupDescription="x", SubnetIds=[subnet])

    def test_a_smaller_disk(self, account: Account) -> None:
        rds = account.client("rds")
        with pytest.raises(rds.exceptions.ClientError, match="cannot be reduced"):
            rds.modify_db_instance(DBInstanceIdentifier=NAME, AllocatedStorage=1)

    def test_a_farewell_without_a_last_copy(self, account: Account) -> None:
        rds = account.client("rds")
        with pytest.raises(rds.exceptions.ClientError, match="FinalDBSnapshotIdentifier"):
            rds.delete_db_instance(DBInstanceIdentifier=NAME)

    def test_groups_that_are_in_use(self, account: Account) -> None:
        rds = account.client("rds")
        with pytest.raises(rds.exceptions.ClientError, match="in use"):
            rds.delete_db_subnet_group(DBSubnetGroupName=NAME)
        with pytest.raises(rds.exceptions.ClientError, match="in use"):
            rds.delete_db_parameter_group(DBParameterGroupName=f"{NAME}-postgres17")

    def test_instances_have_identifiers_of_their_own(self, account: Account) -> None:
        rds = account.client("rds")
        for name in ("one", "two"):
            rds.create_db_instance(
                DBInstanceIdentifier=name, DBInstanceClass="db.m6i.large", Engine="postgres", AllocatedStorage=20
            )
        found = rds.describe_db_instances()["DBInstances"]
        assert len({each["DbiResourceId"] for each in found}) == len(found) == 3
