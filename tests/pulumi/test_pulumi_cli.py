"""The live engine under the real Pulumi CLI, in the lab's account: its state, its comparison, its refusals."""

from __future__ import annotations

import dataclasses
import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from seatworks.plan.model import Plan
from tests.pulumi.pulumi_site import PASSPHRASE, Site, site
from tests.sites import deploy

# A bucket that nobody outside can read, whatever its policy says.
CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


@pytest.fixture(scope="module")
def stood(hybrid_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The hybrid example's cloud site, made by the CLI. A test that changes it brings it back."""
    with site(hybrid_plan, tmp_path_factory.mktemp("stood")) as made:
        made.stacks("up", "hybrid")
        yield made
        made.stacks("destroy", "hybrid", "--data", "--confirm", "hybrid with data")
        assert made.resources() == []
        assert remains(made) == {}


@pytest.fixture
def empty(hybrid_plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A project and an account in which nothing stands."""
    with site(hybrid_plan, tmp_path_factory.mktemp("empty")) as made:
        yield made


def remains(place: Site) -> dict[str, Any]:
    """What stands in the account beside what every account has from the start."""
    ec2, iam, s3 = place.client("ec2"), place.client("iam"), place.client("s3")
    found = {
        "networks": [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]],
        "addresses": ec2.describe_addresses()["Addresses"],
        "machines": [
            machine["InstanceId"]
            for group in ec2.describe_instances()["Reservations"]
            for machine in group["Instances"]
            if machine["State"]["Name"] != "terminated"
        ],
        "buckets": s3.list_buckets()["Buckets"],
        "roles": iam.list_roles()["Roles"],
        "alarms": place.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "zones": place.client("route53").list_hosted_zones()["HostedZones"],
    }
    return {name: left for name, left in found.items() if left}


def with_host(plan: Plan, name: str, **changes: Any) -> Plan:
    """The plan with one host changed."""
    hosts = (dataclasses.replace(host, **changes) if host.name == name else host for host in plan.hosts)
    return dataclasses.replace(plan, hosts=tuple(hosts))


def counts(place: Site, *arguments: str) -> dict[str, int]:
    """How many resources of each fate one command tells of."""
    said = json.loads(place.stacks(*arguments, "--json").stdout)
    return {op: number for op, number in said.items() if isinstance(number, int) and number}


def test_a_second_up_changes_nothing_and_neither_does_a_refresh(stood: Site) -> None:
    everything = len([entry for entry in stood.resources() if entry["type"] != "pulumi:pulumi:Stack"]) + 1
    assert counts(stood, "up", "hybrid") == {"same": everything}
    assert counts(stood, "refresh", "hybrid").keys() == {"same"}


def test_both_engines_make_the_same_resources(stood: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    ours = deploy(stood.plan, tmp_path_factory.mktemp("lab"), {}).resources
    theirs = json.loads((stood.root / "build" / "hybrid" / "live" / "resources.json").read_text(encoding="utf-8"))
    assert len(shapes(ours)) > 100
    assert shapes(ours) == shapes(theirs)


def shapes(resources: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Inputs by type and name. What each account draws by itself is told by the name of the resource it is of."""
    # Settings of a bucket share its name: any of them names it, the same one in both.
    by_name = sorted(resources, key=lambda entry: str(entry["name"]), reverse=True)
    drawn = {entry["id"]: entry["name"] for entry in by_name if entry["custom"] and len(entry["id"]) > 6}
    drawn |= {entry["outputs"]["publicIp"]: entry["name"] for entry in resources if entry["outputs"].get("publicIp")}
    found = {}
    for entry in resources:
        if entry["custom"] and not entry["type"].startswith("pulumi:"):
            inputs = {key: value for key, value in entry["inputs"].items() if not key.startswith("__")}
            if "publicKey" in inputs:
                # Each place has its own.
                inputs["publicKey"] = inputs["publicKey"].split()[0]
            text = json.dumps(inputs, sort_keys=True)
            for value in sorted(drawn, key=len, reverse=True):
                text = text.replace(value, f"<{drawn[value]}>")
            found[entry["type"], entry["name"]] = text
    return found


def test_an_ordinary_preview_in_the_project_works_without_our_commands(stood: Site) -> None:
    said = stood.pulumi("preview", "--stack", "hybrid", "--expect-no-changes").stdout
    assert "unchanged" in said


@pytest.mark.slow
def test_a_larger_disk_is_a_change_in_place_and_another_address_a_replacement(stood: Site) -> None:
    plan, edge = stood.plan, stood.plan.host("cloud-edge1")
    before = instance(stood, "hybrid-cloud-edge1")
    try:
        stood.replan(with_host(plan, edge.name, disk_gb=edge.disk_gb + 10))
        assert counts(stood, "preview", "hybrid")["update"] == 1
        assert counts(stood, "up", "hybrid")["update"] == 1
        assert instance(stood, "hybrid-cloud-edge1") == before
        attached = [{"Name": "attachment.instance-id", "Values": [before]}]
        (disk,) = stood.client("ec2").describe_volumes(Filters=attached)["Volumes"]
        assert disk["Size"] == edge.disk_gb + 10
        stood.replan(with_host(plan, edge.name, address=edge.address + 50))
        assert counts(stood, "up", "hybrid")["replace"] >= 1
        assert instance(stood, "hybrid-cloud-edge1") != before
    finally:
        stood.replan(plan)
        stood.stacks("up", "hybrid")


def instance(place: Site, name: str) -> str:
    """The identifier of the running instance of that name."""
    wanted = [{"Name": "tag:Name", "Values": [name]}, {"Name": "instance-state-name", "Values": ["running"]}]
    (group,) = place.client("ec2").describe_instances(Filters=wanted)["Reservations"]
    return str(group["Instances"][0]["InstanceId"])


def drift(place: Site) -> set[tuple[str, str, str]]:
    """Place, wanted and found of every difference that the command tells."""
    said = place.stacks("drift", "hybrid", check=False)
    findings = json.loads(said.stdout)["findings"]
    assert said.returncode == (6 if findings else 0), said.stderr
    return {(finding["place"], finding["wanted"], finding["found"]) for finding in findings}


def recorded(place: Site, type_: str, name: str) -> str:
    """The identifier of a resource of the stack."""
    (found,) = (entry["id"] for entry in place.resources() if entry["urn"].endswith(f"{type_}::{name}"))
    return str(found)


def by_hand(place: Site) -> Iterator[tuple[str, str, str]]:
    """Change what stands, of each sort one; what is to be told of it."""
    ec2, s3, kms = place.client("ec2"), place.client("s3"), place.client("kms")
    network = recorded(place, "aws:ec2/vpc:Vpc", "hybrid-vpc")
    ec2.create_tags(Resources=[network], Tags=[{"Key": "Name", "Value": "by hand"}])
    for key in ("tags", "tagsAll"):
        yield "Vpc hybrid-vpc", f'{key}: {{"Name": "hybrid"}}', '{"Name": "by hand"}'
    ec2.terminate_instances(InstanceIds=[instance(place, "hybrid-cloud-edge1")])
    # AWS takes the address from a machine that ends; the emulator leaves it there.
    ec2.disassociate_address(
        AssociationId=recorded(place, "aws:ec2/eipAssociation:EipAssociation", "hybrid-cloud-edge1-address")
    )
    yield "Instance hybrid-cloud-edge1", "it exists", "it is not there"
    bucket = recorded(place, "aws:s3/bucket:Bucket", "hybrid-recordings")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=CLOSED | {"BlockPublicPolicy": False})
    yield "BucketPublicAccessBlock hybrid-recordings-closed", "blockPublicPolicy: true", "false"
    kms.disable_key(KeyId=recorded(place, "aws:kms/key:Key", "hybrid-recordings"))
    yield "Key hybrid-recordings", "isEnabled: true", "false"


def from_others(place: Site) -> Iterator[tuple[str, str, str]]:
    """Put something there that nobody asked for; what is to be told of it."""
    ec2, tags = place.client("ec2"), [{"Key": "Deployment", "Value": "hybrid"}]
    made = ec2.create_vpc(CidrBlock="10.99.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    vpc, owner = made["Vpc"]["VpcId"], made["Vpc"]["OwnerId"]
    arn = f"arn:aws-cn:ec2:{place.region}:{owner}:vpc/{vpc}"
    yield vpc, "nothing", f"it bears the tags of hybrid: {arn}"
    group = recorded(place, "aws:ec2/securityGroup:SecurityGroup", "hybrid-cloud-edge")
    rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    ec2.authorize_security_group_ingress(**rule)
    yield "SecurityGroup hybrid-cloud-edge", "only what the plan's flows open", "tcp 22 from 0.0.0.0/0 is open"
    # Once all is said and done.
    ec2.revoke_security_group_ingress(**rule)
    ec2.delete_vpc(VpcId=vpc)


def test_what_hands_changed_is_told_and_taken_back_and_what_others_put_there_is_told(stood: Site) -> None:
    before = instance(stood, "hybrid-cloud-edge1")
    strangers = from_others(stood)
    others = {next(strangers), next(strangers)}
    wanted = {*by_hand(stood), *others}
    assert drift(stood) == wanted
    stood.stacks("refresh", "hybrid")
    assert counts(stood, "up", "hybrid")["update"] >= 3
    assert drift(stood) == others
    assert not list(strangers)
    network = recorded(stood, "aws:ec2/vpc:Vpc", "hybrid-vpc")
    tags = stood.client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [network]}])["Tags"]
    assert {tag["Value"] for tag in tags if tag["Key"] == "Name"} == {"hybrid"}
    assert instance(stood, "hybrid-cloud-edge1") != before
    bucket = recorded(stood, "aws:s3/bucket:Bucket", "hybrid-recordings")
    closed = stood.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert closed == CLOSED
    key = recorded(stood, "aws:kms/key:Key", "hybrid-recordings")
    assert stood.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_what_holds_data_is_protected_from_the_cli_itself(stood: Site) -> None:
    refused = stood.pulumi("destroy", "--stack", "hybrid", "--yes", "--skip-preview", check=False)
    assert refused.returncode != 0
    assert "protect" in refused.stdout + refused.stderr
    kept = {entry["id"] for entry in stood.resources() if entry["type"] == "aws:s3/bucket:Bucket"}
    assert kept == {bucket["Name"] for bucket in stood.client("s3").list_buckets()["Buckets"]}


