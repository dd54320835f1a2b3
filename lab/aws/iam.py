"""IAM: AWS's own policies are there when somebody attaches one. The emulator has all of them or, faster, none."""

from __future__ import annotations

import functools
import json
from typing import Any


@functools.cache
def _published() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found: dict[str, Any] = json.loads(aws_managed_policies_data)
    return found


def extend() -> None:
    """Let a policy of AWS appear in the account when it is attached to a role."""
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    plain = IAMBackend.attach_role_policy
    if getattr(plain, "lazy", False):
        return

    def attach_role_policy(self: IAMBackend, policy_arn: str, role_name: str) -> None:
        name = policy_arn.rpartition("/")[2]
        if ":iam::aws:policy/" in policy_arn and policy_arn not in self.managed_policies and name in _published():
            policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, _published()[name])
            self.managed_policies[policy.arn] = policy
        plain(self, policy_arn, role_name)

    attach_role_policy.lazy = True  # type: ignore[attr-defined]
    setattr(IAMBackend, plain.__name__, attach_role_policy)
