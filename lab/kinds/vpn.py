"""The cloud's gateway to a site: virtual private gateway, the site's router, a connection of two tunnels, routes."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

from lab.aws.account import Account
from lab.kinds._kind import Kind
from lab.kinds._members import Member, camel, members, pascal, properties, request, spelt
from lab.kinds.vpc import arn, retag, specification, tags_in
from stacks.values import Properties

_TUNNELS = (1, 2)
# What an answer says of keys that are in Secrets Manager.
_KEPT_ELSEWHERE = "REDACTED"


def _listed(name: str, answer: str = "") -> Member:
    """A list that the interface wraps, entry by entry."""
    return Member(
        name,
        answer=answer,
        out=lambda values: [{"Value": value} for value in values],
        back=lambda entries: [entry["Value"] for entry in entries],
    )


_LOG_OUT, _LOG_BACK = spelt(cloudwatchLogOptions="CloudWatchLogOptions")
# One tunnel's options; the provider puts tunnel1 and tunnel2 before each.
_TUNNEL = members(
    ikeVersions=_listed("IKEVersions", "IkeVersions"),
    phase1EncryptionAlgorithms=_listed("Phase1EncryptionAlgorithms"),
    phase1IntegrityAlgorithms=_listed("Phase1IntegrityAlgorithms"),
    phase1DhGroupNumbers=_listed("Phase1DHGroupNumbers"),
    phase2EncryptionAlgorithms=_listed("Phase2EncryptionAlgorithms"),
    phase2IntegrityAlgorithms=_listed("Phase2IntegrityAlgorithms"),
    phase2DhGroupNumbers=_listed("Phase2DHGroupNumbers"),
    startupAction="StartupAction",
    dpdTimeoutAction=Member("DPDTimeoutAction", answer="DpdTimeoutAction"),
    logOptions=Member("LogOptions", out=_LOG_OUT, back=_LOG_BACK),
)
_TOLD = members(address="OutsideIpAddress", insideCidr="TunnelInsideCidr", presharedKey="PreSharedKey")
_CONNECTION = members("type", "customerGatewayId", "vpnGatewayId")
_OPTIONS = members("staticRoutesOnly", "localIpv4NetworkCidr", "remoteIpv4NetworkCidr")
_ROUTER = members("type", "ipAddress", bgpAsn=Member("BgpAsn", out=int, back=str))


def _of_tunnel(number: int, inputs: Properties) -> Properties:
    """Options of one tunnel, without its number before each name."""
    before = f"tunnel{number}"
    return {camel(key.removeprefix(before)): value for key, value in inputs.items() if key.startswith(before)}


def _numbered(number: int, found: Properties) -> Properties:
    return {f"tunnel{number}{pascal(key)}": value for key, value in found.items()}


def _gateway(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("vpn-gateway", inputs)
    made = account.client("ec2").create_vpn_gateway(Type="ipsec.1", TagSpecifications=tags)["VpnGateway"]
    _attach(account, made["VpnGatewayId"], inputs, {})
    return made["VpnGatewayId"], {"arn": arn(account, "ec2", f"vpn-gateway/{made['VpnGatewayId']}")}


def _attach(account: Account, id_: str, new: Properties, old: Properties) -> None:
    if "vpcId" in old:
        account.client("ec2").detach_vpn_gateway(VpnGatewayId=id_, VpcId=old["vpcId"])
    account.client("ec2").attach_vpn_gateway(VpnGatewayId=id_, VpcId=new["vpcId"])


def _read_gateway(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_vpn_gateways(VpnGatewayIds=[id_])["VpnGateways"]:
        if found["State"] not in {"deleting", "deleted"}:
            attached = [each["VpcId"] for each in found["VpcAttachments"] if each["State"] == "attached"]
            return {
                "vpcId": attached[0] if attached else None,
                "arn": arn(account, "ec2", f"vpn-gateway/{id_}"),
                "tagsAll": tags_in(found.get("Tags", [])),
            }
    return None


def _no_gateway(account: Account, id_: str, outputs: Properties) -> None:
    account.client("ec2").detach_vpn_gateway(VpnGatewayId=id_, VpcId=outputs["vpcId"])
    account.client("ec2").delete_vpn_gateway(VpnGatewayId=id_)


def _router(account: Account, inputs: Properties) -> tuple[str, Properties]:
    tags = specification("customer-gateway", inputs)
    made = account.client("ec2").create_customer_gateway(**request(_ROUTER, inputs), TagSpecifications=tags)
    id_ = made["CustomerGateway"]["CustomerGatewayId"]
    return id_, {"arn": arn(account, "ec2", f"customer-gateway/{id_}")}


def _read_router(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_customer_gateways(CustomerGatewayIds=[id_])["CustomerGateways"]:
        if found["State"] not in {"deleting", "deleted"}:
            name = {"arn": arn(account, "ec2", f"customer-gateway/{id_}")}
            return {**properties(_ROUTER, found), **name, "tagsAll": tags_in(found.get("Tags", []))}
    return None


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
        "arn": arn(account, "ec2", f"vpn-connection/{found['VpnConnectionId']}"),
        "customerGatewayConfiguration": found["CustomerGatewayConfiguration"],
        "presharedKeyArn": found.get("PreSharedKeyArn"),
    }
    for number, tunnel in zip(_TUNNELS, found["Options"]["TunnelOptions"], strict=True):
        inside = IPv4Network(tunnel["TunnelInsideCidr"])
        ends = {"vgwInsideAddress": str(inside[1]), "cgwInsideAddress": str(inside[2])}
        outputs |= _numbered(number, {**properties(_TOLD, tunnel), **ends})
    return {key: value for key, value in outputs.items() if value is not None}


def _read_connection(account: Account, id_: str, _known: Properties) -> Properties | None:
    for found in account.client("ec2").describe_vpn_connections(VpnConnectionIds=[id_])["VpnConnections"]:
        if found["State"] in {"deleting", "deleted"}:
            continue
        tunnels = found["Options"]["TunnelOptions"]
        told = {**properties(_CONNECTION, found), **properties(_OPTIONS, found["Options"])}
        for number, tunnel in zip(_TUNNELS, tunnels, strict=True):
            told |= _numbered(number, properties(_TUNNEL, tunnel))
        # Where keys are kept is not told but by their absence; a secret's name may be told of keys that left it.
        elsewhere = all(tunnel.get("PreSharedKey", _KEPT_ELSEWHERE) == _KEPT_ELSEWHERE for tunnel in tunnels)
        told["presharedKeyStorage"] = "SecretsManager" if elsewhere else "Standard"
        told |= {"presharedKeyArn": None, "tagsAll": tags_in(found["Tags"])}
        return {**told, **_connection_outputs(account, found)}
    return None


def _set_tunnels(account: Account, id_: str, new: Properties, old: Properties) -> None:
    for number in _TUNNELS:
        wanted = request(_TUNNEL, _of_tunnel(number, new))
        if wanted != request(_TUNNEL, _of_tunnel(number, old)):
            account.client("ec2").modify_vpn_tunnel_options(
                VpnConnectionId=id_, VpnTunnelOutsideIpAddress=old[f"tunnel{number}Address"], TunnelOptions=wanted
            )


def _set_options(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    wanted = request(_OPTIONS, new, "localIpv4NetworkCidr", "remoteIpv4NetworkCidr")
    account.client("ec2").modify_vpn_connection_options(VpnConnectionId=id_, **wanted)


def _set_router(account: Account, id_: str, new: Properties, _old: Properties) -> None:
    account.client("ec2").modify_vpn_connection(VpnConnectionId=id_, CustomerGatewayId=new["customerGatewayId"])


def _route(account: Account, inputs: Properties) -> tuple[str, Properties]:
    connection, cidr = inputs["vpnConnectionId"], inputs["destinationCidrBlock"]
    account.client("ec2").create_vpn_connection_route(VpnConnectionId=connection, DestinationCidrBlock=cidr)
    return f"{cidr}:{connection}", {}


def _read_route(account: Account, id_: str, _known: Properties) -> Properties | None:
    cidr, _, connection = id_.partition(":")
    for found in account.client("ec2").describe_vpn_connections(VpnConnectionIds=[connection])["VpnConnections"]:
        there = [route for route in found["Routes"] if route["State"] == "available"]
        if found["State"] == "available" and cidr in {route["DestinationCidrBlock"] for route in there}:
            return {"vpnConnectionId": connection, "destinationCidrBlock": cidr}
    return None


def _no_route(account: Account, _id: str, outputs: Properties) -> None:
    account.client("ec2").delete_vpn_connection_route(
        VpnConnectionId=outputs["vpnConnectionId"], DestinationCidrBlock=outputs["destinationCidrBlock"]
    )


def _propagation(account: Account, inputs: Properties) -> tuple[str, Properties]:
    gateway, table = inputs["vpnGatewayId"], inputs["routeTableId"]
    account.client("ec2").enable_vgw_route_propagation(GatewayId=gateway, RouteTableId=table)
    return f"{gateway}_{table}", {}


def _read_propagation(account: Account, id_: str, _known: Properties) -> Properties | None:
    gateway, _, table = id_.partition("_")
    for found in account.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]:
        if {"GatewayId": gateway} in found["PropagatingVgws"]:
            return {"vpnGatewayId": gateway, "routeTableId": table}
    return None


def _no_propagation(account: Account, _id: str, outputs: Properties) -> None:
    account.client("ec2").disable_vgw_route_propagation(
        GatewayId=outputs["vpnGatewayId"], RouteTableId=outputs["routeTableId"]
    )


TUNNELS = {
    "aws:ec2/vpnGateway:VpnGateway": Kind(
        create=_gateway,
        delete=_no_gateway,
        read=_read_gateway,
        changes={"vpcId": _attach},
        tags=retag,
        required=("vpcId",),
    ),
    "aws:ec2/customerGateway:CustomerGateway": Kind(
        create=_router,
        delete=lambda account, id_, _: account.client("ec2").delete_customer_gateway(CustomerGatewayId=id_),
        read=_read_router,
        tags=retag,
        required=("type", "ipAddress", "bgpAsn"),
    ),
    "aws:ec2/vpnConnection:VpnConnection": Kind(
        create=_connection,
        delete=lambda account, id_, _: account.client("ec2").delete_vpn_connection(VpnConnectionId=id_),
        read=_read_connection,
        changes={
            **{f"tunnel{number}{pascal(key)}": _set_tunnels for number in _TUNNELS for key in _TUNNEL},
            "localIpv4NetworkCidr": _set_options,
            "remoteIpv4NetworkCidr": _set_options,
            "customerGatewayId": _set_router,
        },
        tags=retag,
        required=("type", "customerGatewayId", "vpnGatewayId"),
        defaults={"presharedKeyStorage": "Standard"},
    ),
    "aws:ec2/vpnConnectionRoute:VpnConnectionRoute": Kind(
        create=_route,
        delete=_no_route,
        read=_read_route,
        required=("vpnConnectionId", "destinationCidrBlock"),
    ),
    "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation": Kind(
        create=_propagation,
        delete=_no_propagation,
        read=_read_propagation,
        required=("vpnGatewayId", "routeTableId"),
    ),
}
