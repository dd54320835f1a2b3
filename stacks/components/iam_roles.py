"""What hosts may do in the account: a role for each duty, with the rights of that duty and no others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.place import Place, policy, trust

# What the agent of Session Manager needs to keep its line open (AmazonSSMManagedInstanceCore without parameters,
# documents and inventory). The interface has no resources to name for these.
_SESSION = {
    "Sid": "Session",
    "Effect": "Allow",
    "Action": [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
    "Resource": "*",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of host: its group, what it is for, and what it may do beyond being met by Session Manager."""

    group: str
    purpose: str
    rights: Sequence[Mapping[str, Any]] = ()


def profile(parent: pulumi.Resource, name: str, place: Place, duty: Duty) -> pulumi.Output[str]:
    """The instance profile of a duty."""
    here = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-{duty.group}",
        description=f"Hosts of group {duty.group} of deployment {name}: {duty.purpose}",
        assume_role_policy=trust(place.principal("ec2")),
        opts=here,
    )
    aws.iam.RolePolicy(f"{name}-{duty.group}-session", role=role.id, policy=policy(_SESSION), opts=here)
    if duty.rights:
        aws.iam.RolePolicy(f"{name}-{duty.group}-duty", role=role.id, policy=policy(*duty.rights), opts=here)
    return aws.iam.InstanceProfile(f"{name}-{duty.group}", role=role.name, opts=here).name
