"""Ansible's door to the password that a managed database made for its master: asked for when a role needs it."""

from __future__ import annotations

import json
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

DOCUMENTATION = """
name: database_master
short_description: The master's password of a managed database
description: Reads it from Secrets Manager with the credentials of whoever runs the play. It is kept nowhere.
options:
  _terms:
    description: Region, and ARN of the secret.
    required: true
"""


class LookupModule(LookupBase):  # type: ignore[misc]
    """`lookup('database_master', region, arn)`."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        del variables, kwargs
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        region, arn = terms
        if not arn:
            raise AnsibleError("the database has not been made yet: deploy the cloud half first")
        try:
            found = boto3.client("secretsmanager", region_name=region).get_secret_value(SecretId=arn)
        except (BotoCoreError, ClientError) as refused:
            raise AnsibleError(f"the master's password cannot be read: {refused}") from None
        return [str(json.loads(found["SecretString"])["password"])]
