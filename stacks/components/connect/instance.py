"""The instance of Amazon Connect, and its recordings in our bucket under our key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from seatworks.plan.connect import Connect
from stacks.components.connect.turns import Turns
from stacks.components.place import Place
from stacks.components.records import Records
from stacks.components.settings import Identity


@dataclass(frozen=True, slots=True)
class InstanceArgs:
    """What the plan asks of the instance, who knows its users, and where recordings go."""

    place: Place
    asked: Connect
    identity: Identity
    records: Records
    recorded: bool
    turns: Turns


class Instance(pulumi.ComponentResource):
    """One instance. A live one is protected: with it go its numbers, its users and its history of contacts."""

    id: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: InstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:ConnectInstance", name, None, opts)
        turns, place = args.turns, args.place
        made = turns.took(
            aws.connect.Instance(
                f"{name}-connect",
                instance_alias=place.account.apply(lambda account: alias(args.asked.alias, account)),
                identity_management_type=args.identity.kind,
                directory_id=args.identity.directory,
                inbound_calls_enabled=True,
                outbound_calls_enabled=args.asked.outbound,
                contact_flow_logs_enabled=True,
                # What callers say is worked through by a machine only where somebody decides it.
                contact_lens_enabled=False,
                opts=turns.options(self, protect=place.keeps_data),
            )
        )
        self.id, self.arn = made.id, made.arn
        if args.recorded:
            turns.took(
                aws.connect.InstanceStorageConfig(
                    f"{name}-recordings-place",
                    instance_id=made.id,
                    resource_type="CALL_RECORDINGS",
                    storage_config={
                        "storage_type": "S3",
                        "s3_config": {
                            "bucket_name": args.records.bucket,
                            "bucket_prefix": "recordings",
                            "encryption_config": {"encryption_type": "KMS", "key_id": args.records.key_arn},
                        },
                    },
                    opts=turns.options(self),
                )
            )
        self.register_outputs({"id": self.id, "arn": self.arn})


def alias(beginning: str, account: str) -> str:
    """A name that nobody else in the world has: of the deployment, with six letters of the account's."""
    return f"{beginning}-{hashlib.sha256(account.encode()).hexdigest()[:6]}"
