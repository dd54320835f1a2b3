#!/usr/bin/env python3
"""The first boot of a server in the cloud: fetch the bundle and the password that opens it, and apply it.

Started by seatworks-first-boot.service with a file of parameters: `region`, `bucket`, `key`, `secret` (name or ARN) and
`host`. The rights are those of the instance. Ends with 0 or, after a line that says why, with another code; systemd
tries again.
"""

import io
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zlib

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

HOME = pathlib.Path("/opt/seatworks")


def unpacked(packed: bytes, home: pathlib.Path) -> pathlib.Path:
    """The folder of the bundle, in the place of an older one."""
    fresh, folder = home / "bundle.new", home / "bundle"
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(fresh, filter="data")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return folder


def main(parameters: str, home: pathlib.Path = HOME) -> int:
    """Fetch, unpack, apply."""
    wanted = json.loads(pathlib.Path(parameters).read_text(encoding="utf-8"))
    # Credentials come from the instance's metadata; without an answer it is not waited for long.
    settings = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
    place = f"s3://{wanted['bucket']}/{wanted['key']}"
    try:
        session = boto3.Session(region_name=wanted["region"])
        found = session.client("s3", config=settings).get_object(Bucket=wanted["bucket"], Key=wanted["key"])
        folder = unpacked(found["Body"].read(), home)
        place = f"secret {wanted['secret']}"
        password = session.client("secretsmanager", config=settings).get_secret_value(SecretId=wanted["secret"])
    except (BotoCoreError, ClientError, OSError, ValueError, EOFError, tarfile.TarError, zlib.error) as wrong:
        sys.stderr.write(f"✗ {place} cannot be used: {wrong}\n")
        return 1
    command = [folder / "apply", "--vault-password-file", "-", "--host", wanted["host"]]
    return subprocess.run(command, input=password["SecretString"].encode(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *(pathlib.Path(word) for word in sys.argv[2:3])))
