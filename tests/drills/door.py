"""An account of the cloud for one machine of the lab: run in the machine's network, it answers on its loopback.

Holds the vault password as a secret. Prints its address; for a line on standard input it uploads the bundle and prints
`there`; ends with its input.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stacks.engine.account import Account
from stacks.engine.serve import served

BUCKET, KEY, SECRET = "bundles", "bundle.tar.gz", "vault"


def main(region: str, bundle: Path) -> None:
    """Answer until the input ends."""
    with Account(region) as account, served() as url:
        s3 = account.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
        account.client("secretsmanager").create_secret(Name=SECRET, SecretString=os.environ["PASSWORD"])
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        if sys.stdin.readline():
            s3.put_object(Bucket=BUCKET, Key=KEY, Body=bundle.read_bytes())
            sys.stdout.write("there\n")
            sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
