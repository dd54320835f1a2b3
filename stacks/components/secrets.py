"""What hosts in the cloud must know and nobody else: in Secrets Manager, under a key of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from stacks.components.kms import DELETION_WINDOW_DAYS, data_key
from stacks.components.place import Place, policy


@dataclass(frozen=True, slots=True)
class Stored:
    """One secret: what it is for, and its value, which stays a secret of Pulumi from the setting to the account."""

    what: str
    value: pulumi.Output[str]


@dataclass(frozen=True, slots=True)
class SecretsArgs:
    """The account, and what is stored by name (`vault`: seatworks/<deployment>/vault)."""

    place: Place
    stored: Mapping[str, Stored]


class Secrets(pulumi.ComponentResource):
    """Secrets that only roles of this account read, each by a right of its own (`may_read`).

    None is changed by a function in the cloud: what is stored here was made outside, and a value changed here alone
    would lock its users out. Change it where it is made and deploy again; AWS Config says when a year has passed.
    """

    arns: dict[str, pulumi.Output[str]]
    key_arn: pulumi.Output[str]

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("seatworks:aws:Secrets", name, None, opts)
        place = args.place
        key = data_key(self, place, f"{name}-secrets", "Secrets")
        self.key_arn, self.arns = key.arn, {}
        for word, stored in args.stored.items():
            secret = aws.secretsmanager.Secret(
                f"{name}-{word}",
                name=f"seatworks/{name}/{word}",
                description=stored.what,
                kms_key_id=key.arn,
                recovery_window_in_days=DELETION_WINDOW_DAYS if place.keeps_data else 0,
                opts=place.keep(self),
            )
            aws.secretsmanager.SecretPolicy(
                f"{name}-{word}-policy",
                secret_arn=secret.arn,
                block_public_policy=True,
                policy=policy(_own_account_only(place)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            aws.secretsmanager.SecretVersion(
                f"{name}-{word}-value",
                secret_id=secret.id,
                secret_string=stored.value,
                opts=pulumi.ResourceOptions(parent=self, additional_secret_outputs=["secretString"]),
            )
            self.arns[word] = secret.arn
        self.register_outputs({"arns": self.arns})

    def may_read(self, word: str) -> tuple[Mapping[str, Any], ...]:
        """Statements for a role that reads one secret. Raises KeyError for one that is not stored."""
        return (
            {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": self.arns[word]},
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": self.key_arn},
        )


def _own_account_only(place: Place) -> Mapping[str, Any]:
    return {
        "Sid": "RefuseOthers",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": place.account}},
    }
