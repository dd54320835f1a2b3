"""The lab's account in a process of its own: `python -m tests.pulumi.held REGION`.

It prints its URL and is there until its standard input ends, so that it goes with whoever started it.
"""

from __future__ import annotations

import sys

from lab.aws.account import Account
from lab.cloud.server import served
from tests.aws import CHECKED


def main(region: str) -> None:
    """Hold an account and answer for it."""
    with Account(region, CHECKED), served() as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
