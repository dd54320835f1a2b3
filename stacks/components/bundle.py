"""The deployment's bundle: what a server that configures itself fetches when it starts."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from stacks.components.kms import data_key
from stacks.components.place import Place
from stacks.components.s3_bucket import PrivateBucket, PrivateBucketArgs


@dataclass(frozen=True, slots=True)
class BundleArgs:
    """The account, and the bucket that notes who fetched the bundle."""

    place: Place
    access_log: PrivateBucket


class Bundle(pulumi.ComponentResource):
    """A bucket for one object, `BUNDLE_KEY`, kept as long as it is current, and its key.

    Nothing is put into it here: a deploy puts the bundle there when the servers that it was applied to have been
    proved.
    """

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: BundleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Bundle", name, None, opts)
        key = data_key(self, args.place, f"{name}-bundle", "Bundle")
        store = PrivateBucket(
            f"{name}-bundle",
            PrivateBucketArgs(args.place, key.arn, retention_days=None, access_log=args.access_log),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket, self.bucket_arn, self.key_arn = store.bucket, store.arn, key.arn
        self.register_outputs({"bucket": self.bucket, "key_arn": self.key_arn})
