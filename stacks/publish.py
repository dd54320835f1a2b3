"""Put the bundle with which servers of a peak configure themselves where they fetch it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lab.cloud.server import standing
from seatworks import bundle, secrets
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem
from seatworks.plan.model import Plan, Target
from seatworks.plan.peak import BUNDLE_KEY
from stacks.live.needs import no_credentials


def publish(s3: Any, plan: Plan, where: Environment) -> bundle.Bundle:
    """Make the bundle of the servers of a peak and put it into its bucket, unless that has it already.

    `s3` is a client of the account. Raises CloudError when the account refuses, PreflightError when there is nothing to
    publish or nowhere, and what `bundle.write` raises.
    """
    bucket = where.outputs().bundle_bucket
    if not plan.peak_hosts:
        raise PreflightError(Problem(plan.name, "has no servers of a peak", "there is nothing to publish"))
    if not bucket:
        raise PreflightError(
            Problem(plan.name, "has no bucket for the bundle yet", f"run: make deploy ENV={where.name}")
        )
    names = [host.name for host in plan.peak_hosts]
    made = bundle.write(plan, where, names, password=secrets.bundle_password(plan.name))
    try:
        if _has(s3, bucket, made.sha256):
            return made
        s3.put_object(
            Bucket=bucket,
            Key=BUNDLE_KEY,
            Body=made.path.read_bytes(),
            # The store compares it with what arrived.
            ChecksumAlgorithm="SHA256",
            Metadata={"sha256": made.sha256},
        )
    except (BotoCoreError, ClientError) as refused:
        remedy = "allow s3:GetObject, s3:ListBucket, s3:PutObject and kms:GenerateDataKey"
        place = f"s3://{bucket}/{BUNDLE_KEY}"
        raise CloudError(Problem(place, f"cannot be read or written: {refused}", remedy)) from None
    return made


def run(plan: Plan, where: Environment, say: Callable[[str], None]) -> None:
    """`publish`, in the account of the deployment. That of a rehearsal forgets it with the end of this process."""
    if plan.target is Target.LAB:
        with standing(where) as (account, _state):
            made = publish(account.client("s3"), plan, where)
    else:
        import boto3

        if (absent := no_credentials()) is not None:
            remedy = "run `aws configure`, or set AWS_PROFILE"
            raise PreflightError(Problem(f"AWS {plan.region}", f"no credentials were found{absent}", remedy))
        made = publish(boto3.client("s3", region_name=plan.region), plan, where)
    say(f"bundle of {', '.join(made.hosts)}: {made.size / 1e6:.1f} MB, SHA-256 {made.sha256}")


def _has(s3: Any, bucket: str, sha256: str) -> bool:
    try:
        found = s3.head_object(Bucket=bucket, Key=BUNDLE_KEY)
    except ClientError as refused:
        if refused.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return False
        raise
    return bool(found["Metadata"].get("sha256") == sha256)
