"""The lab's AWS account: an emulator inside this process that nothing leaves.

The emulator keeps its account in memory and forgets it with the process. What it would do for a resource is a
function of the request and of its random numbers, so every request here runs with random numbers drawn from a
seed of the resource's own: made again from the same inputs, a resource gets the same identifier.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lab import aws
from seatworks.errors import CloudError, Problem

# Public addresses of the lab: the upper part of TEST-NET-3 (RFC 5737), which is its Internet.
_FIRST_ADDRESS, _ADDRESSES = 101, 150

_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "lab",
    "AWS_SECRET_ACCESS_KEY": "lab",
    # The emulator reads its machine images from here instead of its own long list.
    "MOTO_AMIS_PATH": str(Path(__file__).with_name("images.json")),
}
_NOWHERE = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
# Set, these would point the client library at real profiles, credentials and endpoints.
_FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE")


class Account:
    """An open account. Use it as a context manager; only one can be open in a process."""

    def __init__(self, region: str, parts: Sequence[Callable[[], None]] = ()) -> None:
        """`parts` teach the emulator more than the rehearsal asks. What it has learnt stays in the process."""
        self.region = region
        self._parts = parts
        self._clients: dict[str, Any] = {}
        self._elsewhere: dict[str, Account] = {}
        self._making = threading.RLock()
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Account:
        self._closing.enter_context(_environment())
        import boto3
        from botocore.config import Config
        from moto import mock_aws

        for teach in (aws.extend, *self._parts):
            teach()
        self._closing.enter_context(mock_aws())
        self._session = boto3.Session(region_name=self.region)
        # A request that the emulator does not take would go to the real service: it meets a closed door instead.
        self._config = Config(proxies=_NOWHERE, connect_timeout=1, retries={"total_max_attempts": 1})
        self._bear()
        return self

    def _bear(self) -> None:
        """Make the images and the network that a region has of itself: the same ones whenever it is opened."""
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.ec2.models import ec2_backends

        region = ec2_backends[DEFAULT_ACCOUNT_ID][self.region]
        # The first request, whatever it is, also makes another region, for which numbers are drawn.
        self.client("ec2").describe_images(ImageIds=[], Owners=["self"])
        with self.drawing("born"):
            region.reset()

    def __exit__(self, *_: object) -> None:
        self._clients.clear()
        self._elsewhere.clear()
        self._closing.close()

    def client(self, service: str) -> Any:
        """The client of one service. Making clients is not thread-safe, using them is."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._session.client(service, region_name=self.region, config=self._config)
            return self._clients[service]

    @functools.cached_property
    def partition(self) -> str:
        """The part of AWS that the account is of: `aws` or `aws-cn`."""
        return str(self.client("sts").get_caller_identity()["Arn"]).split(":")[1]

    @functools.cached_property
    def number(self) -> str:
        """Twelve digits."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in the account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.number}:{resource}"

    def at(self, region: str | None) -> Account:
        """The same account in another region; itself for its own, or for none."""
        if region in (None, self.region):
            return self
        with self._making:
            if region not in self._elsewhere:
                other = copy.copy(self)
                other.region, other._clients, other._elsewhere = str(region), {}, {}
                self._elsewhere[str(region)] = other
            return self._elsewhere[str(region)]

    @contextlib.contextmanager
    def drawing(self, seed: str) -> Iterator[None]:
        """Requests inside draw their random numbers from `seed`; one resource at a time."""
        from moto.moto_api._internal import mock_random

        with self._making:
            mock_random.seed(seed)
            yield

    def free_address(self) -> str:
        """A public address nobody has, the same for the same seed while it is free."""
        taken = {address["PublicIp"] for address in self.client("ec2").describe_addresses()["Addresses"]}
        start = self._drawn_below(_ADDRESSES)
        for step in range(_ADDRESSES):
            address = f"203.0.113.{_FIRST_ADDRESS + (start + step) % _ADDRESSES}"
            if address not in taken:
                return address
        raise CloudError(Problem("lab", f"all {_ADDRESSES} public addresses are in use", "plan fewer public hosts"))

    def _drawn_below(self, limit: int) -> int:
        from moto.moto_api._internal import mock_random

        return int(mock_random.randrange(limit))


def suffix(seed: str) -> str:
    """Seven letters as Pulumi appends to names that must be unique, the same for the same seed."""
    return hashlib.sha256(seed.encode()).hexdigest()[:7]


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*_ENVIRONMENT, *_FOREIGN)}
    os.environ.update(_ENVIRONMENT)
    for name in _FOREIGN:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
