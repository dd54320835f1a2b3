"""Put the bundle with which servers of a peak configure themselves where they fetch it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from seatworks import bundle, secrets
from seatworks.environment import Environment
from seatworks.errors import CloudError, PreflightError, Problem
from seatworks.plan.model import Plan
from seatworks.plan.peak import BUNDLE_KEY
from stacks.engine import Engine, Say


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
    made = bundle.write(plan, where, names, password=secrets.bundle_password(where))
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


def run(engine: Engine, plan: Plan, where: Environment, say: Say) -> None:
    """`publish`, in the account of the deployment."""
    with engine.account(plan, where) as client:
        made = publish(client("s3"), plan, where)
    say(f"bundle of {', '.join(made.hosts)}: {made.size / 1e6:.1f} MB, SHA-256 {made.sha256}")


def _has(s3: Any, bucket: str, sha256: str) -> bool:
    try:
        found = s3.head_object(Bucket=bucket, Key=BUNDLE_KEY)
    except ClientError as refused:
        if refused.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return False
        raise
    return bool(found["Metadata"].get("sha256") == sha256)
