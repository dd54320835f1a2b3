"""The account that a run leaves, asked through its own interfaces, is what the plan says: in each region, of anything.

Nothing here is a list of today's resources: every port, key, bucket, log group, disk and policy of the account is
looked at, whatever made it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pytest

from lab.cloud.engine import Standing, standing
from seatworks.plan.model import Plan, Site
from seatworks.plan.peak import group_name
from stacks import drift
from stacks.policy.account import TAGGED
from tests.aws import autoscaling
from tests.cloud.regions import plan_in
from tests.examples import plan_of
from tests.sites import Deployed, shared

# The Cybersecurity Law (article 21) asks for six months of logs; six months can be 184 days.
LOG_DAYS = 184
Opening = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """An example in its account, in one region."""

    deployed: Deployed
    standing: Standing

    @property
    def plan(self) -> Plan:
        """The plan that was deployed."""
        return self.deployed.plan

    @property
    def partition(self) -> str:
        """What ARNs of this region begin with."""
        return "aws-cn" if str(self.plan.region).startswith("cn-") else "aws"

    def all(self, service: str, operation: str, key: str, **arguments: Any) -> list[dict[str, Any]]:
        """Everything that one listing of the account tells."""
        pages = self.standing.client(service).get_paginator(operation).paginate(**arguments)
        return [entry for page in pages for entry in page[key]]

    def vpc(self) -> dict[str, Any]:
        """The VPC of the deployment. Every account has one of its own besides."""
        (found,) = [vpc for vpc in self.all("ec2", "describe_vpcs", "Vpcs") if not vpc["IsDefault"]]
        return found

    def machines(self) -> dict[str, dict[str, Any]]:
        """Every instance, by the private address of its first interface."""
        groups = self.all("ec2", "describe_instances", "Reservations")
        found = [machine for group in groups for machine in group["Instances"]]
        return {str(machine["PrivateIpAddress"]): machine for machine in found}

    def own_keys(self) -> list[str]:
        """Every key that is not one of AWS' own."""
        names = {alias["TargetKeyId"]: alias["AliasName"] for alias in self.all("kms", "list_aliases", "Aliases")}
        ids = [str(key["KeyId"]) for key in self.all("kms", "list_keys", "Keys")]
        return [id_ for id_ in ids if not names.get(id_, "").startswith("alias/aws/")]

    def buckets(self) -> list[str]:
        """Every bucket."""
        return [str(bucket["Name"]) for bucket in self.standing.client("s3").list_buckets()["Buckets"]]

    def policies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every policy document of buckets, keys and roles, with whose it is."""
        s3, kms, iam = (self.standing.client(service) for service in ("s3", "kms", "iam"))
        for bucket in self.buckets():
            yield bucket, json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        for key in self.own_keys():
            yield key, json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        for role in self.all("iam", "list_roles", "Roles"):
            name = role["RoleName"]
            yield name, role["AssumeRolePolicyDocument"]
            for policy in self.all("iam", "list_role_policies", "PolicyNames", RoleName=name):
                yield name, iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]


@pytest.fixture(
    scope="module",
    params=[
        ("cloud", "cn-north-1"),
        ("hybrid", "eu-central-1"),
        # The other ways to meet a region and an example.
        pytest.param(("hybrid", "cn-north-1"), marks=pytest.mark.slow),
        pytest.param(("hybrid", "cn-northwest-1"), marks=pytest.mark.slow),
        pytest.param(("cloud", "cn-northwest-1"), marks=pytest.mark.slow),
        pytest.param(("cloud", "eu-central-1"), marks=pytest.mark.slow),
    ],
)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Each example that has a cloud site, in each region, on a day on which servers of a peak stand too."""
    name, region = request.param
    fixture = {"cn-north-1": name, "eu-central-1": f"{name}_abroad"}.get(region)
    plan = plan_in(name, region)
    deployed = request.getfixturevalue(fixture) if fixture else shared(tmp_path_factory, f"{name}-{region}", plan)
    assert (deployed.plan, plan.region) == (plan, region)
    with standing(deployed.where, [autoscaling.extend]) as stands:
        scaling = stands.client("autoscaling")
        for host in plan.peak_hosts:
            scaling.set_desired_capacity(AutoScalingGroupName=group_name(name, host.name), DesiredCapacity=1)
        yield Seen(deployed, stands)


def test_the_example_without_a_cloud_site_asks_for_no_account() -> None:
    plan = plan_of("onprem")
    assert plan.region is None
    assert not [host for host in plan.hosts if host.site is Site.CLOUD]


