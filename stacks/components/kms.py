"""KMS keys, one per class of data: who may use one is written beside what it guards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.place import Place, policy

# Days in which a deletion can be called off, the most that KMS offers.
DELETION_WINDOW_DAYS = 30


class DiskKey(pulumi.ComponentResource):
    """The key of the disks of the deployment's instances: whoever may not use it cannot read a copied disk.

    `groups`: Auto Scaling starts instances too, and uses the key for them.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, place: Place, opts: pulumi.ResourceOptions | None = None, *, groups: bool = False
    ) -> None:
        super().__init__("seatworks:aws:DiskKey", name, None, opts)
        self.arn = data_key(self, place, f"{name}-disks", "Disks", *(_groups_use(place) if groups else ())).arn
        self.register_outputs({"arn": self.arn})


def data_key(
    parent: pulumi.Resource,
    place: Place,
    name: str,
    what: str,
    *statements: Mapping[str, Any],
    region: str | None = None,
) -> aws.kms.Key:
    """A key that is renewed every year and bears its name, for `what` (a noun: "Recordings").

    The account's own policies say which of its roles may use it; `statements` add services that act for it. `region`
    makes it in another region than the stack's.
    """
    key = aws.kms.Key(
        name,
        description=f"{what} of deployment {place.deployment}",
        enable_key_rotation=True,
        deletion_window_in_days=DELETION_WINDOW_DAYS,
        policy=policy(
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": place.arn("iam", "root", regional=False)},
                "Action": "kms:*",
                "Resource": "*",
            },
            *statements,
        ),
        region=region,
        opts=place.keep(parent),
    )
    aws.kms.Alias(
        f"{name}-name",
        name=f"alias/seatworks-{name}",
        target_key_id=key.key_id,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return key


def service_uses(place: Place, service: str, condition: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """A statement that lets one AWS service encrypt and decrypt on behalf of this account alone."""
    return {
        "Sid": f"{service.replace('.', ' ').title().replace(' ', '')}Uses",
        "Effect": "Allow",
        "Principal": {"Service": place.principal(service)},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
        "Resource": "*",
        "Condition": condition or {"StringEquals": {"aws:SourceAccount": place.account}},
    }


def _groups_use(place: Place) -> tuple[Mapping[str, Any], ...]:
    """Statements that let Auto Scaling start instances with encrypted disks.

    They are those that AWS asks for (user guide of EC2 Auto Scaling, "Required KMS key policy for use with encrypted
    volumes"), but name the service's role by a condition: the role is born with the account's first group, and KMS
    refuses a policy whose principal does not exist.
    """
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    condition = {
        "StringEquals": {"kms:CallerAccount": place.account},
        "ArnEquals": {"aws:PrincipalArn": place.arn("iam", role, regional=False)},
    }
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}
    used = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    lent = {**condition, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return (
        {**statement, "Sid": "AutoScalingUses", "Action": used, "Condition": condition},
        {**statement, "Sid": "AutoScalingLends", "Action": "kms:CreateGrant", "Condition": lent},
    )
