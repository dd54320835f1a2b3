"""Where a deployment goes: account, region, partition, and what is kept when it is taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

# Services whose principal carries the partition's own suffix; all others are <service>.amazonaws.com
# everywhere (terraform-provider-aws, ServicePrincipalNameForPartition).
_OWN_SUFFIX = {"logs"}


@dataclass(frozen=True, slots=True)
class Place:
    """The account and region of one deployment. `keeps_data`: recordings and logs outlive the stack."""

    deployment: str
    region: str
    account: pulumi.Output[str]
    keeps_data: bool

    @property
    def partition(self) -> str:
        """The partition of the region."""
        return partition_of(self.region)

    def arn(self, service: str, resource: str, *, regional: bool = True) -> pulumi.Output[str]:
        """The ARN of a resource in this account."""
        region = self.region if regional else ""
        return self.account.apply(lambda account: f"arn:{self.partition}:{service}:{region}:{account}:{resource}")

    def principal(self, service: str, *, regional: bool = False) -> str:
        """The name under which an AWS service acts, for trust and key policies."""
        suffix = "amazonaws.com"
        if self.partition == "aws-cn" and service in _OWN_SUFFIX:
            suffix = "amazonaws.com.cn"
        return f"{service}.{self.region}.{suffix}" if regional else f"{service}.{suffix}"

    def keep(self, parent: pulumi.Resource, **options: Any) -> pulumi.ResourceOptions:
        """Options of a resource that holds data or opens it."""
        return pulumi.ResourceOptions(
            parent=parent, protect=self.keeps_data, retain_on_delete=self.keeps_data, **options
        )


def partition_of(region: str) -> str:
    """`aws-cn` for the regions in China, which have ARNs and accounts of their own."""
    for prefix, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(prefix):
            return partition
    return "aws"


def policy(*statements: Mapping[str, Any]) -> pulumi.Output[str]:
    """A policy document as JSON. Statements may hold outputs."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(service: str, condition: Mapping[str, Any] | None = None) -> pulumi.Output[str]:
    """The trust policy of a role that one AWS service takes on."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return policy({**statement, **({"Condition": condition} if condition else {})})
