"""What a computer must have before the live engine can work: the CLI, a place for its state, credentials, a key."""

from __future__ import annotations

import os
from typing import Any

from seatworks import custody
from seatworks.environment import Environment
from seatworks.errors import Problem
from seatworks.plan.model import Plan
from stacks.live import install
from stacks.program import stack_file


def requirements(plan: Plan, where: Environment) -> list[Problem]:
    """What is missing on this computer before the CLI can work."""
    problems = []
    if install.find() is None:
        problems.append(install.missing())
    if custody.state_backend() is None:
        problems.append(
            Problem(
                "pulumi",
                "does not know where to keep the stack's state",
                "run `pulumi login file://DIRECTORY` or `pulumi login s3://BUCKET`, or set PULUMI_BACKEND_URL",
            )
        )
    if secrets_provider(where) == "passphrase" and not (
        os.environ.get("PULUMI_CONFIG_PASSPHRASE") or os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    ):
        problems.append(
            Problem(
                "pulumi",
                "has no passphrase for the stack's secrets",
                "set PULUMI_CONFIG_PASSPHRASE_FILE, or name a key in "
                f"stacks/seats/Pulumi.{where.name}.yaml (secretsprovider: awskms://…)",
            )
        )
    if (absent := no_credentials()) is not None:
        problems.append(
            Problem(
                f"AWS {plan.region}",
                f"no credentials were found{absent}",
                "run `aws configure`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            )
        )
    if plan.connect is None and not (setting(where, "sshPublicKey") or where.ssh_key.with_suffix(".pub").is_file()):
        problems.append(
            Problem(
                f"stacks/seats/Pulumi.{where.name}.yaml",
                "names no SSH key for the machines",
                f'run `pulumi -C stacks/seats -s {where.name} config set sshPublicKey "$(cat ~/.ssh/id_ed25519.pub)"`',
            )
        )
    return problems


def no_credentials() -> str | None:
    """None when this computer has credentials of an account; otherwise why not, if that is known."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return None if boto3.Session().get_credentials() else ""
    except BotoCoreError as wrong:
        return f": {wrong}"


def secrets_provider(where: Environment) -> str:
    """How the secrets in the stack's state are encrypted: `passphrase`, or a key such as `awskms://alias/x`."""
    return str(stack_file(where).get("secretsprovider") or "passphrase")


def setting(where: Environment, key: str) -> Any:
    """A setting of the stack's file; None when it is not there."""
    return (stack_file(where).get("config") or {}).get(f"seats:{key}")
