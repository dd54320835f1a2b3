"""What the cloud hands back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloudOutputs:
    """What the cloud hands back after it was created; empty for an on-premises deployment.

    `phone_numbers`: the whole number that was claimed for each number of the plan.
    """

    region: str = ""
    account: str = ""
    public_addresses: dict[str, str] = dataclasses.field(default_factory=dict)
    instance_ids: dict[str, str] = dataclasses.field(default_factory=dict)
    recordings_bucket: str = ""
    recordings_key_arn: str = ""
    audit_bucket: str = ""
    vpc_id: str = ""
    bundle_bucket: str = ""
    database_endpoint: str = ""
    database_secret_arn: str = ""
    connect_instance: str = ""
    phone_numbers: dict[str, str] = dataclasses.field(default_factory=dict)
