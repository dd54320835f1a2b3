"""EC2: tunnels of a VPN connection with their options, static routes, propagation of routes; what hangs together.

The emulator knows gateways and connections by name alone. The tunnels stay down: nobody answers at the other end, so no
route is propagated, as in AWS.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from lab.aws._wrap import wrap

_CIPHERS = {"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
_HASHES = {"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}
# What each option may be (EC2 API, VpnTunnelOptionsSpecification); lists hold entries of one `Value`.
_ALLOWED: Mapping[str, set[Any]] = {
    "IKEVersions": {"ikev1", "ikev2"},
    "Phase1EncryptionAlgorithms": _CIPHERS,
    "Phase2EncryptionAlgorithms": _CIPHERS,
    "Phase1IntegrityAlgorithms": _HASHES,
    "Phase2IntegrityAlgorithms": _HASHES,
    "Phase1DHGroupNumbers": {2, *range(14, 25)},
    "Phase2DHGroupNumbers": {2, 5, *range(14, 25)},
    "StartupAction": {"add", "start"},
    "DPDTimeoutAction": {"clear", "none", "restart"},
}
# Members that an answer spells otherwise than the request.
_ANSWERED = {"IKEVersions": "IkeVersions", "DPDTimeoutAction": "DpdTimeoutAction"}
# The service's ends of tunnels: addresses of benchmarks (RFC 2544), which nobody has on the Internet.
_OUTSIDE, _INSIDE = IPv4Network("198.18.0.0/15"), IPv4Network("169.254.0.0/16")
_KEPT_ELSEWHERE = "REDACTED"


def extend() -> None:
    """Add it, once in a process."""
    from moto.ec2.responses.vpn_connections import VPNConnections

    if not hasattr(VPNConnections, "create_vpn_connection_route"):
        _connections(VPNConnections)
        _propagation()
        _refuses()


def _error(code: str, message: str) -> Exception:
    from moto.ec2.exceptions import EC2ClientError

    return EC2ClientError(code, message)


def _connections(responses: Any) -> None:
    from moto.core.responses import ActionResult, EmptyResult

    create = responses.create_vpn_connection

    def created(self: Any) -> Any:
        asked, gateway = self._get_param("Options") or {}, self._get_param("VpnGatewayId")
        if gateway:
            self.ec2_backend.get_vpn_gateway(gateway)
        tunnels = [_checked(tunnel) for tunnel in asked.get("TunnelOptions") or []]
        answer = create(self)
        connection = answer.result["VpnConnection"]
        _complete(connection, asked, tunnels, self._get_param("PreSharedKeyStorage") == "SecretsManager")
        return answer

    def one(self: Any) -> Any:
        id_ = self._get_param("VpnConnectionId")
        (connection,) = self.ec2_backend.describe_vpn_connections([id_])
        if connection.state == "deleted":
            raise _error("InvalidVpnConnectionID.NotFound", f"The vpnConnection ID '{id_}' does not exist")
        return connection

    def add_route(self: Any) -> Any:
        connection, cidr = one(self), self._get_param("DestinationCidrBlock")
        if not connection.options["StaticRoutesOnly"]:
            raise _error("InvalidParameterValue", f"The connection {connection.id} is not one of static routes.")
        others = [route for route in connection.routes if route["DestinationCidrBlock"] != cidr]
        connection.routes = [*others, {"DestinationCidrBlock": cidr, "Source": "Static", "State": "available"}]
        return EmptyResult()

    def drop_route(self: Any) -> Any:
        connection, cidr = one(self), self._get_param("DestinationCidrBlock")
        left = [route for route in connection.routes if route["DestinationCidrBlock"] != cidr]
        if len(left) == len(connection.routes):
            raise _error("InvalidRoute.NotFound", f"There is no route {cidr} of {connection.id}.")
        connection.routes = left
        return EmptyResult()

    def set_tunnel(self: Any) -> Any:
        connection, address = one(self), self._get_param("VpnTunnelOutsideIpAddress")
        tunnels = connection.options["TunnelOptions"]
        found = [tunnel for tunnel in tunnels if tunnel["OutsideIpAddress"] == address]
        if not found:
            raise _error("InvalidParameterValue", f"{connection.id} has no tunnel at {address}.")
        found[0].update(_checked(self._get_param("TunnelOptions") or {}))
        return ActionResult({"VpnConnection": connection})

    def set_options(self: Any) -> Any:
        connection = one(self)
        for key in ("LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr"):
            if cidr := self._get_param(key):
                connection.options[key] = cidr
        return ActionResult({"VpnConnection": connection})

    def set_gateways(self: Any) -> Any:
        connection = one(self)
        if other := self._get_param("CustomerGatewayId"):
            self.ec2_backend.get_customer_gateway(other)
            connection.customer_gateway_id = other
        return ActionResult({"VpnConnection": connection})

    responses.create_vpn_connection = created
    responses.create_vpn_connection_route = add_route
    responses.delete_vpn_connection_route = drop_route
    responses.modify_vpn_tunnel_options = set_tunnel
    responses.modify_vpn_connection_options = set_options
    responses.modify_vpn_connection = set_gateways


def _complete(connection: Any, asked: Mapping[str, Any], tunnels: list[dict[str, Any]], elsewhere: bool) -> None:
    """Give a new connection its two tunnels, each with addresses and a key of its own."""
    from moto.moto_api._internal import mock_random
    from moto.secretsmanager.models import secretsmanager_backends

    def drawn() -> str:
        first = mock_random.choice(string.ascii_letters)
        return first + "".join(mock_random.choice(string.ascii_letters + string.digits) for _ in range(31))

    outside = [str(_OUTSIDE[place]) for place in mock_random.sample(range(1, 131_070), 2)]
    # A /30 for each tunnel; the ends of the range are kept by AWS for itself.
    inside = [f"{_INSIDE[4 * place]}/30" for place in mock_random.sample(range(64, 16_000), 2)]
    made = [
        {"OutsideIpAddress": address, "TunnelInsideCidr": network, "PreSharedKey": drawn(), **given}
        for address, network, given in zip(outside, inside, [*tunnels, {}, {}], strict=False)
    ]
    connection.options = {
        "EnableAcceleration": False,
        "StaticRoutesOnly": _true(asked.get("StaticRoutesOnly")),
        "LocalIpv4NetworkCidr": asked.get("LocalIpv4NetworkCidr", "0.0.0.0/0"),
        "RemoteIpv4NetworkCidr": asked.get("RemoteIpv4NetworkCidr", "0.0.0.0/0"),
        "TunnelInsideIpVersion": "ipv4",
        "TunnelOptions": made,
    }
    connection.routes = []
    connection.vgw_telemetry = [
        {"OutsideIpAddress": tunnel["OutsideIpAddress"], "Status": "DOWN", "StatusMessage": "IPSEC IS DOWN"}
        for tunnel in made
    ]
    if elsewhere:
        backend = secretsmanager_backends[connection.ec2_backend.account_id][connection.ec2_backend.region_name]
        keys = {tunnel["OutsideIpAddress"]: tunnel["PreSharedKey"] for tunnel in made}
        secret = backend.create_managed_secret("s2svpn", f"s2svpn!{connection.id}", secret_string=json.dumps(keys))
        connection.pre_shared_key_arn = secret.arn
        for tunnel in made:
            tunnel["PreSharedKey"] = _KEPT_ELSEWHERE


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a tunnel as an answer holds them. Raises what AWS says of a value that it does not know."""
    for name, allowed in _ALLOWED.items():
        for value in _values(given.get(name)):
            if value not in allowed:
                raise _error("InvalidParameterValue", f"Value ({value}) for parameter {name} is invalid.")
    key = str(given.get("PreSharedKey", "a" * 8))
    if not 8 <= len(key) <= 64 or key.startswith("0") or set(key) - {*string.ascii_letters, *string.digits, ".", "_"}:
        raise _error("InvalidParameterValue", "Value for parameter PreSharedKey is invalid.")
    return {_ANSWERED.get(name, name): value for name, value in given.items()}


