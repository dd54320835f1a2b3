"""A server in the cloud finds its bundle and its password by itself, and says in one line why it cannot."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.aws.account import Account
from lab.cloud.server import CREDENTIALS, served
from stacks.components.agent import AGENT_UNIT, agent_files
from stacks.components.firstboot import LIMIT, UNIT, FirstBoot, user_data

REGION, PASSWORD = "cn-north-1", "the password of the vault"
# Stands in for the program of the bundle: writes down how it was called, and ends as it is told to.
APPLY = """#!/usr/bin/env python3
import json, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "called").write_text(json.dumps([sys.argv[1:], sys.stdin.read()]))
sys.exit(int((here / "ending").read_text()))
"""


def packed(ending: int = 0) -> bytes:
    """A bundle."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text, mode in (("apply", APPLY, 0o755), ("ending", str(ending), 0o644)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), mode
            archive.addfile(entry, io.BytesIO(text.encode()))
    return out.getvalue()


class Server:
    """A server with what its user data wrote, below a folder."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = root, url
        self.home = root / "opt" / "seatworks"

    def born(self, boot: FirstBoot) -> None:
        """Do what cloud-init does with `write_files`."""
        for file in yaml.safe_load(user_data(boot))["write_files"]:
            path = self.root / file["path"].lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file["content"])

    def boots(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """Start what the unit starts."""
        started = (self.root / "etc" / "systemd" / "system" / UNIT).read_text().split("ExecStart=")[1].splitlines()[0]
        _, program, parameters = started.split()
        return subprocess.run(
            [sys.executable, self.root / program.lstrip("/"), self.root / parameters.lstrip("/"), self.home],
            env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": self.url, **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def called(self) -> Any:
        """Arguments and standard input of the bundle's program."""
        return json.loads((self.home / "bundle" / "called").read_text())


@pytest.fixture(scope="module")
def account() -> Iterator[tuple[Account, str]]:
    """An account with bucket and secret, and where it answers."""
    with Account(REGION) as account, served() as url:
        place = {"LocationConstraint": REGION}
        account.client("s3").create_bucket(Bucket="bundles", CreateBucketConfiguration=place)
        account.client("secretsmanager").create_secret(Name="seatworks/x/vault", SecretString=PASSWORD)
        yield account, url


@pytest.fixture
def server(account: tuple[Account, str], tmp_path: Path) -> Server:
    account[0].client("s3").put_object(Bucket="bundles", Key="x/bundle.tar.gz", Body=packed())
    return Server(tmp_path, account[1])


def boot(**other: Any) -> FirstBoot:
    """What a server is told, with changes."""
    told = {"region": REGION, "bucket": "bundles", "key": "x/bundle.tar.gz", "secret": "seatworks/x/vault"}
    told["host"] = "call9"
    return FirstBoot(**(told | other))


def test_it_applies_the_bundle_with_the_password_on_standard_input(server: Server) -> None:
    server.born(boot())
    done = server.boots()
    assert done.returncode == 0, done.stderr
    assert server.called() == [["--vault-password-file", "-", "--host", "call9"], PASSWORD]
    kept = [path.read_text() for path in server.root.rglob("*") if path.is_file() and path.name != "called"]
    assert not [text for text in kept if PASSWORD in text]


def test_a_later_attempt_takes_the_bundle_that_is_there_then(server: Server, account: tuple[Account, str]) -> None:
    server.born(boot())
    account[0].client("s3").put_object(Bucket="bundles", Key="x/bundle.tar.gz", Body=packed(ending=5))
    assert server.boots().returncode == 5
    (server.home / "bundle" / "left over").touch()
    (server.home / "bundle.new").mkdir()
    account[0].client("s3").put_object(Bucket="bundles", Key="x/bundle.tar.gz", Body=packed())
    assert server.boots().returncode == 0
    assert {path.name for path in (server.home / "bundle").iterdir()} == {"apply", "ending", "called"}
    assert not (server.home / "bundle.new").exists()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"key": "y"}, "✗ s3://bundles/y cannot be used: An error occurred (NoSuchKey)"),
        ({"bucket": "others"}, "✗ s3://others/x/bundle.tar.gz cannot be used: An error occurred (NoSuchBucket)"),
        ({"secret": "none"}, "✗ secret none cannot be used: An error occurred (ResourceNotFoundException)"),
    ],
)
def test_what_cannot_be_had_is_one_line_and_nothing_is_started(told: dict[str, str], said: str, server: Server) -> None:
    server.born(boot(**told))
    done = server.boots()
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert not (server.home / "bundle" / "called").exists()


