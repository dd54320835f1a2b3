"""The master's password of a managed database is asked for in the account, and its absence is said."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError

from lab.aws.account import Account
from seatworks.ansible_plugins.lookup.database_master import LookupModule

REGION = "cn-north-1"


def test_it_is_read_from_the_secret_that_the_service_keeps() -> None:
    with Account(REGION) as account:
        secret = account.client("secretsmanager").create_secret(
            Name="rds!db-1", SecretString='{"username": "seatworks_master", "password": "drawn"}'
        )
        assert LookupModule().run([REGION, secret["ARN"]]) == ["drawn"]
        with pytest.raises(AnsibleError, match="cannot be read"):
            LookupModule().run([REGION, "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:other"])


def test_a_database_that_was_not_made_yet_is_said() -> None:
    with pytest.raises(AnsibleError, match="deploy the cloud half first"):
        LookupModule().run([REGION, ""])
