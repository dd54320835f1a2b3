"""What is added to the emulator's VPN refuses what AWS refuses, and keeps what it was told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab.aws.account import Account

TUNNEL = {"IKEVersions": [{"Value": "ikev2"}], "Phase1DHGroupNumbers": [{"Value": 20}], "StartupAction": "start"}


class Site:
    """A network with a route table, a gateway, and a router of the site, in an account that is otherwise empty."""

    def __init__(self, account: Account) -> None:
        self.account, self.ec2 = account, account.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
        self.table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.gateway = self.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
        made = self.ec2.create_customer_gateway(Type="ipsec.1", IpAddress="192.0.2.10", BgpAsn=65000)
        self.router = made["CustomerGateway"]["CustomerGatewayId"]

    def attach(self) -> None:
        """Let the gateway stand at the network."""
        self.ec2.attach_vpn_gateway(VpnGatewayId=self.gateway, VpcId=self.vpc)

    def connect(self, storage: str = "Standard", static: bool = True, **tunnel: Any) -> dict[str, Any]:
        """A connection as AWS answers it."""
        options = {"StaticRoutesOnly": static, "TunnelOptions": [{**TUNNEL, **tunnel}, TUNNEL]}
        made: dict[str, Any] = self.ec2.create_vpn_connection(
            Type="ipsec.1",
            CustomerGatewayId=self.router,
            VpnGatewayId=self.gateway,
            PreSharedKeyStorage=storage,
            Options=options,
        )["VpnConnection"]
        return made

    def described(self, id_: str) -> dict[str, Any]:
        """The connection as AWS describes it later."""
        (found,) = self.ec2.describe_vpn_connections(VpnConnectionIds=[id_])["VpnConnections"]
        return dict(found)


@pytest.fixture
def site() -> Iterator[Site]:
    """An account with both ends, not yet joined."""
    with Account("eu-central-1") as opened:
        yield Site(opened)


def test_a_connection_has_two_tunnels_of_their_own_that_nobody_has_opened(site: Site) -> None:
    found = site.described(site.connect()["VpnConnectionId"])
    first, second = found["Options"]["TunnelOptions"]
    for key in ("OutsideIpAddress", "TunnelInsideCidr", "PreSharedKey"):
        assert first[key] != second[key]
    assert first["IkeVersions"] == [{"Value": "ikev2"}]
    assert len(first["PreSharedKey"]) == 32
    assert {each["Status"] for each in found["VgwTelemetry"]} == {"DOWN"}
    assert first["PreSharedKey"] in found["CustomerGatewayConfiguration"]


def test_keys_in_secrets_manager_are_nowhere_else_and_go_with_the_connection(site: Site) -> None:
    found = site.described(site.connect("SecretsManager")["VpnConnectionId"])
    secrets = site.account.client("secretsmanager")
    kept = json.loads(secrets.get_secret_value(SecretId=found["PreSharedKeyArn"])["SecretString"])
    assert set(kept) == {tunnel["OutsideIpAddress"] for tunnel in found["Options"]["TunnelOptions"]}
    assert {tunnel["PreSharedKey"] for tunnel in found["Options"]["TunnelOptions"]} == {"REDACTED"}
    assert not [key for key in kept.values() if key in json.dumps(found, default=str)]
    site.ec2.delete_vpn_connection(VpnConnectionId=found["VpnConnectionId"])
    assert secrets.list_secrets()["SecretList"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"IKEVersions": [{"Value": "ikev3"}]},
        {"Phase1EncryptionAlgorithms": [{"Value": "3DES"}]},
        {"Phase2IntegrityAlgorithms": [{"Value": "MD5"}]},
        {"Phase1DHGroupNumbers": [{"Value": 5}]},
        {"StartupAction": "wait"},
        {"PreSharedKey": "short"},
        {"PreSharedKey": "0beginswithzero"},
        {"PreSharedKey": "with+sign+in+it"},
    ],
)
def test_options_that_aws_does_not_know_are_refused(site: Site, wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        site.connect(**wrong)


def test_changes_of_a_tunnel_a_connection_and_its_routes_are_kept(site: Site) -> None:
    made = site.connect()
    id_, outside = made["VpnConnectionId"], made["Options"]["TunnelOptions"][0]["OutsideIpAddress"]
    with pytest.raises(ClientError, match="has no tunnel at"):
        site.ec2.modify_vpn_tunnel_options(
            VpnConnectionId=id_, VpnTunnelOutsideIpAddress="192.0.2.1", TunnelOptions={"StartupAction": "add"}
        )
    site.ec2.modify_vpn_tunnel_options(
        VpnConnectionId=id_, VpnTunnelOutsideIpAddress=outside, TunnelOptions={"StartupAction": "add"}
    )
    site.ec2.modify_vpn_connection_options(VpnConnectionId=id_, LocalIpv4NetworkCidr="10.20.0.0/24")
    for _ in range(2):
        site.ec2.create_vpn_connection_route(VpnConnectionId=id_, DestinationCidrBlock="10.20.0.0/24")
    found = site.described(id_)
    assert [tunnel["StartupAction"] for tunnel in found["Options"]["TunnelOptions"]] == ["add", "start"]
    assert found["Options"]["LocalIpv4NetworkCidr"] == "10.20.0.0/24"
    assert [route["DestinationCidrBlock"] for route in found["Routes"]] == ["10.20.0.0/24"]
    site.ec2.delete_vpn_connection_route(VpnConnectionId=id_, DestinationCidrBlock="10.20.0.0/24")
    with pytest.raises(ClientError, match=r"InvalidRoute\.NotFound"):
        site.ec2.delete_vpn_connection_route(VpnConnectionId=id_, DestinationCidrBlock="10.20.0.0/24")


def test_only_a_connection_of_static_routes_takes_one(site: Site) -> None:
    id_ = site.connect(static=False)["VpnConnectionId"]
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        site.ec2.create_vpn_connection_route(VpnConnectionId=id_, DestinationCidrBlock="10.20.0.0/24")


def test_a_gateway_elsewhere_tells_no_route_table_anything(site: Site) -> None:
    def tell() -> None:
        site.ec2.enable_vgw_route_propagation(GatewayId=site.gateway, RouteTableId=site.table)

    def told() -> list[str]:
        (table,) = site.ec2.describe_route_tables(RouteTableIds=[site.table])["RouteTables"]
        return [entry["GatewayId"] for entry in table["PropagatingVgws"]]

    with pytest.raises(ClientError, match=r"Gateway\.NotAttached"):
        tell()
    site.attach()
    tell()
    tell()
    assert told() == [site.gateway]
    site.ec2.disable_vgw_route_propagation(GatewayId=site.gateway, RouteTableId=site.table)
    assert told() == []


@pytest.mark.parametrize(
    "deed",
    [
        lambda site: site.ec2.delete_vpn_gateway(VpnGatewayId=site.gateway),
        lambda site: site.ec2.delete_customer_gateway(CustomerGatewayId=site.router),
    ],
    ids=["gateway", "router"],
)
def test_what_a_connection_hangs_on_is_not_deleted(site: Site, deed: Callable[[Site], object]) -> None:
    id_ = site.connect()["VpnConnectionId"]
    with pytest.raises(ClientError, match="IncorrectState"):
        deed(site)
    site.ec2.delete_vpn_connection(VpnConnectionId=id_)
    deed(site)


def test_a_network_has_one_gateway_and_keeps_it_while_it_is_attached(site: Site) -> None:
    site.attach()
    other = site.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    with pytest.raises(ClientError, match="InvalidVpcState"):
        site.ec2.attach_vpn_gateway(VpnGatewayId=other, VpcId=site.vpc)
    with pytest.raises(ClientError, match="IncorrectState"):
        site.ec2.delete_vpn_gateway(VpnGatewayId=site.gateway)
    site.ec2.detach_vpn_gateway(VpnGatewayId=site.gateway, VpcId=site.vpc)
    site.ec2.attach_vpn_gateway(VpnGatewayId=other, VpcId=site.vpc)