def test_a_secret_is_unreadable_in_the_state(stood: Site) -> None:
    opener = "what opens the vault, said to nobody"
    stood.pulumi("config", "set", "--stack", "hybrid", "--secret", "vaultPassword", opener)
    stood.stacks("up", "hybrid")
    (version,) = (e for e in stood.resources() if e["type"] == "aws:secretsmanager/secretVersion:SecretVersion")
    assert "ciphertext" in json.dumps(version["inputs"]["secretString"])
    written = [path for path in stood.root.rglob("*") if path.is_file() and "tools" not in path.parts]
    assert not [path for path in written if opener.encode() in path.read_bytes()]
    assert not [path for path in written if PASSPHRASE.encode() in path.read_bytes()]
    found = stood.client("secretsmanager").get_secret_value(SecretId=version["outputs"]["secretId"])
    assert found["SecretString"] == opener


@pytest.mark.slow
def test_a_broken_rule_stops_the_run_before_anything_is_made(empty: Site) -> None:
    world = dataclasses.replace(
        next(flow for flow in empty.plan.flows if flow.name == "management"), name="open", sources=("internet",)
    )
    empty.replan(dataclasses.replace(empty.plan, flows=(*empty.plan.flows, world)))
    for command in ("preview", "up"):
        refused = empty.stacks(command, "hybrid", check=False)
        assert refused.returncode == 4
        assert "policy ssh-closed" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert remains(empty) == {}


