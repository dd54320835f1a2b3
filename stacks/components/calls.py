"""The hosts behind the edge when the whole centre is in the cloud: call, database and recording servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from seatworks.plan.model import Host
from stacks.components.ec2 import Image, servers
from stacks.components.iam_roles import Duty, profile
from stacks.components.network import Network
from stacks.components.place import Place
from stacks.components.records import Records


@dataclass(frozen=True, slots=True)
class CallsArgs:
    """The plan's inner hosts in the cloud, and what they stand on."""

    place: Place
    hosts: Sequence[Host]
    network: Network
    image: Image
    records: Records


class Calls(pulumi.ComponentResource):
    """Instances without a fixed public address. Record hosts may add recordings to the bucket, and nothing else."""

    instance_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: CallsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Calls", name, None, opts)
        profiles = {
            group: profile(self, name, args.place, _duty(group, args.records))
            for group in sorted({host.group for host in args.hosts})
        }
        machines = servers(self, name, args.hosts, args.network, args.image, profiles)
        self.instance_ids = {host: machine.id for host, machine in machines.items()}
        self.register_outputs({"instance_ids": self.instance_ids})


def _duty(group: str, records: Records) -> Duty:
    if group != "record":
        return Duty(group, "no right to anything in the account")
    return Duty(
        group,
        "add recordings, never read or delete them",
        (
            {
                "Effect": "Allow",
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": pulumi.Output.concat(records.bucket_arn, "/*"),
            },
            # S3 asks for Decrypt too when an upload comes in parts.
            {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": records.key_arn},
        ),
    )
