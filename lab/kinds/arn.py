"""The number of the lab's account, and the names of what is in it."""

from __future__ import annotations

from lab.aws.account import Account


def arn(account: Account, service: str, resource: str, *, owner: bool = True) -> str:
    """The ARN of a resource in the lab's account."""
    identity = account.client("sts").get_caller_identity()
    partition = str(identity["Arn"]).split(":")[1]
    return f"arn:{partition}:{service}:{account.region}:{identity['Account'] if owner else ''}:{resource}"


def owner(account: Account) -> str:
    """The number of the account."""
    return str(account.client("sts").get_caller_identity()["Account"])