@pytest.mark.slow
def test_a_name_that_somebody_has_stops_the_run_before_anything_is_made(empty: Site) -> None:
    empty.client("ec2").create_key_pair(KeyName="seatworks-hybrid")
    empty.client("logs").create_log_group(logGroupName="/seatworks/hybrid/flows")
    for command in ("preview", "up"):
        refused = empty.stacks(command, "hybrid", check=False)
        assert refused.returncode == 3, refused.stderr
        said = [line for line in refused.stderr.splitlines() if line.startswith("cloud: AWS cn-north-1: ")]
        stood = "already there, and no part of this stack:"
        assert [line.partition(" -> ")[0].removeprefix("cloud: AWS cn-north-1: ") for line in said] == [
            f"cloudwatch LogGroup: {stood} /seatworks/hybrid/flows",
            f"ec2 KeyPair: {stood} seatworks-hybrid",
        ]
    assert remains(empty) == {}


@pytest.mark.slow
def test_ctrl_c_in_the_middle_leaves_a_state_from_which_the_next_run_goes_on(empty: Site) -> None:
    with empty.start("up", "hybrid") as process:
        assert process.stderr is not None
        made = 0
        while made < 25:
            made += process.stderr.readline().startswith("  create")
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 4
    assert "was interrupted" in said
    assert "Traceback" not in said
    begun = {entry["urn"] for entry in empty.resources()}
    assert 10 < len(begun) < 100
    assert "pending_operations" not in json.loads(empty.state())["checkpoint"]["latest"]
    empty.stacks("up", "hybrid")
    assert begun < {entry["urn"] for entry in empty.resources()}
    empty.stacks("destroy", "hybrid", "--data", "--confirm", "hybrid with data")
    assert remains(empty) == {}


@pytest.mark.slow
def test_a_network_that_stands_already_is_taken_over_and_stays(empty: Site) -> None:
    ec2 = empty.client("ec2")
    mine = ec2.create_vpc(CidrBlock=str(empty.plan.cloud_network))["Vpc"]["VpcId"]
    for name in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=mine, **{name: {"Value": True}})
    ec2.create_tags(Resources=[mine], Tags=[{"Key": "Owner", "Value": "somebody"}])
    empty.pulumi("stack", "init", "hybrid")
    empty.pulumi("config", "set", "--stack", "hybrid", "vpcId", mine)
    assert counts(empty, "up", "hybrid")["import"] == 1
    (taken,) = (entry["id"] for entry in empty.resources() if entry["type"] == "aws:ec2/vpc:Vpc")
    assert taken == mine
    assert counts(empty, "up", "hybrid").keys() == {"same"}
    empty.stacks("destroy", "hybrid", "--data", "--confirm", "hybrid with data")
    assert remains(empty) == {"networks": [mine]}
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [mine]}])["Tags"]
    assert {(tag["Key"], tag["Value"]) for tag in tags} == {("Owner", "somebody")}


def test_a_locked_stack_is_said_with_its_remedy(stood: Site) -> None:
    locks = stood.root / "state" / ".pulumi" / "locks" / "organization" / "seats" / "hybrid"
    locks.mkdir(parents=True, exist_ok=True)
    lock = locks / "another.json"
    lock.write_text('{"pid": 1, "username": "x", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}')
    try:
        refused = stood.stacks("up", "hybrid", check=False)
        assert refused.returncode == 4
        assert "cancel" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        lock.unlink()
