"""Virtual machines as every one here is: fixed address, encrypted disk, no token-less metadata, Debian 13."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Host
from stacks.components.agent import agent_user_data
from stacks.components.network import Network
from stacks.components.place import Place

# Who publishes Debian's images: the project itself, and the operators' marketplace account in China
# (https://wiki.debian.org/Cloud/AmazonEC2Image).
DEBIAN = {"aws": "136693071363", "aws-us-gov": "045324592363", "aws-cn": "336777782633"}
# Credentials only for requests with a token, and only on the machine itself.
METADATA: aws.ec2.InstanceMetadataOptionsArgsDict = {
    "http_endpoint": "enabled",
    "http_tokens": "required",
    "http_put_response_hop_limit": 1,
}
# Debian 13, for the x86 types that the plan chooses.
IMAGE = {"name": "debian-13-amd64-*", "architecture": "x86_64", "virtualization-type": "hvm"}


@dataclass(frozen=True, slots=True)
class Image:
    """The machine image, the name of its disk, the key pair and the key of the disk that every host starts with.

    `user_data` is what hosts that a deploy enters are told at their birth.
    """

    id: pulumi.Output[str]
    root_device: pulumi.Output[str]
    key_name: pulumi.Output[str] | None
    disk_key_arn: pulumi.Output[str]
    user_data: str


def image(
    name: str,
    place: Place,
    public_key: str | None,
    disk_key_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    ask: pulumi.InvokeOptions,
) -> Image:
    """The newest image of this region, and the deployment's key."""
    told = agent_user_data(place.region)
    found = aws.ec2.get_ami_output(
        owners=[DEBIAN[place.partition]],
        most_recent=True,
        filters=[{"name": name, "values": [value]} for name, value in IMAGE.items()],
        opts=ask,
    )
    if public_key is None:
        pulumi.log.warn("no SSH key yet: machines made now can be reached through Session Manager only")
        return Image(found.id, found.root_device_name, None, disk_key_arn, told)
    key = aws.ec2.KeyPair(f"{name}-admin", key_name=f"seatworks-{name}", public_key=public_key, opts=opts)
    return Image(found.id, found.root_device_name, key.key_name, disk_key_arn, told)


def servers(
    parent: pulumi.Resource,
    name: str,
    hosts: Sequence[Host],
    network: Network,
    image: Image,
    profiles: dict[str, pulumi.Output[str]] | None = None,
) -> dict[str, aws.ec2.Instance]:
    """One instance per host. `profiles` gives the instance profile of the groups that need one."""
    return {host.name: _server(parent, name, host, network, image, (profiles or {}).get(host.group)) for host in hosts}


def _server(
    parent: pulumi.Resource,
    name: str,
    host: Host,
    network: Network,
    image: Image,
    profile: pulumi.Output[str] | None,
) -> aws.ec2.Instance:
    return aws.ec2.Instance(
        f"{name}-{host.name}",
        ami=image.id,
        instance_type=host.instance_type,
        subnet_id=network.subnet_ids[host.network],
        private_ip=str(host.address),
        # Edges have a fixed public address from an Elastic IP, all others none.
        associate_public_ip_address=False,
        vpc_security_group_ids=[network.security_group_ids[host.group]],
        iam_instance_profile=profile,
        key_name=image.key_name,
        user_data=image.user_data,
        metadata_options=METADATA,
        root_block_device={
            "volume_type": "gp3",
            "volume_size": host.disk_gb,
            "encrypted": True,
            "kms_key_id": image.disk_key_arn,
            "delete_on_termination": True,
        },
        volume_tags={"Name": f"{name}-{host.name}"},
        tags={"Name": f"{name}-{host.name}", "Group": host.group},
        opts=pulumi.ResourceOptions(
            parent=parent,
            # The address is fixed, so the old machine must be gone before the new one can have it.
            delete_before_replace=True,
            # A newer image, another key or other first words concern machines made from then on, not those that run.
            ignore_changes=["ami", "keyName", "userData"],
        ),
    )
