"""What an account lacks is said before anything is made: each problem is provoked in the emulated account."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from lab.aws.account import Account
from lab.cloud.engine import standing
from seatworks.plan.model import Plan, Target
from stacks.account_check import quotas
from stacks.commands import main
from stacks.components.connect.instance import alias
from stacks.live.engine import Live
from tests.aws import CHECKED
from tests.cloud.lacking import (
    CHINA,
    EUROPE,
    Warned,
    in_zone,
    lacks,
    one,
    raise_quota,
    with_host,
)
from tests.cloud.regions import plan_in
from tests.examples import managed_plan_of, plan_of
from tests.sites import Deployed, place


@pytest.mark.parametrize("region", [CHINA, EUROPE])
@pytest.mark.parametrize("name", ["hybrid", "cloud", "managed"])
def test_an_account_that_was_given_what_the_plan_needs_lacks_nothing(name: str, region: str) -> None:
    plan = managed_plan_of(region) if name == "managed" else plan_in(name, region)
    said: Warned = []
    with Account(region, CHECKED):
        for problem in lacks(plan):
            assert "vCPUs" in problem.message
            raise_quota(region, problem.remedy)
        assert lacks(plan, said) == []
    assert said == []


def test_the_shipped_example_without_a_cloud_site_asks_no_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    place(dataclasses.replace(plan_of("onprem"), target=Target.LIVE), tmp_path)
    assert main(Live(), ["preview", "onprem"]) == 0
    assert main(Live(), ["up", "onprem"]) == 0


def test_what_the_deployment_made_before_is_not_counted_twice(hybrid: Deployed) -> None:
    with standing(hybrid.where, CHECKED) as centre:
        ec2 = centre.client("ec2")
        # Two addresses and a network are its own; with these the quotas of 5 are full.
        for _ in range(3):
            ec2.allocate_address(Domain="vpc")
        for _ in range(3):
            ec2.create_vpc(CidrBlock="10.9.0.0/16")
        assert len(ec2.describe_addresses()["Addresses"]) == len(ec2.describe_vpcs()["Vpcs"]) == 5
        assert lacks(hybrid.plan) == []
        another = dataclasses.replace(hybrid.plan, name="another")
        assert [problem.message.partition(" are")[0] for problem in lacks(another)] == [
            "7 elastic addresses",
            "8 vCPUs of running on-demand machines (A, C, D, H, I, M, R, T, Z)",
            "6 VPCs",
        ]


@pytest.mark.usefixtures("china")
def test_a_zone_that_is_not_there_is_said_with_those_that_are() -> None:
    said = one(in_zone(plan_of("hybrid"), "cn-north-1b", "cn-north-1c"))
    assert said == (
        "AWS cn-north-1: zone cn-north-1c: is not there for this account "
        "-> give cloud.zones among cn-north-1a, cn-north-1b"
    )


@pytest.mark.usefixtures("europe")
def test_a_zone_that_is_out_of_order_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    zones = {zone.name: zone for zone in RegionsAndZonesBackend.zones[EUROPE]}
    monkeypatch.setattr(zones[f"{EUROPE}b"], "state", "impaired")
    assert "zone eu-central-1b: is impaired -> give cloud.zones among eu-central-1a" in one(plan_in("hybrid", EUROPE))


def offered(region: str, zones: int) -> tuple[str, list[str]]:
    """A machine type that the region offers in so many zones, by AWS's own list, and which."""
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    having: dict[str, list[str]] = {}
    for offer in INSTANCE_TYPE_OFFERINGS["availability-zone"][region]:
        having.setdefault(offer["InstanceType"], []).append(offer["Location"])
    return next((type_, sorted(there)) for type_, there in sorted(having.items()) if len(there) == zones)


@pytest.mark.usefixtures("europe")
def test_a_zone_without_a_machine_type_is_said_with_those_that_have_it() -> None:
    type_, zones = offered(EUROPE, 1)
    plan = plan_in("hybrid", EUROPE)
    edges = {host.name: str(plan.network(host.network).zone) for host in plan.hosts if host.name.startswith("cloud-")}
    without = next(name for name, zone in edges.items() if zone not in zones)
    assert one(with_host(plan, without, instance_type=type_)) == (
        f"AWS {EUROPE}: zone {edges[without]}: does not offer {type_}, of {without} "
        f"-> give cloud.zones among those that do: {', '.join(zones)}"
    )
    nowhere = one(with_host(plan, without, instance_type="c99.large"))
    assert nowhere.endswith("-> no zone of this region does: give another cloud.region")


@pytest.mark.usefixtures("china")
def test_a_database_class_that_is_not_offered_is_said() -> None:
    plan = with_host(managed_plan_of(), "db1", instance_type="db.c6i.large")
    said = [str(problem) for problem in lacks(plan) if "PostgreSQL" in problem.message]
    assert len(said) == 1
    assert said[0].startswith("AWS cn-north-1: zones cn-north-1a, cn-north-1b: do not offer PostgreSQL 17 as db.c6i")
    assert "cloud.database: instances" in said[0]


