"""The network of the cloud site: one VPC with its subnets, endpoints and names, and a firewall per group of hosts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Plan, Site
from stacks.components import security_groups
from stacks.components.network_acls import AccessLists, AccessListsArgs
from stacks.components.place import Place
from stacks.components.private_zone import Names, NamesArgs
from stacks.components.subnets import Subnets, SubnetsArgs
from stacks.components.vpc_endpoints import Endpoints, EndpointsArgs


@dataclass(frozen=True, slots=True)
class NetworkArgs:
    """The account and region, the plan, and where the record of accepted and refused connections goes.

    `vpc_id` names a VPC that stands already: it is taken over with its tags as they are, and stays when the stack goes.
    """

    place: Place
    plan: Plan
    flow_log_group_arn: pulumi.Input[str]
    flow_log_role_arn: pulumi.Input[str]
    vpc_id: str | None = None


class Network(pulumi.ComponentResource):
    """VPC, subnets with their access lists, endpoints, names, flow log, and security groups as the plan's flows ask."""

    vpc_id: pulumi.Output[str]
    subnet_ids: dict[str, pulumi.Output[str]]
    # Route tables, by the names of their subnets.
    tables: dict[str, pulumi.Output[str]]
    security_group_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Network", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        plan = args.plan
        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(vpc_cidr(plan)),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=pulumi.ResourceOptions.merge(here, _standing(args.vpc_id)) if args.vpc_id else here,
        )
        self.vpc_id = vpc.id
        subnets = Subnets(name, SubnetsArgs(plan, vpc.id), here)
        self.subnet_ids, self.tables = subnets.ids, subnets.tables
        Endpoints(name, EndpointsArgs(args.place, plan, vpc.id, subnets.ids, subnets.tables), here)
        Names(name, NamesArgs(plan, vpc.id), here)
        own_default = vpc.default_network_acl_id if args.vpc_id is None else None
        AccessLists(name, AccessListsArgs(plan, vpc.id, vpc_cidr(plan), subnets.ids, own_default), here)
        if args.vpc_id is None:
            # Every VPC is born with a group that lets its members speak freely; taken over here without a rule. In one
            # that stood before, somebody may rely on it.
            aws.ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, tags={"Name": f"{name}-unused"}, opts=here)
        aws.ec2.FlowLog(
            f"{name}-flows",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=args.flow_log_group_arn,
            iam_role_arn=args.flow_log_role_arn,
            max_aggregation_interval=600,
            tags={"Name": name},
            opts=here,
        )
        self.security_group_ids = {
            group: self._firewall(name, plan, group, vpc.id) for group in sorted(cloud_groups(plan))
        }
        self.register_outputs({"vpc_id": vpc.id, "subnet_ids": self.subnet_ids})

    def _firewall(self, name: str, plan: Plan, group: str, vpc_id: pulumi.Output[str]) -> pulumi.Output[str]:
        here = pulumi.ResourceOptions(parent=self)
        # A name of its own: generated ones start with the deployment's, and EC2 refuses those that start with sg-.
        guard = aws.ec2.SecurityGroup(
            f"{name}-{group}",
            name=f"seatworks-{name}-{group}",
            description=f"Hosts of group {group} of deployment {name}",
            vpc_id=vpc_id,
            tags={"Name": f"{name}-{group}"},
            opts=here,
        )
        for rule in security_groups.ingress(plan, group):
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-{group}-in-{rule.name}",
                security_group_id=guard.id,
                ip_protocol=rule.protocol,
                from_port=rule.first_port,
                to_port=rule.last_port,
                cidr_ipv4=str(rule.cidr),
                description=rule.why,
                opts=here,
            )
        for rule in security_groups.egress(plan, group):
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-{group}-out-{rule.name}",
                security_group_id=guard.id,
                ip_protocol=rule.protocol,
                from_port=rule.first_port,
                to_port=rule.last_port,
                cidr_ipv4=str(rule.cidr),
                description=rule.why,
                opts=here,
            )
        return guard.id


def _standing(vpc_id: str) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(import_=vpc_id, ignore_changes=["tags", "tagsAll"], retain_on_delete=True)


def cloud_groups(plan: Plan) -> set[str]:
    """Groups that have a host in the cloud."""
    return {host.group for host in plan.hosts if host.site is Site.CLOUD}


def vpc_cidr(plan: Plan) -> IPv4Network:
    """The network of the VPC: the plan's, or else the smallest that holds every cloud subnet."""
    if plan.cloud_network:
        return plan.cloud_network
    return _smallest(network.cidr for network in plan.networks if network.site is Site.CLOUD)


def _smallest(networks: Iterable[IPv4Network]) -> IPv4Network:
    first, *rest = sorted(networks)
    for prefix in itertools.count(first.prefixlen, -1):
        candidate = first.supernet(new_prefix=prefix)
        if all(network.subnet_of(candidate) for network in rest):
            return candidate
    raise AssertionError("0.0.0.0/0 holds every network")
