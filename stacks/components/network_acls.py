"""The second fence around subnets: whatever somebody opens in a security group, strangers reach no port below 1024.

It keeps no memory of connections, so answers to what hosts asked outside must be let in by their ports: those are above
1023, as are all ports at which strangers are served. What goes out is the security groups' choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pulumi_aws as aws

from seatworks.errors import CloudError, Problem
from seatworks.plan.model import Plan, Tier, WayOut
from stacks.components import security_groups
from stacks.components.subnets import cloud_networks

# Below are the ports of system services, from here on those that clients are answered at.
FIRST_FREE_PORT = 1024
# What EC2 lets a list have in one direction, unless AWS is asked for more: 20, of which AWS's own last rule is one.
MOST_RULES = 19
_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, slots=True)
class AccessListsArgs:
    """The plan, the network with its own addresses, and its subnets by name. `default_id`: the list that subnets get
    when nobody says otherwise; None leaves that one as it is.
    """

    plan: Plan
    vpc_id: pulumi.Input[str]
    cidr: IPv4Network
    subnet_ids: dict[str, pulumi.Output[str]]
    default_id: pulumi.Input[str] | None


class AccessLists(pulumi.ComponentResource):
    """A list for the subnets of each tier, and none that lets anything through for subnets of somebody else."""

    def __init__(self, name: str, args: AccessListsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:AccessLists", name, None, opts)
        tiers = sorted({network.tier for network in cloud_networks(args.plan) if network.tier})
        lists = [
            aws.ec2.NetworkAcl(
                f"{name}-{tier}",
                vpc_id=args.vpc_id,
                subnet_ids=[args.subnet_ids[each.name] for each in cloud_networks(args.plan) if each.tier is tier],
                ingress=[
                    aws.ec2.NetworkAclIngressArgs(rule_no=100 + 10 * n, action="allow", **entry)
                    for n, entry in enumerate(entries(args.plan, tier, args.cidr))
                ],
                egress=[aws.ec2.NetworkAclEgressArgs(rule_no=100, action="allow", **_all_of(_ANYWHERE))],
                tags={"Name": f"{name}-{tier}"},
                opts=pulumi.ResourceOptions(parent=self),
            )
            for tier in tiers
        ]
        if args.default_id is not None:
            close(self, f"{name}-default", args.default_id, {"Name": f"{name}-unused"}, lists)
        self.register_outputs({})


def close(
    parent: pulumi.Resource,
    name: str,
    default_id: pulumi.Input[str],
    tags: dict[str, str],
    after: list[aws.ec2.NetworkAcl] | None = None,
) -> None:
    """Take a VPC's default list over without a rule. Which subnets have it is left as it is."""
    aws.ec2.DefaultNetworkAcl(
        name,
        default_network_acl_id=default_id,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=after, ignore_changes=["subnetIds"]),
    )


def entries(plan: Plan, tier: Tier, cidr: IPv4Network) -> tuple[dict[str, Any], ...]:
    """What the subnets of a tier let in, most trusted first. Raises CloudError for more than EC2 takes."""
    found = tuple(_entries(plan, tier, cidr))
    if len(found) > MOST_RULES:
        raise CloudError(
            Problem(
                f"network access list of the {tier} subnets",
                f"needs {len(found)} rules, and EC2 takes {MOST_RULES}",
                "name fewer or wider networks under management",
            )
        )
    return found


def _entries(plan: Plan, tier: Tier, cidr: IPv4Network) -> Iterator[dict[str, Any]]:
    ours = [cidr, *sorted(network.cidr for network in plan.networks if not network.cidr.subnet_of(cidr))]
    yield from (_all_of(str(network)) for network in ours)
    yield from _named(plan, tier, ours)
    if all(network.way_out is WayOut.NONE for network in cloud_networks(plan) if network.tier is tier):
        return
    for protocol in ("tcp", "udp"):
        yield _ports(protocol, FIRST_FREE_PORT, 65535, _ANYWHERE)
    # "Destination unreachable", by which a path tells how large a packet may be.
    yield {"protocol": "icmp", "icmp_type": 3, "icmp_code": -1, "from_port": 0, "to_port": 0, "cidr_block": _ANYWHERE}


def _named(plan: Plan, tier: Tier, ours: list[IPv4Network]) -> Iterator[dict[str, Any]]:
    """Flows from elsewhere to ports below the free ones, such as SSH from a management network."""
    subnets = {network.name for network in cloud_networks(plan) if network.tier is tier}
    groups = {host.group for host in plan.hosts if host.network in subnets}
    named = {
        (rule.protocol, rule.first_port, rule.last_port, rule.cidr)
        for group in groups
        for rule in security_groups.ingress(plan, group)
        if rule.first_port < FIRST_FREE_PORT and not any(rule.cidr.subnet_of(network) for network in ours)
    }
    return (_ports(protocol, first, last, str(network)) for protocol, first, last, network in sorted(named))


def _ports(protocol: str, first: int, last: int, cidr: str) -> dict[str, Any]:
    return {"protocol": protocol, "from_port": first, "to_port": last, "cidr_block": cidr}


def _all_of(cidr: str) -> dict[str, Any]:
    return _ports("-1", 0, 0, cidr)