def test_a_region_without_the_machine_image_is_said(china: Account) -> None:
    ec2 = china.client("ec2")
    for image in ec2.describe_images(Owners=["336777782633"])["Images"]:
        ec2.deregister_image(ImageId=image["ImageId"])
    assert "has no machine image debian-13-amd64-* of 336777782633" in one(plan_of("hybrid"))


def test_a_network_to_take_over_must_be_there_and_have_the_addresses_of_the_plan(china: Account) -> None:
    ec2, plan = china.client("ec2"), plan_of("hybrid")
    right = ec2.create_vpc(CidrBlock=str(plan.cloud_network))["Vpc"]["VpcId"]
    wrong = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    for _ in range(2):
        ec2.create_vpc(CidrBlock="10.9.0.0/16")
    # No further network is made, so it does not matter that there may be none.
    assert lacks(plan, vpcId=right) == []
    assert "seats:vpcId: vpc-0 is not in cn-north-1" in one(plan, vpcId="vpc-0")
    assert f"{wrong} is 192.168.0.0/16, the plan's network {plan.cloud_network}" in one(plan, vpcId=wrong)
    assert "6 VPCs are needed, 1 by hybrid and 5 by others; the account may have 5" in one(plan)


def test_addresses_that_others_have_count_and_the_remedy_is_enough(china: Account) -> None:
    for _ in range(4):
        china.client("ec2").allocate_address(Domain="vpc")
    plan = plan_of("hybrid")
    (problem,) = lacks(plan)
    assert problem.message == ("6 elastic addresses are needed, 2 by hybrid and 4 by others; the account may have 5")
    raise_quota(CHINA, problem.remedy)
    assert lacks(plan) == []


def test_address_translators_are_counted_by_zone(china: Account) -> None:
    ec2, plan = china.client("ec2"), dataclasses.replace(plan_of("hybrid"), nat_gateways=("cloud-a",))
    subnets = {each["AvailabilityZone"]: each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]}
    for _ in range(5):
        ec2.create_nat_gateway(SubnetId=subnets["cn-north-1b"], ConnectivityType="private")
    assert lacks(plan) == []
    for _ in range(5):
        ec2.create_nat_gateway(SubnetId=subnets["cn-north-1a"], ConnectivityType="private")
    assert one(plan).startswith(
        "AWS cn-north-1: zone cn-north-1a: 6 NAT gateways in one zone are needed, 1 by hybrid and 5 by others"
    )


def test_processors_of_others_count_while_they_run(china: Account) -> None:
    ec2 = china.client("ec2")
    image = ec2.describe_images(Owners=["336777782633"])["Images"][0]["ImageId"]
    one_more = {"ImageId": image, "MinCount": 1, "MaxCount": 1}
    machine = ec2.run_instances(**one_more, InstanceType="m5.xlarge")["Instances"][0]["InstanceId"]
    # Machines with graphics have a quota of their own, and so have those that are bid for.
    ec2.run_instances(**one_more, InstanceType="g4dn.xlarge")
    ec2.run_instances(**one_more, InstanceType="m5.xlarge", InstanceMarketOptions={"MarketType": "spot"})
    assert "8 vCPUs" in one(plan_of("hybrid"))
    assert "4 by hybrid and 4 by others; the account may have 5" in one(plan_of("hybrid"))
    ec2.stop_instances(InstanceIds=[machine])
    assert lacks(plan_of("hybrid")) == []


@pytest.mark.parametrize(
    ("type_", "standard"),
    [("c6i.large", True), ("im4gn.large", True), ("inf1.xlarge", False), ("g5.xlarge", False), ("u-6tb1.metal", False)],
)
def test_only_standard_machine_types_share_the_quota(type_: str, standard: bool) -> None:
    assert quotas.is_standard(type_) is standard


def test_instances_of_amazon_connect_are_counted(contact_centre: Plan, europe: Account) -> None:
    assert contact_centre.connect is not None
    connect = europe.client("connect")

    def stand(name: str) -> None:
        connect.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias=name,
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
        )

    stand("theirs")
    stand(alias(contact_centre.connect.alias, "123456789012"))
    assert lacks(contact_centre) == []
    stand("another")
    assert "3 instances of Amazon Connect are needed, 1 by managed and 2 by others" in one(contact_centre)


@pytest.mark.usefixtures("china")
def test_where_amazon_connect_does_not_answer_another_region_is_asked_for(
    contact_centre: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CONNECT", "http://127.0.0.1:9")
    assert "Amazon Connect does not answer here: " in one(contact_centre)


def test_everything_that_an_account_lacks_is_said_at_once(china: Account) -> None:
    ec2 = china.client("ec2")
    for _ in range(4):
        ec2.create_vpc(CidrBlock="10.9.0.0/16")
        ec2.allocate_address(Domain="vpc")
    for image in ec2.describe_images(Owners=["336777782633"])["Images"]:
        ec2.deregister_image(ImageId=image["ImageId"])
    plan = in_zone(with_host(plan_of("cloud"), "edge1", instance_type="c99.large"), "cn-north-1b", "cn-north-1c")
    assert [re.sub(r"\d+ ", "", problem.message)[:24] for problem in lacks(plan)] == [
        "is not there for this ac",
        "does not offer c99.large",
        "has no machine image deb",
        "elastic addresses are ne",
        "vCPUs of running on-dema",
        "VPCs are needed, by clou",
    ]
