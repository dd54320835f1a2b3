"""What the cloud hands back after it was made."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CloudOutputs:
    """What the cloud hands back after it was created; empty for an on-premises deployment.

    `phone_numbers`: the whole number that was claimed for each number of the plan. `vpn_tunnels`: for the cloud's end
    of each tunnel, its address on the Internet, the network inside the tunnel (a /30). `vpn_keys_arn` names the
    secret that keeps the pre-shared keys, empty where the VPN service itself keeps them.
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
    vpn_connection: str = ""
    vpn_tunnels: dict[str, str] = dataclasses.field(default_factory=dict)
    vpn_keys_arn: str = ""
    database_endpoint: str = ""
    database_secret_arn: str = ""
    connect_instance: str = ""
    phone_numbers: dict[str, str] = dataclasses.field(default_factory=dict)
