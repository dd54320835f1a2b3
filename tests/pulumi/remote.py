"""The lab's account in another process: what a plugin of the CLI works in, so that it outlives the plugin.

The emulator's random numbers are out of reach there. They are not needed: the CLI keeps every identifier in its state.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

from lab.aws.account import Account


class RemoteAccount(Account):
    """An account that answers at the URL in `AWS_ENDPOINT_URL`, as lab/cloud/server.py does."""

    def __enter__(self) -> RemoteAccount:
        import boto3
        from botocore.config import Config

        self._session = boto3.Session(region_name=self.region)
        self._config = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 1})
        return self

    @contextlib.contextmanager
    def drawing(self, seed: str) -> Iterator[None]:  # noqa: ARG002 - the account draws by itself
        """One resource at a time, as in the lab. Its identifier is whatever the account draws."""
        with self._making:
            yield

    def _drawn_below(self, limit: int) -> int:
        return secrets.randbelow(limit)