def test_what_is_no_archive_is_one_line(server: Server, account: tuple[Account, str]) -> None:
    account[0].client("s3").put_object(Bucket="bundles", Key="x/bundle.tar.gz", Body=packed()[:200])
    server.born(boot())
    done = server.boots()
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("✗ s3://bundles/x/bundle.tar.gz cannot be used: ")


def test_a_server_without_rights_says_so(server: Server) -> None:
    server.born(boot())
    nobody = dict.fromkeys(CREDENTIALS, "")
    done = server.boots(**nobody, AWS_EC2_METADATA_DISABLED="true", AWS_SHARED_CREDENTIALS_FILE="/dev/null")
    assert done.returncode == 1
    assert done.stderr == "✗ s3://bundles/x/bundle.tar.gz cannot be used: Unable to locate credentials\n"


class _Metadata(BaseHTTPRequestHandler):
    """The instance's metadata, version 2: nothing without a token that was asked for first."""

    proof = "of having asked"

    def _answer(self, text: str) -> None:
        allowed = self.command == "PUT" or self.headers.get("X-aws-ec2-metadata-token") == self.proof
        self.send_response(200 if allowed else 401)
        self.end_headers()
        self.wfile.write(text.encode() if allowed else b"")

    def do_PUT(self) -> None:
        assert self.path == "/latest/api/token"
        self._answer(self.proof)

    def do_GET(self) -> None:
        keys = {"Code": "Success", "AccessKeyId": "ASIAROLE", "SecretAccessKey": "of the role", "Token": "t"}
        self._answer("role" if self.path.endswith("/") else json.dumps({**keys, "Expiration": "2099-01-01T00:00:00Z"}))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def test_the_rights_are_those_of_the_instance(server: Server) -> None:
    server.born(boot())
    metadata = ThreadingHTTPServer(("127.0.0.1", 0), _Metadata)
    threading.Thread(target=metadata.serve_forever, daemon=True).start()
    try:
        done = server.boots(
            **dict.fromkeys(CREDENTIALS, ""),
            AWS_SHARED_CREDENTIALS_FILE="/dev/null",
            AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{metadata.server_port}",
        )
    finally:
        metadata.shutdown()
        metadata.server_close()
    assert done.returncode == 0, done.stderr


def test_the_user_data_is_a_cloud_config_that_holds_the_files_as_they_are_and_starts_the_unit() -> None:
    text = user_data(boot(host="call9"))
    assert text.startswith("#cloud-config\n")
    document = yaml.safe_load(text)
    assert set(document) == {"write_files", "runcmd"}
    written = {file["path"]: file["content"] for file in document["write_files"]}
    compile(written["/opt/seatworks/first_boot.py"], "first_boot.py", "exec")
    assert json.loads(written["/etc/seatworks/first-boot.json"])["host"] == "call9"
    assert written[f"/etc/systemd/system/{UNIT}"].startswith("# At every boot until it has succeeded once")
    assert document["runcmd"][-1] == ["systemctl", "enable", "--now", "--no-block", AGENT_UNIT, UNIT]
    assert agent_files(REGION).items() <= written.items()
    assert text == user_data(boot(host="call9"))


def test_the_user_data_fits_into_what_ec2_takes_and_stays_readable() -> None:
    text = user_data(boot(host="h" * 60, key="k" * 500, secret="s" * 500))
    assert len(text.encode()) < LIMIT / 2
    assert "\n    [Service]\n" in text
