"""The network as the account holds it: ways out, doors to the cloud's interfaces, and names."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from lab.aws.account import Account
from lab.cloud import engine
from seatworks.plan.model import Plan, Site, Tier, WayOut
from stacks.components import private_zone
from stacks.components.place import Place, partition_of
from stacks.components.public_zone import PublicNames, PublicNamesArgs
from stacks.components.vpc_endpoints import service_name
from tests.sites import Deployed, Trial, deploy
from tests.specs import environment


def ways(account: Account, plan: Plan) -> dict[str, dict[str, Any]]:
    """For each subnet of the plan its default route, empty without one."""
    ec2 = account.client("ec2")
    by_cidr = {str(network.cidr): network.name for network in plan.networks}
    at = {subnet["SubnetId"]: by_cidr.get(subnet["CidrBlock"]) for subnet in ec2.describe_subnets()["Subnets"]}
    found = {}
    for table in ec2.describe_route_tables()["RouteTables"]:
        for link in table["Associations"]:
            if name := at.get(link.get("SubnetId")):
                defaults = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
                found[name] = defaults[0] if defaults else {}
    return found


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """A deployment and its account, open. Read only."""

    deployed: Deployed
    account: Account


@pytest.fixture(scope="class", params=["joined", "cloud", "managed"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    """Sites that have, together, every kind of network."""
    found: Deployed = request.getfixturevalue(request.param)
    with engine.standing(found.where) as site:
        yield Opened(found, site.account)


class TestTheNetworkThatStands:
    """What the account answers of each site, opened once."""

    def test_each_subnet_has_the_way_out_that_the_plan_gives_it(self, opened: Opened) -> None:
        cloud = [network for network in opened.deployed.plan.networks if network.site is Site.CLOUD]
        found = ways(opened.account, opened.deployed.plan)
        zones = {
            gateway["NatGatewayId"]: gateway["SubnetId"]
            for gateway in opened.account.client("ec2").describe_nat_gateways()["NatGateways"]
        }
        assert set(found) == {network.name for network in cloud}
        for network in cloud:
            way = found[network.name]
            if network.way_out is WayOut.GATEWAY:
                assert way["GatewayId"].startswith("igw-")
            elif network.way_out is WayOut.TRANSLATED:
                assert way["NatGatewayId"] in zones
            else:
                assert way == {}
        behind = any(host.site is Site.CLOUD and not host.public for host in opened.deployed.plan.hosts)
        assert len(zones) == len(opened.deployed.plan.nat_gateways) == (1 if behind else 0)

    def test_only_edges_have_a_public_address(self, opened: Opened) -> None:
        ec2 = opened.account.client("ec2")
        public = {
            machine["PrivateIpAddress"]
            for reservation in ec2.describe_instances()["Reservations"]
            for machine in reservation["Instances"]
            if machine.get("PublicIpAddress")
        }
        assert public == {str(host.address) for host in opened.deployed.plan.hosts if host.public}

    def test_the_interfaces_of_the_cloud_are_met_inside_the_network_by_our_hosts_alone(self, opened: Opened) -> None:
        plan = opened.deployed.plan
        ec2 = opened.account.client("ec2")
        found = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        doors = [each for each in found if each["VpcEndpointType"] == "Interface"]
        subnets = {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in ec2.describe_subnets()["Subnets"]}
        assert {door["ServiceName"].rpartition(".")[2] for door in doors} == set(plan.endpoints)
        if not doors:
            return
        (guard,) = {group["GroupId"] for door in doors for group in door["Groups"]}
        rules = ec2.describe_security_groups(GroupIds=[guard])["SecurityGroups"][0]["IpPermissions"]
        private = {str(network.cidr) for network in plan.networks if network.tier is Tier.PRIVATE}
        for door in doors:
            assert {subnets[subnet] for subnet in door["SubnetIds"]} == private
            assert door["PrivateDnsEnabled"] is True
        for door in found:
            statement, *more = json.loads(door["PolicyDocument"])["Statement"]
            assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}
            # A server has no key yet when it fetches the agent of Session Manager, from a bucket of AWS's own.
            agent = f"arn:{partition_of(str(plan.region))}:s3:::amazon-ssm-{plan.region}/*"
            allowed = [("s3:GetObject", agent)] if door["ServiceName"].endswith(".s3") else []
            assert [(each["Action"], each["Resource"]) for each in more] == allowed
        assert {(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules} == {("tcp", 443, 443)}
        assert {entry["CidrIp"] for rule in rules for entry in rule["IpRanges"]} == {
            str(network.cidr) for network in plan.networks if network.site is Site.CLOUD
        }

    def test_every_cloud_host_and_the_services_of_its_edges_have_a_name_inside_the_network(
        self, opened: Opened
    ) -> None:
        plan = opened.deployed.plan
        dns = opened.account.client("route53")
        (zone,) = dns.list_hosted_zones()["HostedZones"]
        found = dns.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        assert zone["Config"]["PrivateZone"] is True
        entries = {
            (entry["Name"].removesuffix(f".{plan.domain}."), entry["Type"]): [
                answer["Value"] for answer in entry["ResourceRecords"]
            ]
            for entry in found
            if entry["Type"] in {"A", "SRV"}
        }
        hosts = {
            (host.name, "A"): [str(host.address)] for host in plan.hosts if host.site is Site.CLOUD and not host.managed
        }
        edges = [host.name for host in plan.hosts if host.public]
        assert hosts.items() <= entries.items()
        assert entries["_sips._tcp", "SRV"] == [f"10 50 5061 {edge}.{plan.domain}" for edge in edges]


@pytest.mark.slow
def test_from_99_95_percent_on_each_zone_has_a_translator_of_its_own(tmp_path: Path) -> None:
    plan = environment(tmp_path / "spec", "cloud", availability=99.95).plan()
    assert plan.nat_gateways == ("cloud-a", "cloud-b")
    with engine.standing(deploy(plan, tmp_path / "account").where) as site:
        ec2 = site.client("ec2")
        subnets = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in ec2.describe_subnets()["Subnets"]}
        zones = {
            gateway["NatGatewayId"]: subnets[gateway["SubnetId"]]
            for gateway in ec2.describe_nat_gateways()["NatGateways"]
        }
        found = ways(site.account, plan)
    for network in plan.networks:
        if network.way_out is WayOut.TRANSLATED:
            assert zones[found[network.name]["NatGatewayId"]] == network.zone


def test_a_subnet_without_a_way_out_reaches_nothing_but_the_network(hybrid_plan: Plan, tmp_path: Path) -> None:
    networks = tuple(
        dataclasses.replace(network, way_out=WayOut.NONE) if network.tier is Tier.PRIVATE else network
        for network in hybrid_plan.networks
    )
    closed = dataclasses.replace(hybrid_plan, networks=networks, nat_gateways=(), endpoints=())
    with engine.standing(deploy(closed, tmp_path).where) as site:
        found = ways(site.account, closed)
        assert site.client("ec2").describe_nat_gateways()["NatGateways"] == []
        types = {each["VpcEndpointType"] for each in site.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]}
    assert found["cloud-a-private"] == found["cloud-b-private"] == {}
    assert types == {"Gateway"}


@pytest.mark.parametrize(
    ("region", "service", "expected"),
    [
        ("cn-north-1", "autoscaling", "cn.com.amazonaws.cn-north-1.autoscaling"),
        ("cn-northwest-1", "ssm", "com.amazonaws.cn-northwest-1.ssm"),
        ("eu-central-1", "autoscaling", "com.amazonaws.eu-central-1.autoscaling"),
    ],
)
def test_an_endpoint_is_called_as_its_region_calls_it(region: str, service: str, expected: str) -> None:
    assert service_name(Place("cloud", region, None, False), service) == expected  # type: ignore[arg-type]


def test_a_service_that_no_flow_opens_has_no_name(hybrid_plan: Plan) -> None:
    flows = tuple(flow for flow in hybrid_plan.flows if flow.first_port != hybrid_plan.ports.sips)
    assert not [
        record
        for record in private_zone.records(dataclasses.replace(hybrid_plan, flows=flows))
        if record.name == "_sips._tcp"
    ]


def public(plan: Plan, addresses: dict[str, str]) -> None:
    """A program that has a public zone and names these edges in it."""
    here = pulumi.ResourceOptions(provider=aws.Provider("here", region="cn-north-1"))
    zone = aws.route53.Zone("public", name=plan.domain, opts=here)
    zone.zone_id.apply(lambda id_: PublicNames("hybrid", PublicNamesArgs(plan, id_, addresses), here))


def test_an_edge_that_does_not_answer_is_left_out_of_the_public_names(trial: Trial) -> None:
    addresses = {"cloud-edge1": "203.0.113.101", "cloud-edge2": "203.0.113.102"}
    _, state = trial.run(lambda: public(trial.plan, addresses))
    with engine.opened(state, lambda _state: None) as (account, steps):
        dns = account.client("route53")
        checks = {check["Id"]: check["HealthCheckConfig"] for check in dns.list_health_checks()["HealthChecks"]}
        (zone,) = dns.list_hosted_zones()["HostedZones"]
        found = dns.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        steps.finish(set())
        assert dns.list_hosted_zones()["HostedZones"] == dns.list_health_checks()["HealthChecks"] == []
    services = [entry for entry in found if entry["Type"] == "SRV"]
    assert {entry["SetIdentifier"] for entry in services} == set(addresses)
    for entry in services:
        check = checks[entry["HealthCheckId"]]
        assert entry["MultiValueAnswer"] is True
        assert (check["Type"], check["Port"]) == ("TCP", trial.plan.ports.sips)
        assert check["IPAddress"] == addresses[entry["SetIdentifier"]]


def test_the_second_run_of_the_public_names_changes_nothing_and_an_address_moves_in_place(trial: Trial) -> None:
    trial.run(lambda: public(trial.plan, {"cloud-edge1": "203.0.113.101"}))
    assert trial.run(lambda: public(trial.plan, {"cloud-edge1": "203.0.113.101"}))[0].changes == []
    moved, _ = trial.run(lambda: public(trial.plan, {"cloud-edge1": "203.0.113.103"}))
    assert sorted((change["op"], change["name"]) for change in moved.changes) == [
        ("update", "hybrid-cloud-edge1"),
        ("update", "hybrid-public-cloud-edge1"),
    ]
