"""The cloud's end of a VPN to the site: a gateway at the network, the site's router, two tunnels, and who watches them.

The tunnels' keys are made by AWS. Where the plan says so it keeps them in Secrets Manager, and neither the state of the
stack nor its outputs hold them; elsewhere the provider hands them back as secrets, which the state keeps encrypted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from seatworks.plan.link import Vpn
from seatworks.plan.model import Plan, Tier
from stacks.components.alarms import Metric, alarm
from stacks.components.network import Network
from stacks.components.place import Place
from stacks.components.subnets import cloud_networks

# AWS asks for one also where routes are static. A private one (RFC 6996).
_ROUTER_ASN = "65000"


@dataclass(frozen=True, slots=True)
class SiteLinkArgs:
    """The account, the plan and its VPN, the network that is joined, who is told, and the key and days of the logs."""

    place: Place
    plan: Plan
    vpn: Vpn
    network: Network
    topic_arn: pulumi.Output[str]
    log_key_arn: pulumi.Input[str]
    log_days: int


class SiteLink(pulumi.ComponentResource):
    """Gateway, router, connection, static routes. Public and private subnets learn the way to the site, data not."""

    connection_id: pulumi.Output[str]
    # The cloud's end of each tunnel on the Internet, and the network inside the tunnel.
    tunnels: pulumi.Output[dict[str, str]]
    keys_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SiteLinkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:SiteLink", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        place, network = args.place, args.network
        gateway = aws.ec2.VpnGateway(f"{name}-link", vpc_id=network.vpc_id, tags={"Name": name}, opts=here)
        router = aws.ec2.CustomerGateway(
            f"{name}-router",
            type="ipsec.1",
            ip_address=str(args.vpn.router),
            bgp_asn=_ROUTER_ASN,
            tags={"Name": f"{name}-router"},
            opts=here,
        )
        log = aws.cloudwatch.LogGroup(
            f"{name}-link",
            name=f"/seatworks/{name}/link",
            kms_key_id=args.log_key_arn,
            retention_in_days=args.log_days,
            opts=place.keep(self),
        )
        connection = aws.ec2.VpnConnection(
            f"{name}-link",
            type="ipsec.1",
            customer_gateway_id=router.id,
            vpn_gateway_id=gateway.id,
            static_routes_only=True,
            local_ipv4_network_cidr=str(args.vpn.site),
            remote_ipv4_network_cidr=str(args.vpn.cloud),
            preshared_key_storage="SecretsManager" if args.vpn.keys_in_secrets_manager else "Standard",
            **{
                f"tunnel{number}_{option}": value
                for number in (1, 2)
                for option, value in _tunnel(args.vpn, log.arn).items()
            },
            tags={"Name": name},
            opts=here,
        )
        aws.ec2.VpnConnectionRoute(
            f"{name}-to-site",
            vpn_connection_id=connection.id,
            destination_cidr_block=str(args.vpn.site),
            opts=here,
        )
        for subnet in cloud_networks(args.plan):
            if subnet.tier is not Tier.DATA:
                aws.ec2.VpnGatewayRoutePropagation(
                    f"{name}-{subnet.name}-to-site",
                    vpn_gateway_id=gateway.id,
                    route_table_id=network.tables[subnet.name],
                    opts=here,
                )
        _watch(name, connection.id, args.topic_arn, here)
        self.connection_id, self.keys_arn = connection.id, connection.preshared_key_arn.apply(lambda arn: arn or "")
        self.tunnels = pulumi.Output.all(
            (connection.tunnel1_address, connection.tunnel1_inside_cidr),
            (connection.tunnel2_address, connection.tunnel2_inside_cidr),
        ).apply(lambda found: {str(address): str(inside) for address, inside in found})
        self.register_outputs({"connection_id": self.connection_id})


def _tunnel(vpn: Vpn, log_group_arn: pulumi.Output[str]) -> dict[str, Any]:
    """What both tunnels may agree on. AWS begins as the router may: whoever comes back first opens the tunnel."""
    phases: dict[str, Any] = {}
    for phase in (1, 2):
        phases |= {
            f"phase{phase}_encryption_algorithms": list(vpn.encryption),
            f"phase{phase}_integrity_algorithms": list(vpn.integrity),
            f"phase{phase}_dh_group_numbers": list(vpn.dh_groups),
        }
    return {
        "ike_versions": list(vpn.ike),
        **phases,
        "startup_action": "start",
        "dpd_timeout_action": "restart",
        # AWS gives its delivery of logs the right to write there by itself.
        "log_options": {
            "cloudwatch_log_options": {
                "log_enabled": True,
                "log_group_arn": log_group_arn,
                "log_output_format": "json",
            }
        },
    }


def _watch(
    name: str, connection_id: pulumi.Output[str], topic_arn: pulumi.Output[str], here: pulumi.ResourceOptions
) -> None:
    """AWS takes one tunnel away for its own maintenance, for minutes: that is told after a quarter of an hour."""
    one = {"VpnId": connection_id}
    alarm(
        f"{name}-link-down",
        topic_arn,
        "No tunnel to the site is up: seats in the cloud get no calls. Look at the site's router and its line.",
        Metric(
            "AWS/VPN", "TunnelState", 0, one, comparison="LessThanOrEqualToThreshold", period_s=300, missing="breaching"
        ),
        here,
    )
    alarm(
        f"{name}-link-half",
        topic_arn,
        "One of the two tunnels to the site has been down for 15 minutes: the other one has nobody behind it.",
        Metric(
            "AWS/VPN",
            "TunnelState",
            1,
            one,
            statistic="Minimum",
            comparison="LessThanThreshold",
            period_s=300,
            periods=3,
        ),
        here,
    )
