"""Subnets of the cloud site, each with a route table of its own: where its packets may go is its tier's choice."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Network as Subnet
from seatworks.plan.model import Plan, Site, WayOut

_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class SubnetsArgs:
    """The plan, and the network that is cut."""

    plan: Plan
    vpc_id: pulumi.Input[str]


class Subnets(pulumi.ComponentResource):
    """Public subnets lead to the Internet, private ones to an address translator, those without a way out nowhere."""

    ids: dict[str, pulumi.Output[str]]
    tables: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SubnetsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Subnets", name, None, opts)
        self._name, self._here = name, pulumi.ResourceOptions(parent=self)
        plan = args.plan
        gateway = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=args.vpc_id, tags={"Name": name}, opts=self._here)
        self.ids, self.tables = {}, {}
        ways: dict[str, aws.ec2.Route] = {}
        for network in cloud_networks(plan):
            self._subnet(network, args.vpc_id)
            if network.way_out is WayOut.GATEWAY:
                ways[network.name] = self._way(network, {"gateway_id": gateway.id})
        translators = {network: self._translator(network, ways[network]) for network in plan.nat_gateways}
        for network in cloud_networks(plan):
            if serving := plan.translator(network):
                self._way(network, {"nat_gateway_id": translators[serving]})
        self.register_outputs({"ids": self.ids})

    def _subnet(self, network: Subnet, vpc_id: pulumi.Input[str]) -> None:
        name = f"{self._name}-{network.name}"
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=vpc_id,
            cidr_block=str(network.cidr),
            availability_zone=network.zone,
            map_public_ip_on_launch=False,
            tags={"Name": name, **({"Tier": str(network.tier)} if network.tier else {})},
            opts=self._here,
        )
        table = aws.ec2.RouteTable(f"{name}-routes", vpc_id=vpc_id, tags={"Name": name}, opts=self._here)
        aws.ec2.RouteTableAssociation(f"{name}-routes", subnet_id=subnet.id, route_table_id=table.id, opts=self._here)
        self.ids[network.name], self.tables[network.name] = subnet.id, table.id

    def _way(self, network: Subnet, target: dict[str, pulumi.Output[str]]) -> aws.ec2.Route:
        return aws.ec2.Route(
            f"{self._name}-{network.name}-way-out",
            route_table_id=self.tables[network.name],
            destination_cidr_block=_ANYWHERE,
            **target,
            opts=self._here,
        )

    def _translator(self, network: str, way: aws.ec2.Route) -> pulumi.Output[str]:
        name = f"{self._name}-{network}-translator"
        # Others let us in by this address (carriers' interfaces, package mirrors): it outlives the translator.
        address = aws.ec2.Eip(name, domain="vpc", tags={"Name": name}, opts=self._here)
        return aws.ec2.NatGateway(
            name,
            subnet_id=self.ids[network],
            allocation_id=address.allocation_id,
            connectivity_type="public",
            tags={"Name": name},
            # AWS makes it only in a subnet that leads to the Internet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[way]),
        ).id


def cloud_networks(plan: Plan) -> tuple[Subnet, ...]:
    """The plan's subnets in the cloud."""
    return tuple(network for network in plan.networks if network.site is Site.CLOUD)