def wanted(plan: Plan, names: set[str]) -> set[Opening]:
    """What the plan's flows ask of the firewall of these hosts. What goes through the link the cloud does not see."""
    return {
        (str(flow.protocol), flow.first_port, flow.last_port, str(source))
        for flow in plan.flows
        if not flow.via_link and names.intersection(flow.targets)
        for source in plan.source_cidrs(flow)
    }


def test_the_open_ports_of_every_planned_host_are_exactly_the_flows_of_the_plan(seen: Seen) -> None:
    machines = seen.machines()
    rules = seen.all("ec2", "describe_security_group_rules", "SecurityGroupRules")
    hosts = [host for host in seen.plan.hosts if host.site is Site.CLOUD]
    for group in {host.group for host in hosts}:
        members = {host.name: str(host.address) for host in hosts if host.group == group}
        guards = {
            guard["GroupId"]
            for address in members.values()
            for card in machines[address]["NetworkInterfaces"]
            for guard in card["Groups"]
        }
        found = [rule for rule in rules if rule["GroupId"] in guards and not rule["IsEgress"]]
        openings = {
            (rule["IpProtocol"], rule["FromPort"], rule["ToPort"], rule.get("CidrIpv4", "no network")) for rule in found
        }
        assert openings == wanted(seen.plan, set(members)), group
        assert len(found) == len(openings), group


def test_what_is_no_planned_host_is_reached_from_inside_the_network_only(seen: Seen) -> None:
    vpc, machines = seen.vpc(), seen.machines()
    hosts = {
        guard["GroupId"]
        for host in seen.plan.hosts
        if host.site is Site.CLOUD
        for card in machines[str(host.address)]["NetworkInterfaces"]
        for guard in card["Groups"]
    }
    inside = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    guards = {
        guard["GroupId"] for guard in seen.all("ec2", "describe_security_groups", "SecurityGroups", Filters=inside)
    }
    network = IPv4Network(vpc["CidrBlock"])
    for rule in seen.all("ec2", "describe_security_group_rules", "SecurityGroupRules"):
        if rule["GroupId"] not in guards - hosts or rule["IsEgress"]:
            continue
        other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        assert other in guards or IPv4Network(rule["CidrIpv4"]).subnet_of(network), rule
        assert rule["FromPort"] != seen.plan.ports.ssh, rule


