"""Tags of the services that take a list of keys and values."""

from __future__ import annotations

from typing import Any

from lab.aws.account import Account
from stacks.values import Properties


def tag_list(inputs: Properties, key: str = "tagsAll") -> list[dict[str, str]]:
    """Tags as the EC2 and KMS interfaces take them."""
    return [{"Key": name, "Value": value} for name, value in sorted(inputs.get(key, {}).items())]


def specification(kind: str, inputs: Properties) -> list[dict[str, Any]]:
    """The tags of an EC2 resource at its creation."""
    return [{"ResourceType": kind, "Tags": tag_list(inputs)}] if inputs.get("tagsAll") else []


def tag(account: Account, id_: str, inputs: Properties) -> None:
    """Put the tags on what AWS itself made in EC2."""
    if inputs.get("tagsAll"):
        account.client("ec2").create_tags(Resources=[id_], Tags=tag_list(inputs))