def _values(given: Any) -> Iterable[Any]:
    if given is None:
        return ()
    return [entry["Value"] for entry in given] if isinstance(given, list) else [given]


def _configuration(connection: Any) -> str:
    """What AWS hands to the people of the site: addresses, and the keys where it keeps them itself."""
    root = Element("vpn_connection", id=connection.id)
    for name in ("customer_gateway_id", "vpn_gateway_id"):
        SubElement(root, name).text = getattr(connection, name)
    SubElement(root, "vpn_connection_type").text = connection.type
    router = connection.ec2_backend.get_customer_gateway(connection.customer_gateway_id)
    for tunnel in connection.options["TunnelOptions"]:
        part, inside = SubElement(root, "ipsec_tunnel"), IPv4Network(tunnel["TunnelInsideCidr"])
        _end(SubElement(part, "customer_gateway"), router.ip_address, inside[2], router.bgp_asn)
        _end(SubElement(part, "vpn_gateway"), tunnel["OutsideIpAddress"], inside[1], "64512")
        SubElement(SubElement(part, "ike"), "pre_shared_key").text = tunnel["PreSharedKey"]
    return tostring(root, encoding="unicode")


def _end(part: Element, outside: str, inside: IPv4Address, number: str) -> None:
    for name, address in (("tunnel_outside_address", outside), ("tunnel_inside_address", str(inside))):
        SubElement(SubElement(part, name), "ip_address").text = address
    bgp = SubElement(part, "bgp")
    SubElement(bgp, "asn").text, SubElement(bgp, "hold_time").text = str(number), "30"