def test_the_group_that_every_network_is_born_with_lets_nothing_through(seen: Seen) -> None:
    wanted = [{"Name": "vpc-id", "Values": [seen.vpc()["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    (guard,) = seen.all("ec2", "describe_security_groups", "SecurityGroups", Filters=wanted)
    assert (guard["IpPermissions"], guard["IpPermissionsEgress"]) == ([], [])


def test_every_planned_network_is_a_subnet_in_its_zone_and_every_host_is_in_its_network(seen: Seen) -> None:
    inside = [{"Name": "vpc-id", "Values": [seen.vpc()["VpcId"]]}]
    subnets = seen.all("ec2", "describe_subnets", "Subnets", Filters=inside)
    zones = {subnet["CidrBlock"]: subnet["AvailabilityZone"] for subnet in subnets}
    planned = {str(net.cidr): net.zone for net in seen.plan.networks if net.site is Site.CLOUD}
    assert planned.items() <= zones.items()
    assert all(str(zone).startswith(str(seen.plan.region)) for zone in zones.values())
    assert not any(subnet["MapPublicIpOnLaunch"] for subnet in subnets)
    names = {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in subnets}
    machines = seen.machines()
    hosts = [host for host in seen.plan.hosts if host.site is Site.CLOUD]
    for host in hosts:
        machine = machines[str(host.address)]
        assert names[machine["SubnetId"]] == str(seen.plan.network(host.network).cidr), host.name
        assert machine["InstanceType"] == host.instance_type
    assert len({zones[names[machines[str(host.address)]["SubnetId"]]] for host in hosts}) >= 2


def test_every_disk_is_encrypted_and_every_machine_asks_for_metadata_tokens(seen: Seen) -> None:
    volumes = seen.all("ec2", "describe_volumes", "Volumes")
    assert volumes
    assert all(volume["Encrypted"] for volume in volumes)
    options = [machine["MetadataOptions"] for machine in seen.machines().values()]
    assert {(option["HttpTokens"], option["HttpPutResponseHopLimit"]) for option in options} == {("required", 1)}


def test_every_key_is_on_and_rotated_and_belongs_to_the_account(seen: Seen) -> None:
    kms, keys = seen.standing.client("kms"), seen.own_keys()
    assert keys
    for key in keys:
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled", key
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], key
        statements = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
        root = f"arn:{seen.partition}:iam::{seen.deployed.outputs.account}:root"
        assert any(each["Principal"] == {"AWS": root} and each["Action"] == "kms:*" for each in statements), key


def test_every_bucket_is_private_versioned_and_encrypted_with_a_key_of_ours_where_s3_allows_it(
    seen: Seen,
) -> None:
    s3, keys = seen.standing.client("s3"), set(seen.own_keys())
    logged = [s3.get_bucket_logging(Bucket=bucket).get("LoggingEnabled") for bucket in seen.buckets()]
    targets = {each["TargetBucket"] for each in logged if each}
    assert len(targets) == 1
    for bucket in seen.buckets():
        assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled", bucket
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        how = [rule["ApplyServerSideEncryptionByDefault"] for rule in rules]
        if bucket in targets:
            # S3 delivers its access logs to no bucket that another key encrypts than its own.
            assert {each["SSEAlgorithm"] for each in how} == {"AES256"}, bucket
        else:
            assert {each["SSEAlgorithm"] for each in how} == {"aws:kms"}, bucket
            assert {each["KMSMasterKeyID"].rpartition("/")[2] for each in how} <= keys, bucket
        refused = [
            statement["Condition"].get("Bool", {}).get("aws:SecureTransport")
            for statement in json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
            if statement["Effect"] == "Deny" and statement["Principal"] == "*"
        ]
        assert "false" in refused, bucket


def test_recordings_stay_as_long_as_planned_and_logs_as_long_as_the_law_asks(seen: Seen) -> None:
    s3 = seen.standing.client("s3")

    def days(bucket: str) -> list[int]:
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        return [rule["Expiration"]["Days"] for rule in rules if "Days" in rule.get("Expiration", {})]

    assert days(seen.deployed.outputs.recordings_bucket) == [seen.plan.recording.retention_days]
    assert min(days(seen.deployed.outputs.audit_bucket)) >= LOG_DAYS
    # The bundle is wanted as long as it is the newest.
    assert {bucket for bucket in seen.buckets() if not days(bucket)} == {seen.deployed.outputs.bundle_bucket} - {""}
    groups = seen.all("logs", "describe_log_groups", "logGroups")
    assert groups
    for group in groups:
        assert group["retentionInDays"] >= LOG_DAYS, group["logGroupName"]
        assert group["kmsKeyId"].rpartition("/")[2] in seen.own_keys(), group["logGroupName"]


def test_every_call_to_the_account_is_recorded(seen: Seen) -> None:
    trails = seen.standing.client("cloudtrail")
    found = trails.describe_trails()["trailList"]
    assert any(trail["IsMultiRegionTrail"] for trail in found)
    for trail in found:
        assert trails.get_trail_status(Name=trail["TrailARN"])["IsLogging"], trail["Name"]
        assert trail["LogFileValidationEnabled"], trail["Name"]
        assert trail["KmsKeyId"].rpartition("/")[2] in seen.own_keys(), trail["Name"]


def test_no_policy_speaks_of_another_partition(seen: Seen) -> None:
    documents = list(seen.policies())
    assert documents
    for owner, document in documents:
        partitions = set(re.findall(r"arn:(aws[a-z-]*):", json.dumps(document)))
        assert partitions <= {seen.partition}, owner


def test_every_resource_that_can_bear_tags_says_whose_it_is(seen: Seen) -> None:
    common = {
        "Deployment": seen.plan.name,
        "ManagedBy": "seatworks",
        "ProtectionLevel": str(seen.plan.protection_level),
    }
    tagged = [record for record in seen.standing.records if record.type in TAGGED]
    assert len(tagged) > 30
    for record in tagged:
        asked = record.outputs
        # A group has a list of tags, which its machines get too.
        tags = asked.get("tagsAll") or {tag["key"]: tag["value"] for tag in asked["tags"] if tag["propagateAtLaunch"]}
        assert tags.items() >= common.items(), record.urn
    own, told = {record.outputs.get("arn") for record in tagged}, set()
    for found in seen.all("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList"):
        if found["ResourceARN"] in own:
            told.add(found["ResourceARN"])
            assert {tag["Key"]: tag["Value"] for tag in found["Tags"]}.items() >= common.items(), found
    assert len(told) > 20


def test_nothing_stands_in_the_account_that_the_program_did_not_make(seen: Seen) -> None:
    stack = drift.Stack(seen.plan)
    for record in seen.standing.records:
        stack.note(record.type, record.name, record.id, record.outputs)
    assert list(drift.strangers(seen.standing.client, stack)) == []
