"""Doors to the cloud's own interfaces inside the network: what hosts say to them crosses no Internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Plan, Tier
from seatworks.tables import table
from stacks.components.agent import agent_bucket
from stacks.components.place import Place, policy
from stacks.components.subnets import cloud_networks


@dataclass(frozen=True, slots=True)
class EndpointsArgs:
    """The plan, and the network with its subnets and route tables by name."""

    place: Place
    plan: Plan
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Output[str]]
    tables: Mapping[str, pulumi.Output[str]]


class Endpoints(pulumi.ComponentResource):
    """One door to S3 in every route table, and one in each private subnet to each service that the plan names."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Endpoints", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        own = policy(_own_account_only(args.place))
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc_id,
            # Gateway endpoints bear this prefix in China too.
            service_name=f"com.amazonaws.{args.place.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(args.tables.values()),
            policy=policy(_own_account_only(args.place), _agent(args.place)),
            tags={"Name": f"{name}-s3"},
            opts=here,
        )
        if args.plan.endpoints:
            guard = self._guard(name, args)
            private = [each.name for each in cloud_networks(args.plan) if each.tier is Tier.PRIVATE]
            for service in args.plan.endpoints:
                aws.ec2.VpcEndpoint(
                    f"{name}-{service}",
                    vpc_id=args.vpc_id,
                    service_name=service_name(args.place, service),
                    vpc_endpoint_type="Interface",
                    subnet_ids=[args.subnet_ids[network] for network in private],
                    security_group_ids=[guard],
                    # The service's usual name then leads here for every host of the network.
                    private_dns_enabled=True,
                    policy=own,
                    tags={"Name": f"{name}-{service}"},
                    opts=here,
                )
        self.register_outputs({})

    def _guard(self, name: str, args: EndpointsArgs) -> pulumi.Output[str]:
        here = pulumi.ResourceOptions(parent=self)
        guard = aws.ec2.SecurityGroup(
            f"{name}-endpoints",
            name=f"seatworks-{name}-endpoints",
            description=f"Interfaces of the cloud as hosts of deployment {name} meet them",
            vpc_id=args.vpc_id,
            tags={"Name": f"{name}-endpoints"},
            opts=here,
        )
        for network in cloud_networks(args.plan):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-endpoints-in-{network.name}",
                security_group_id=guard.id,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                cidr_ipv4=str(network.cidr),
                description=f"hosts of {network.name} call the interfaces of the cloud",
                opts=here,
            )
        return guard.id


def _own_account_only(place: Place) -> Mapping[str, Any]:
    """Whoever is inside takes nothing out with the key of another account."""
    return {
        "Sid": "OwnAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": place.account}},
    }


def _agent(place: Place) -> Mapping[str, Any]:
    """The agent of Session Manager lies in a bucket of AWS's own, and servers fetch it before they have any key."""
    return {
        "Sid": "SessionAgent",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:{place.partition}:s3:::{agent_bucket(place.region)}/*",
    }


def service_name(place: Place, service: str) -> str:
    """The name of a service's interface endpoint in this region."""
    china = place.partition == "aws-cn" and service in table("cloud")["named_otherwise_in_china"]
    return f"{'cn.com' if china else 'com'}.amazonaws.{place.region}.{service}"
