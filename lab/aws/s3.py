"""S3: conditions of a bucket's policy count. The emulator lets a refusal stand whatever it is conditional on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Requests reach the rehearsal's account as they would reach AWS: by TLS, of the newest version.
_TLS = 1.3


def extend() -> None:
    """Judge a request by the statements whose conditions it meets."""
    from moto.s3.models import FakeBucket

    plain = FakeBucket.get_permission
    if getattr(plain, "conditional", False):
        return

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        from moto.iam.access_control import IAMPolicy, PermissionResult

        if self.policy is None:
            return PermissionResult.NEUTRAL
        document = json.loads(self.policy)
        met = [{**each, "Condition": {}} for each in document["Statement"] if meets(each)]
        return IAMPolicy(json.dumps({**document, "Statement": met})).is_action_permitted(action, resource)

    get_permission.conditional = True  # type: ignore[attr-defined]
    setattr(FakeBucket, plain.__name__, get_permission)


def meets(statement: Mapping[str, Any]) -> bool:
    """Whether a request by TLS meets the conditions of a statement, which is then judged without them.

    Conditions of other kinds are of other askers: what they allow is not allowed to this one, what they refuse is
    refused.
    """
    conditions = statement.get("Condition", {})
    found = {(kind, key): value for kind, entry in conditions.items() for key, value in entry.items()}
    if ("Bool", "aws:SecureTransport") in found:
        return str(found["Bool", "aws:SecureTransport"]).lower() == "true"
    if ("NumericLessThan", "s3:TlsVersion") in found:
        return float(found["NumericLessThan", "s3:TlsVersion"]) > _TLS
    return not conditions or statement["Effect"] == "Deny"
