"""A bucket as every bucket here is: encrypted with its own key, versioned, private, TLS only, emptied in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.place import Place, policy

Statements = Callable[[pulumi.Output[str]], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Lock:
    """For how many days nobody deletes or overwrites a new object, and who may after all.

    `mode`: GOVERNANCE gives way to a right of its own (s3:BypassGovernanceRetention), COMPLIANCE to nobody.
    """

    mode: str
    days: int


@dataclass(frozen=True, slots=True)
class PrivateBucketArgs:
    """What differs between buckets: the key (None: S3's own), how long objects stay, and who else may do what.

    `retention_days` None keeps an object as long as it is current; only what was overwritten or deleted goes.
    `statements` is called with the bucket's ARN and gives further policy statements. `access_log` is the bucket that
    keeps who fetched what.
    """

    place: Place
    key_arn: pulumi.Input[str] | None
    retention_days: int | None
    statements: Statements = lambda _arn: ()
    access_log: PrivateBucket | None = None
    lock: Lock | None = None


class PrivateBucket(pulumi.ComponentResource):
    """An S3 bucket that refuses plain HTTP, public access and access lists."""

    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]
    policy: aws.s3.BucketPolicy

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:PrivateBucket", name, None, opts)
        # What protects a bucket that stays behind stays with it.
        here = args.place.keep(self)
        bucket = aws.s3.Bucket(
            name,
            force_destroy=not args.place.keeps_data,
            object_lock_enabled=True if args.lock else None,
            opts=here,
        )
        self.bucket, self.arn = bucket.bucket, bucket.arn
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-closed",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=here,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-owner", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=here
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[_encryption(args.key_arn)],
            opts=here,
        )
        versions = aws.s3.BucketVersioning(
            f"{name}-versions", bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=here
        )
        if args.lock:
            # S3 locks only what it keeps versions of, and stops keeping versions only of what is not locked.
            aws.s3.BucketObjectLockConfiguration(
                f"{name}-lock",
                bucket=bucket.id,
                rule={"default_retention": {"mode": args.lock.mode, "days": args.lock.days}},
                opts=args.place.keep(self, depends_on=[versions]),
            )
        # S3 refuses rules for old versions on a bucket that does not keep them yet.
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-retention",
            bucket=bucket.id,
            rules=[
                {
                    "id": "retention",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": args.retention_days} if args.retention_days else None,
                    # A recording overwritten or deleted by mistake can be brought back for a month.
                    "noncurrent_version_expiration": {"noncurrent_days": 30},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            opts=args.place.keep(self, depends_on=[versions]),
        )
        # One after the other: S3 refuses two changes of a bucket's access at the same time.
        self.policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.id,
            policy=policy(*args.statements(bucket.arn), *tls_only(bucket.arn)),
            opts=args.place.keep(self, depends_on=[closed]),
        )
        if args.access_log:
            aws.s3.BucketLogging(
                f"{name}-access",
                bucket=bucket.id,
                target_bucket=args.access_log.bucket,
                target_prefix=f"{name}/",
                opts=args.place.keep(self, depends_on=[args.access_log.policy]),
            )
        self.register_outputs({"bucket": bucket.bucket, "arn": bucket.arn})


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    if key_arn is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
        "bucket_key_enabled": True,
    }


def tls_only(arn: pulumi.Output[str]) -> tuple[Mapping[str, Any], ...]:
    """Statements that refuse requests without TLS, and with a TLS older than 1.2."""
    everything = [arn, pulumi.Output.concat(arn, "/*")]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": everything}
    return (
        {**deny, "Sid": "RefusePlain", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {**deny, "Sid": "RefuseOldTls", "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
    )
