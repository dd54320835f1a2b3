"""What the program asks for is private, encrypted, traceable and of the right partition."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatworks.plan.model import Site
from tests.sites import Deployed


def statements(resource: dict[str, Any], key: str = "policy") -> list[dict[str, Any]]:
    """The statements of a policy document."""
    found: list[dict[str, Any]] = json.loads(resource["inputs"][key])["Statement"]
    return found


def test_every_cloud_host_is_an_instance_at_its_planned_address(deployed: Deployed) -> None:
    planned = {
        f"{deployed.plan.name}-{host.name}": (str(host.address), host.instance_type, host.disk_gb)
        for host in deployed.plan.hosts
        if host.site is Site.CLOUD and not host.managed and not host.peak
    }
    found = {
        machine["name"]: (
            machine["inputs"]["privateIp"],
            machine["inputs"]["instanceType"],
            machine["inputs"]["rootBlockDevice"]["volumeSize"],
        )
        for machine in deployed.of("ec2/instance:Instance")
    }
    assert found == planned


def test_instances_ask_for_metadata_tokens_and_encrypt_their_disk(deployed: Deployed) -> None:
    for machine in deployed.of("ec2/instance:Instance"):
        inputs = machine["inputs"]
        assert inputs["metadataOptions"]["httpTokens"] == "required"
        assert inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
        assert inputs["rootBlockDevice"]["encrypted"] is True
        assert inputs["rootBlockDevice"]["volumeType"] == "gp3"
        assert inputs["keyName"] == f"seatworks-{deployed.plan.name}"


def test_public_hosts_have_fixed_addresses_of_their_own(deployed: Deployed) -> None:
    public = {host.name for host in deployed.plan.hosts if host.public}
    assert set(deployed.outputs.public_addresses) == public
    assert len(set(deployed.outputs.public_addresses.values())) == len(public)
    ties = deployed.of("ec2/eipAssociation:EipAssociation")
    assert {tie["inputs"]["instanceId"] for tie in ties} == {deployed.outputs.instance_ids[name] for name in public}


def test_hosts_stand_in_two_zones(deployed: Deployed) -> None:
    zones = {subnet["id"]: subnet["inputs"]["availabilityZone"] for subnet in deployed.of("ec2/subnet:Subnet")}
    used = {zones[machine["inputs"]["subnetId"]] for machine in deployed.of("ec2/instance:Instance")}
    assert used == {f"{deployed.plan.region}{letter}" for letter in "ab"}


def rights(deployed: Deployed, group: str) -> set[tuple[str, str]]:
    """What hosts of a group may do, and with what."""
    name = f"{deployed.plan.name}-{group}"
    return {
        (action, entry["Resource"])
        for policy in deployed.of("iam/rolePolicy:RolePolicy")
        if policy["inputs"]["role"] == deployed.one("iam/role:Role", name)["id"]
        for entry in statements(policy)
        for action in entry["Action"]
    }


SESSION = {
    ("ssm:UpdateInstanceInformation", "*"),
    *((f"ssmmessages:{verb}{line}Channel", "*") for verb in ("Create", "Open") for line in ("Control", "Data")),
}


def test_hosts_may_be_met_by_session_manager_and_have_a_role_for_their_duty_alone(deployed: Deployed) -> None:
    for machine in deployed.of("ec2/instance:Instance"):
        group = machine["inputs"]["tags"]["Group"]
        own = deployed.one("iam/instanceProfile:InstanceProfile", f"{deployed.plan.name}-{group}")
        assert machine["inputs"]["iamInstanceProfile"] == own["inputs"]["name"]
        assert rights(deployed, group) >= SESSION
        if group != "record":
            assert rights(deployed, group) == SESSION


def test_record_hosts_may_add_recordings_and_nothing_else(cloud: Deployed) -> None:
    bucket = cloud.one("s3/bucket:Bucket", "cloud-recordings")
    key = cloud.one("kms/key:Key", "cloud-recordings")
    assert rights(cloud, "record") - SESSION == {
        ("s3:PutObject", f"{bucket['outputs']['arn']}/*"),
        ("s3:AbortMultipartUpload", f"{bucket['outputs']['arn']}/*"),
        ("kms:GenerateDataKey", key["outputs"]["arn"]),
        ("kms:Decrypt", key["outputs"]["arn"]),
    }


@pytest.mark.parametrize("purpose", ["recordings", "audit"])
def test_buckets_are_private_encrypted_versioned_and_tls_only(deployed: Deployed, purpose: str) -> None:
    name = f"{deployed.plan.name}-{purpose}"
    bucket, key = deployed.one("s3/bucket:Bucket", name), deployed.one("kms/key:Key", name)
    closed = deployed.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", f"{name}-closed")["inputs"]
    assert all(
        closed[key] is True
        for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    )
    owner = deployed.one("s3/bucketOwnershipControls:BucketOwnershipControls", f"{name}-owner")
    assert owner["inputs"]["rule"]["objectOwnership"] == "BucketOwnerEnforced"
    (rule,) = deployed.one(
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", f"{name}-encryption"
    )["inputs"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": key["outputs"]["arn"],
    }
    versions = deployed.one("s3/bucketVersioning:BucketVersioning", f"{name}-versions")
    assert versions["inputs"]["versioningConfiguration"]["status"] == "Enabled"
    refused = {
        entry["Sid"]: entry
        for entry in statements(deployed.one("s3/bucketPolicy:BucketPolicy", f"{name}-policy"))
        if entry["Effect"] == "Deny"
    }
    assert refused["RefusePlain"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert refused["RefusePlain"]["Resource"] == [bucket["outputs"]["arn"], f"{bucket['outputs']['arn']}/*"]


def test_recordings_leave_after_the_planned_days(deployed: Deployed) -> None:
    name = f"{deployed.plan.name}-recordings-retention"
    (rule,) = deployed.one("s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name)["inputs"]["rules"]
    assert rule["expiration"]["days"] == deployed.plan.recording.retention_days


def test_keys_turn_over(deployed: Deployed) -> None:
    assert all(key["inputs"]["enableKeyRotation"] is True for key in deployed.of("kms/key:Key"))


def test_the_trail_sees_every_call_and_every_access_to_recordings(deployed: Deployed) -> None:
    (trail,) = deployed.of("cloudtrail/trail:Trail")
    bucket = deployed.one("s3/bucket:Bucket", f"{deployed.plan.name}-recordings")
    (selector,) = trail["inputs"]["eventSelectors"]
    assert selector["includeManagementEvents"] is True
    assert selector["dataResources"] == [{"type": "AWS::S3::Object", "values": [f"{bucket['outputs']['arn']}/"]}]
    assert trail["inputs"]["enableLogFileValidation"] is True
    assert trail["inputs"]["isMultiRegionTrail"] is True


def test_connections_are_logged_under_a_key_for_a_year(deployed: Deployed) -> None:
    name = deployed.plan.name
    (flows,), group = deployed.of("ec2/flowLog:FlowLog"), deployed.one("cloudwatch/logGroup:LogGroup", f"{name}-flows")
    assert flows["inputs"]["trafficType"] == "ALL"
    assert flows["inputs"]["logDestination"] == group["outputs"]["arn"]
    assert group["inputs"]["retentionInDays"] >= 365
    assert group["inputs"]["kmsKeyId"] == deployed.one("kms/key:Key", f"{name}-audit")["outputs"]["arn"]


def test_everything_that_can_carry_a_tag_names_its_deployment(deployed: Deployed) -> None:
    tagged = [resource for resource in deployed.resources if "tagsAll" in resource["outputs"]]
    assert len(tagged) > 20
    assert {resource["outputs"]["tagsAll"]["Deployment"] for resource in tagged} == {deployed.plan.name}


@pytest.mark.parametrize("name", ["hybrid", "cloud", "managed", "joined_in_china"])
def test_in_china_every_arn_and_principal_is_of_that_partition(request: pytest.FixtureRequest, name: str) -> None:
    text = json.dumps(request.getfixturevalue(name).resources)
    assert "arn:aws:" not in text
    assert "arn:aws-cn:" in text
    assert "logs.cn-north-1.amazonaws.com.cn" in text
    assert "ec2.amazonaws.com.cn" not in text


def test_elsewhere_they_are_of_the_common_partition(hybrid_abroad: Deployed) -> None:
    text = json.dumps(hybrid_abroad.resources)
    assert "arn:aws-cn:" not in text
    assert "logs.eu-central-1.amazonaws.com" in text
    assert hybrid_abroad.outputs.region == "eu-central-1"


def test_the_default_security_group_lets_nothing_through(deployed: Deployed) -> None:
    # Of the deployment's own network, and of the one that AWS puts into every region.
    ours, born = deployed.of("ec2/defaultSecurityGroup:DefaultSecurityGroup")
    for default in (ours, born):
        assert "ingress" not in default["inputs"]
        assert "egress" not in default["inputs"]


def test_components_hold_their_resources(deployed: Deployed) -> None:
    urns = {resource["urn"]: resource for resource in deployed.resources}
    for resource in deployed.resources:
        if resource["type"].startswith("aws:") and not resource["type"].endswith("KeyPair"):
            assert urns[resource["parent"]]["type"].startswith("seatworks:aws:"), resource["urn"]
    components = {resource["type"] for resource in deployed.resources if not resource["custom"]}
    expected = {"Database"} if any(host.managed for host in deployed.plan.hosts) else set()
    expected |= {"Network", "Edge", "Records", "Audit", "PrivateBucket"}
    assert {f"seatworks:aws:{name}" for name in expected} <= components


def test_the_report_of_resources_has_what_a_reader_needs(deployed: Deployed) -> None:
    keys = {"type", "name", "urn", "id", "inputs", "outputs", "dependencies", "propertyDependencies", "parent"}
    urns = {resource["urn"] for resource in deployed.resources}
    assert len(urns) == len(deployed.resources)
    for resource in deployed.resources:
        assert keys <= resource.keys()
        named = {
            *resource["dependencies"],
            *(urn for urns in resource["propertyDependencies"].values() for urn in urns),
        }
        assert named <= urns
        assert bool(resource["id"]) == resource["custom"]
    route = next(resource for resource in deployed.of("ec2/route:Route"))
    assert {urn.rpartition("::")[2] for urn in route["propertyDependencies"]["gatewayId"]} == {
        f"{deployed.plan.name}-internet"
    }
    assert (deployed.where.build / "resources.json").stat().st_mode & 0o777 == 0o600
