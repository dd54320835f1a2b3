"""The cloud's gateway to a site: virtual private gateway, the site's router, a connection of two tunnels, routes."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, camel, members, pascal, request, spelt, told
from lab.kinds._tags import specification
from stacks.values import Properties

_TUNNELS = (1, 2)


def _listed(name: str) -> Member:
    """A list that the interface wraps, entry by entry."""
    return Member(name, out=lambda values: [{"Value": value} for value in values])


# One tunnel's options; the provider puts tunnel1 and tunnel2 before each.
_TUNNEL = members(
    ikeVersions=_listed("IKEVersions"),
    phase1EncryptionAlgorithms=_listed("Phase1EncryptionAlgorithms"),
    phase1IntegrityAlgorithms=_listed("Phase1IntegrityAlgorithms"),
    phase1DhGroupNumbers=_listed("Phase1DHGroupNumbers"),
    phase2EncryptionAlgorithms=_listed("Phase2EncryptionAlgorithms"),
    phase2IntegrityAlgorithms=_listed("Phase2IntegrityAlgorithms"),
    phase2DhGroupNumbers=_listed("Phase2DHGroupNumbers"),
    startupAction="StartupAction",
    dpdTimeoutAction="DPDTimeoutAction",
    logOptions=Member("LogOptions", out=spelt(cloudwatchLogOptions="CloudWatchLogOptions")),
)
_TOLD = members(address="OutsideIpAddress", insideCidr="TunnelInsideCidr", presharedKey="PreSharedKey")
_CONNECTION = members("type", "customerGatewayId", "vpnGatewayId")
_OPTIONS = members("staticRoutesOnly", "localIpv4NetworkCidr", "remoteIpv4NetworkCidr")
_ROUTER = members("type", "ipAddress", bgpAsn=Member("BgpAsn", out=int))


def _of_tunnel(number: int, inputs: Properties) -> Properties:
    """Options of one tunnel, without its number before each name."""
    before = f"tunnel{number}"
    return {camel(key.removeprefix(before)): value for key, value in inputs.items() if key.startswith(before)}


def _numbered(number: int, found: Properties) -> Properties:
    return {f"tunnel{number}{pascal(key)}": value for key, value in found.items()}


def _gateway(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("vpn-gateway", inputs)
    made = account.client("ec2").create_vpn_gateway(Type="ipsec.1", TagSpecifications=tags)["VpnGateway"]
    account.client("ec2").attach_vpn_gateway(VpnGatewayId=made["VpnGatewayId"], VpcId=inputs["vpcId"])
    return made["VpnGatewayId"], {"arn": account.arn("ec2", f"vpn-gateway/{made['VpnGatewayId']}")}


def _no_gateway(account: Account, id_: str, outputs: Properties) -> None:
    account.client("ec2").detach_vpn_gateway(VpnGatewayId=id_, VpcId=outputs["vpcId"])
    account.client("ec2").delete_vpn_gateway(VpnGatewayId=id_)


def _router(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("customer-gateway", inputs)
    made = account.client("ec2").create_customer_gateway(**request(_ROUTER, inputs), TagSpecifications=tags)
    id_ = made["CustomerGateway"]["CustomerGatewayId"]
    return id_, {"arn": account.arn("ec2", f"customer-gateway/{id_}")}


def _connection(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tunnels = [request(_TUNNEL, _of_tunnel(number, inputs)) for number in _TUNNELS]
    made = account.client("ec2").create_vpn_connection(
        **request(_CONNECTION, inputs),
        Options={**request(_OPTIONS, inputs), "TunnelOptions": tunnels},
        PreSharedKeyStorage=inputs.get("presharedKeyStorage", "Standard"),
        TagSpecifications=specification("vpn-connection", inputs),
    )["VpnConnection"]
    return made["VpnConnectionId"], _connection_outputs(account, made)


def _connection_outputs(account: Account, found: Mapping[str, Any]) -> Properties:
    outputs: Properties = {
        "arn": account.arn("ec2", f"vpn-connection/{found['VpnConnectionId']}"),
        "customerGatewayConfiguration": found["CustomerGatewayConfiguration"],
        "presharedKeyArn": found.get("PreSharedKeyArn"),
    }
    for number, tunnel in zip(_TUNNELS, found["Options"]["TunnelOptions"], strict=True):
        inside = IPv4Network(tunnel["TunnelInsideCidr"])
        ends = {"vgwInsideAddress": str(inside[1]), "cgwInsideAddress": str(inside[2])}
        outputs |= _numbered(number, {**told(_TOLD, tunnel), **ends})
    return {key: value for key, value in outputs.items() if value is not None}


def _route(account: Account, inputs: Properties) -> tuple[str, Properties]:
    connection, cidr = inputs["vpnConnectionId"], inputs["destinationCidrBlock"]
    account.client("ec2").create_vpn_connection_route(VpnConnectionId=connection, DestinationCidrBlock=cidr)
    return f"{cidr}:{connection}", {}


def _no_route(account: Account, _id: str, outputs: Properties) -> None:
    account.client("ec2").delete_vpn_connection_route(
        VpnConnectionId=outputs["vpnConnectionId"], DestinationCidrBlock=outputs["destinationCidrBlock"]
    )


def _propagation(account: Account, inputs: Properties) -> tuple[str, Properties]:
    gateway, table = inputs["vpnGatewayId"], inputs["routeTableId"]
    account.client("ec2").enable_vgw_route_propagation(GatewayId=gateway, RouteTableId=table)
    return f"{gateway}_{table}", {}


def _no_propagation(account: Account, _id: str, outputs: Properties) -> None:
    account.client("ec2").disable_vgw_route_propagation(
        GatewayId=outputs["vpnGatewayId"], RouteTableId=outputs["routeTableId"]
    )


TUNNELS = {
    "aws:ec2/vpnGateway:VpnGateway": Kind(
        create=_gateway,
        delete=_no_gateway,
        in_place=("vpcId",),
        tags=True,
        required=("vpcId",),
    ),
    "aws:ec2/customerGateway:CustomerGateway": Kind(
        create=_router,
        delete=lambda account, id_, _: account.client("ec2").delete_customer_gateway(CustomerGatewayId=id_),
        tags=True,
        required=("type", "ipAddress", "bgpAsn"),
    ),
    "aws:ec2/vpnConnection:VpnConnection": Kind(
        create=_connection,
        delete=lambda account, id_, _: account.client("ec2").delete_vpn_connection(VpnConnectionId=id_),
        in_place=(
            *(f"tunnel{number}{pascal(key)}" for number in _TUNNELS for key in _TUNNEL),
            *("localIpv4NetworkCidr", "remoteIpv4NetworkCidr", "customerGatewayId"),
        ),
        tags=True,
        required=("type", "customerGatewayId", "vpnGatewayId"),
    ),
    "aws:ec2/vpnConnectionRoute:VpnConnectionRoute": Kind(
        create=_route,
        delete=_no_route,
        required=("vpnConnectionId", "destinationCidrBlock"),
    ),
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": Kind(
        create=_propagation,
        delete=_no_propagation,
        required=("vpnGatewayId", "routeTableId"),
    ),
}
