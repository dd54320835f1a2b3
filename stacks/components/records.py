"""Where recordings are kept in the cloud. They arrive encrypted for the auditor and are encrypted again here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from seatworks.plan.model import Recording
from stacks.components.kms import data_key
from stacks.components.place import Place
from stacks.components.s3_bucket import Lock, PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class RecordsArgs:
    """The account, how long the plan keeps a recording, how hard it is locked, and who notes its readers."""

    place: Place
    recording: Recording
    lock_mode: str
    access_log: PrivateBucket


class Records(pulumi.ComponentResource):
    """The recordings bucket and its key. Nothing in it can be deleted or overwritten before its time."""

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RecordsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Records", name, None, opts)
        place, days = args.place, args.recording.retention_days
        key = data_key(self, place, f"{name}-recordings", "Recordings")
        store = PrivateBucket(
            f"{name}-recordings",
            PrivateBucketArgs(
                place,
                key.arn,
                days,
                lambda arn: _kept(place, arn),
                access_log=args.access_log,
                lock=Lock(args.lock_mode, days),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket, self.bucket_arn, self.key_arn = store.bucket, store.arn, key.arn
        self.register_outputs({"bucket": self.bucket, "key_arn": self.key_arn})


def _kept(place: Place, arn: pulumi.Output[str]) -> Sequence[Mapping[str, Any]]:
    """While the stack keeps its data, the right to lift a lock needs a change of the bucket's policy, which is told."""
    if not place.keeps_data:
        return ()
    return (
        {
            "Sid": "RefuseUnlocking",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:BypassGovernanceRetention",
            "Resource": pulumi.Output.concat(arn, "/*"),
        },
    )
