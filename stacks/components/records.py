"""Where recordings are kept in the cloud. They arrive encrypted for the auditor and are encrypted again here."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.model import Recording
from stacks.components.place import Place, policy
from stacks.components.storage import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class RecordsArgs:
    """The account, and how long the plan keeps a recording."""

    place: Place
    recording: Recording


class Records(pulumi.ComponentResource):
    """The recordings bucket and its key."""

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RecordsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Records", name, None, opts)
        key = aws.kms.Key(
            f"{name}-recordings",
            description=f"Recordings of deployment {name}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy(
                {
                    "Sid": "Account",
                    "Effect": "Allow",
                    "Principal": {"AWS": args.place.arn("iam", "root", regional=False)},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ),
            opts=args.place.keep(self),
        )
        aws.kms.Alias(
            f"{name}-recordings-name",
            name=f"alias/seatworks-{name}-recordings",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        store = PrivateBucket(
            f"{name}-recordings",
            PrivateBucketArgs(args.place, key.arn, args.recording.retention_days),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket, self.bucket_arn, self.key_arn = store.bucket, store.arn, key.arn
        self.register_outputs({"bucket": self.bucket, "key_arn": self.key_arn})
