"""The hosts behind the edge when the whole centre is in the cloud: call, database and recording servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Host
from stacks.components.network import Network
from stacks.components.place import Place, policy, trust
from stacks.components.records import Records
from stacks.components.servers import Image, servers


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
        profiles = {}
        if any(host.group == "record" for host in args.hosts):
            profiles["record"] = self._record_profile(name, args)
            # Recordings go to the bucket without crossing the Internet.
            aws.ec2.VpcEndpoint(
                f"{name}-recordings",
                vpc_id=args.network.vpc_id,
                # Gateway endpoints bear this prefix in China too; only interface endpoints there begin with cn.com.
                service_name=f"com.amazonaws.{args.place.region}.s3",
                vpc_endpoint_type="Gateway",
                route_table_ids=[args.network.route_table_id],
                tags={"Name": f"{name}-recordings"},
                opts=pulumi.ResourceOptions(parent=self),
            )
        machines = servers(self, name, args.hosts, args.network, args.image, profiles)
        self.instance_ids = {host: machine.id for host, machine in machines.items()}
        self.register_outputs({"instance_ids": self.instance_ids})

    def _record_profile(self, name: str, args: CallsArgs) -> pulumi.Output[str]:
        here = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-record",
            description=f"Record hosts of deployment {name}: add recordings, never read or delete them",
            assume_role_policy=trust(args.place.principal("ec2")),
            opts=here,
        )
        aws.iam.RolePolicy(
            f"{name}-record-add",
            role=role.id,
            policy=policy(
                {
                    "Effect": "Allow",
                    "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                    "Resource": pulumi.Output.concat(args.records.bucket_arn, "/*"),
                },
                # S3 asks for Decrypt too when an upload comes in parts.
                {
                    "Effect": "Allow",
                    "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                    "Resource": args.records.key_arn,
                },
            ),
            opts=here,
        )
        return aws.iam.InstanceProfile(f"{name}-record", role=role.name, opts=here).name
