"""Who fetched what from the deployment's buckets, request by request, in a bucket that nothing else writes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from stacks.components.place import Place
from stacks.components.s3_bucket import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class AccessLogArgs:
    """The account, and how long access records are kept."""

    place: Place
    retention_days: int


class AccessLog(pulumi.ComponentResource):
    """The bucket that S3 writes access records of the deployment's other buckets to.

    Encrypted with S3's own key and never locked: S3 delivers access records to no bucket whose default is a KMS key or
    a retention period.
    """

    store: PrivateBucket

    def __init__(self, name: str, args: AccessLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:AccessLog", name, None, opts)
        self.store = PrivateBucket(
            f"{name}-access",
            PrivateBucketArgs(args.place, None, args.retention_days, lambda arn: _delivery(args.place, name, arn)),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"bucket": self.store.bucket})


def _delivery(place: Place, name: str, arn: pulumi.Output[str]) -> Sequence[Mapping[str, Any]]:
    return (
        {
            "Sid": "AccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": ["s3:PutObject"],
            "Resource": pulumi.Output.concat(arn, "/*"),
            "Condition": {
                "StringEquals": {"aws:SourceAccount": place.account},
                # Generated names begin with the deployment's.
                "ArnLike": {"aws:SourceArn": f"arn:{place.partition}:s3:::{name}-*"},
            },
        },
    )