def _propagation() -> None:
    from moto.core.responses import EmptyResult
    from moto.ec2.models.route_tables import RouteTable
    from moto.ec2.responses.route_tables import RouteTables

    def asked(self: Any) -> tuple[Any, str]:
        table, gateway = self._get_param("RouteTableId"), self._get_param("GatewayId")
        return self.ec2_backend.get_route_table(table), self.ec2_backend.get_vpn_gateway(gateway).id

    def enable(self: Any) -> Any:
        table, gateway = asked(self)
        attached = self.ec2_backend.get_vpn_gateway(gateway).attachments.get(table.vpc_id)
        if attached is None or attached.state != "attached":
            raise _error("Gateway.NotAttached", f"resource {gateway} is not attached to {table.vpc_id}")
        if {"GatewayId": gateway} not in table.propagating_vgws:
            table.propagating_vgws = [*table.propagating_vgws, {"GatewayId": gateway}]
        return EmptyResult()

    def disable(self: Any) -> Any:
        table, gateway = asked(self)
        table.propagating_vgws = [entry for entry in table.propagating_vgws if entry["GatewayId"] != gateway]
        return EmptyResult()

    setattr(RouteTable, "propagating_vgws", [])  # noqa: B010 - an attribute of ours on a class of theirs
    setattr(RouteTables, "enable_vgw_route_propagation", enable)  # noqa: B010 - as above
    setattr(RouteTables, "disable_vgw_route_propagation", disable)  # noqa: B010 - as above


def _refuses() -> None:
    """A gateway that something hangs on is not deleted, a network has one, and the keys go with their connection."""
    from moto.ec2.models.customer_gateways import CustomerGatewayBackend
    from moto.ec2.models.vpn_connections import VPNConnection, VPNConnectionBackend
    from moto.ec2.models.vpn_gateway import VpnGatewayBackend
    from moto.secretsmanager.models import secretsmanager_backends

    def unused(attribute: str) -> Callable[[Any], Any]:
        def make(original: Callable[..., Any]) -> Any:
            def delete(self: Any, id_: str) -> Any:
                living = [each for each in self.vpn_connections.values() if each.state != "deleted"]
                gateway = self.vpn_gateways.get(id_)
                tied = gateway and any(each.state == "attached" for each in gateway.attachments.values())
                if tied or any(getattr(each, attribute) == id_ for each in living):
                    raise _error("IncorrectState", f"{id_} is in use.")
                return original(self, id_)

            return delete

        return make

    def alone(original: Callable[..., Any]) -> Any:
        def attach(self: Any, vpn_gateway_id: str, vpc_id: str) -> Any:
            for other in self.vpn_gateways.values():
                held = other.attachments.get(vpc_id)
                if other.id != vpn_gateway_id and held is not None and held.state == "attached":
                    raise _error("InvalidVpcState", f"{vpc_id} already has an attached gateway.")
            return original(self, vpn_gateway_id, vpc_id)

        return attach

    def with_keys(original: Callable[..., Any]) -> Any:
        def delete(self: Any, vpn_connection_id: str) -> Any:
            connection = original(self, vpn_connection_id)
            if name := getattr(connection, "pre_shared_key_arn", None):
                backend = secretsmanager_backends[self.account_id][self.region_name]
                backend.delete_secret(name, recovery_window_in_days=None, force_delete_without_recovery=True)
                connection.pre_shared_key_arn = None
            return connection

        return delete

    wrap(VpnGatewayBackend, "delete_vpn_gateway", unused("vpn_gateway_id"))
    wrap(CustomerGatewayBackend, "delete_customer_gateway", unused("customer_gateway_id"))
    wrap(VpnGatewayBackend, "attach_vpn_gateway", alone)
    wrap(VPNConnectionBackend, "delete_vpn_connection", with_keys)
    setattr(VPNConnection, "customer_gateway_configuration", property(_configuration))  # noqa: B010 - theirs is fixed
