"""The VPN that a hybrid plan asks for, in an emulated account of either partition: made, read back, changed, gone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from lab.cloud.engine import StandIn, Standing, standing
from seatworks.plan.model import Tier
from stacks.components import security_groups
from tests.examples import vpn_plan_of
from tests.sites import Deployed, copied, place

CHINA, ELSEWHERE = "cn-north-1", "eu-central-1"


@pytest.fixture(scope="class", params=[CHINA, ELSEWHERE])
def site(request: pytest.FixtureRequest) -> Deployed:
    """The deployment in each partition. Read only."""
    found: Deployed = request.getfixturevalue("joined_in_china" if request.param == CHINA else "joined")
    return found


@pytest.fixture(scope="class")
def there(site: Deployed) -> Iterator[Standing]:
    """Its account, open."""
    with standing(site.where) as found:
        yield found


def connection(there: Standing) -> dict[str, Any]:
    """The only VPN connection of an account."""
    (found,) = there.client("ec2").describe_vpn_connections()["VpnConnections"]
    return dict(found)


class TestTheLinkThatStands:
    """What the account answers in each partition, opened once."""

    def test_the_network_has_a_gateway_and_the_site_its_router(self, site: Deployed, there: Standing) -> None:
        ec2 = there.client("ec2")
        (gateway,) = ec2.describe_vpn_gateways()["VpnGateways"]
        (router,) = ec2.describe_customer_gateways()["CustomerGateways"]
        assert [each["VpcId"] for each in gateway["VpcAttachments"]] == [site.outputs.vpc_id]
        assert (router["IpAddress"], router["BgpAsn"]) == ("192.0.2.10", "65000")
        found = connection(there)
        assert (found["VpnGatewayId"], found["CustomerGatewayId"]) == (
            gateway["VpnGatewayId"],
            router["CustomerGatewayId"],
        )
        assert found["VpnConnectionId"] == site.outputs.vpn_connection

    def test_tunnels_agree_on_strong_algorithms_only_join_the_two_networks_and_write_down_what_they_do(
        self,
        there: Standing,
    ) -> None:
        options = connection(there)["Options"]
        assert (options["LocalIpv4NetworkCidr"], options["RemoteIpv4NetworkCidr"]) == ("10.20.0.0/24", "10.60.0.0/16")
        (group,) = there.client("logs").describe_log_groups(logGroupNamePrefix="/seatworks/hybrid/link")["logGroups"]
        assert group["kmsKeyId"]
        for tunnel in options["TunnelOptions"]:
            assert tunnel["IkeVersions"] == [{"Value": "ikev2"}]
            for phase in ("Phase1", "Phase2"):
                assert [each["Value"] for each in tunnel[f"{phase}EncryptionAlgorithms"]] == ["AES256-GCM-16"]
                assert [each["Value"] for each in tunnel[f"{phase}IntegrityAlgorithms"]] == ["SHA2-384", "SHA2-512"]
                assert min(each["Value"] for each in tunnel[f"{phase}DHGroupNumbers"]) >= 19
            log = tunnel["LogOptions"]["CloudWatchLogOptions"]
            assert log["LogEnabled"] is True
            assert f"{log['LogGroupArn']}:*" == group["arn"]

    def test_public_and_private_subnets_learn_the_way_to_the_site(self, site: Deployed, there: Standing) -> None:
        assert [route["DestinationCidrBlock"] for route in connection(there)["Routes"]] == ["10.20.0.0/24"]
        ec2 = there.client("ec2")
        at = {subnet["SubnetId"]: subnet["CidrBlock"] for subnet in ec2.describe_subnets()["Subnets"]}
        learning = {
            at[link["SubnetId"]]
            for table in ec2.describe_route_tables()["RouteTables"]
            if table["PropagatingVgws"] == [{"GatewayId": connection(there)["VpnGatewayId"]}]
            for link in table["Associations"]
        }
        assert learning == {
            str(network.cidr) for network in site.plan.networks if network.tier in (Tier.PUBLIC, Tier.PRIVATE)
        }

    def test_somebody_is_told_when_tunnels_are_down(self, site: Deployed, there: Standing) -> None:
        found = there.client("cloudwatch").describe_alarms(AlarmNamePrefix="seatworks-hybrid-link")["MetricAlarms"]
        assert {(each["MetricName"], each["Namespace"]) for each in found} == {("TunnelState", "AWS/VPN")}
        assert {each["AlarmName"] for each in found} == {"seatworks-hybrid-link-down", "seatworks-hybrid-link-half"}
        for each in found:
            assert each["Dimensions"] == [{"Name": "VpnId", "Value": site.outputs.vpn_connection}]
            assert each["AlarmActions"]
        (down,) = [each for each in found if each["AlarmName"].endswith("down")]
        assert down["TreatMissingData"] == "breaching"

    def test_no_key_is_in_a_file_or_an_output(self, site: Deployed, there: Standing) -> None:
        found, elsewhere = connection(there), site.plan.region == ELSEWHERE
        if elsewhere:
            secrets = there.client("secretsmanager")
            kept = json.loads(secrets.get_secret_value(SecretId=site.outputs.vpn_keys_arn)["SecretString"]).values()
        else:
            assert site.outputs.vpn_keys_arn == ""
            kept = [tunnel["PreSharedKey"] for tunnel in found["Options"]["TunnelOptions"]]
        keys = {str(key) for key in kept}
        assert len(keys) == 2
        for path in (path for path in site.where.build.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8")
            assert not [key for key in keys if key in text], path
        assert set(site.outputs.vpn_tunnels) == {
            tunnel["OutsideIpAddress"] for tunnel in found["Options"]["TunnelOptions"]
        }


def test_firewalls_of_the_cloud_know_the_hosts_of_the_site_by_their_addresses(site: Deployed) -> None:
    opened = {
        (rule.protocol, rule.first_port, str(rule.cidr)) for rule in security_groups.ingress(site.plan, "cloud-edge")
    }
    left = {
        (rule.protocol, rule.first_port, str(rule.cidr)) for rule in security_groups.egress(site.plan, "cloud-edge")
    }
    for host in ("10.20.0.11/32", "10.20.0.12/32"):
        assert {("udp", 5060, host), ("udp", 30000, host)} <= opened & left
    assert not [rule for rule in opened if rule[1] == site.plan.ports.link]


@pytest.mark.slow
def test_another_router_is_another_gateway_of_the_site_and_the_same_connection(
    joined: Deployed, tmp_path: Path
) -> None:
    plan = joined.plan
    assert plan.vpn
    deployed = copied(joined, plan, tmp_path)
    moved = dataclasses.replace(plan, vpn=dataclasses.replace(plan.vpn, router=IPv4Address("192.0.2.77")))
    summary, outputs = StandIn().up(moved, place(moved, tmp_path), lambda _line: None)
    assert sorted((change["op"], change["name"]) for change in summary.changes) == [
        ("replace", "hybrid-router"),
        ("update", "hybrid-link"),
    ]
    assert outputs == deployed.outputs
    assert dict(StandIn().up(moved, deployed.where, lambda _line: None)[0].counts) == {
        "same": deployed.summary.counts["create"]
    }
    assert dict(StandIn().destroy(deployed.where, lambda _line: None, data=True).counts) == {
        "delete": deployed.summary.counts["create"]
    }


def test_from_wireguard_to_a_vpn_and_back_nothing_else_moves(tmp_path: Path, hybrid: Deployed) -> None:
    before = copied(hybrid, hybrid.plan, tmp_path)
    for plan in (vpn_plan_of(CHINA), hybrid.plan):
        summary, outputs = StandIn().up(plan, place(plan, tmp_path), lambda _line: None)
        touched = {change["name"] for change in summary.changes if change["type"].startswith("aws:")}
        own = {"hybrid-link", "hybrid-link-down", "hybrid-link-half", "hybrid-router", "hybrid-to-site"}
        own |= {f"hybrid-{network.name}-to-site" for network in plan.networks if network.tier}
        assert own <= touched
        assert not [
            name for name in touched - own if not name.startswith(("hybrid-cloud-edge-in", "hybrid-cloud-edge-out"))
        ]
        assert outputs.public_addresses == before.outputs.public_addresses
        assert outputs.instance_ids == before.outputs.instance_ids
