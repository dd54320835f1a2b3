"""The hosts that carriers and seats meet: fixed public addresses, and no right but to be met by Session Manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Host
from stacks.components.ec2 import Image, servers
from stacks.components.iam_roles import Duty, profile
from stacks.components.network import Network
from stacks.components.place import Place


@dataclass(frozen=True, slots=True)
class EdgeArgs:
    """The account and region, the plan's edge hosts in the cloud, and what they stand on."""

    place: Place
    hosts: Sequence[Host]
    network: Network
    image: Image


class Edge(pulumi.ComponentResource):
    """Instances of the groups edge and cloud-edge with their Elastic IPs."""

    instance_ids: dict[str, pulumi.Output[str]]
    public_addresses: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Edge", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        profiles = {
            group: profile(self, name, args.place, Duty(group, "no right to anything in the account"))
            for group in sorted({host.group for host in args.hosts})
        }
        machines = servers(self, name, args.hosts, args.network, args.image, profiles)
        self.instance_ids = {host: machine.id for host, machine in machines.items()}
        self.public_addresses = {}
        for host in args.hosts:
            if not host.public:
                continue
            # The address outlives the machine: phones and carriers have it in their settings.
            address = aws.ec2.Eip(f"{name}-{host.name}", domain="vpc", tags={"Name": f"{name}-{host.name}"}, opts=here)
            aws.ec2.EipAssociation(
                f"{name}-{host.name}-address",
                allocation_id=address.allocation_id,
                instance_id=machines[host.name].id,
                opts=here,
            )
            self.public_addresses[host.name] = address.public_ip
        self.register_outputs({"instance_ids": self.instance_ids, "public_addresses": self.public_addresses})
