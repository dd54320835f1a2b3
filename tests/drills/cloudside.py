"""What a cloud does around a machine of its own, for machines of a lab: its interfaces, and what it tells each machine.

The account is the rehearsal's, served by this process; the machine meets it, and its own metadata, at the address that
every machine of AWS knows.
"""

from __future__ import annotations

import contextlib
import datetime
import http.server
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.cloud.engine import standing
from lab.cloud.server import CREDENTIALS, served
from lab.machines.places import Places
from seatworks.environment import Environment
from tests.aws import autoscaling

ADDRESS = "169.254.169.254"
INTERFACES, METADATA = 8400, 8401
# What Auto Scaling wants of an instance, by the state that it is in.
WANTED = {"Terminating": "Terminated", "Terminating:Wait": "Terminated", "Terminating:Proceed": "Terminated"}


class CloudSide:
    """One Auto Scaling group of one instance, seen from both sides: as its operator, and as the instance."""

    def __init__(self, account: Any, group: str) -> None:
        self.account = account
        self.group = group
        self._scaling = account.client("autoscaling")

    def size(self, count: int) -> None:
        """What a scheduled action does at its time."""
        self._scaling.set_desired_capacity(AutoScalingGroupName=self.group, DesiredCapacity=count)

    @property
    def instance(self) -> tuple[str, str]:
        """The instance and its state; both empty when there is none."""
        found = self._scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.group])
        for each in found["AutoScalingGroups"][0]["Instances"]:
            return each["InstanceId"], each["LifecycleState"]
        return "", ""

    def told(self, path: str) -> str | None:
        """What the instance's metadata says."""
        id_, state = self.instance
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
        key, secret = CREDENTIALS.values()
        credentials = {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key, "SecretAccessKey": secret}
        credentials |= {"Token": "lab", "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
        return {
            "instance-id": id_,
            "autoscaling/target-lifecycle-state": WANTED.get(state, "InService"),
            "iam/security-credentials/": "peak",
            "iam/security-credentials/peak": json.dumps(credentials),
        }.get(path)


@contextlib.contextmanager
def cloud_side(where: Environment, group: str) -> Iterator[CloudSide]:
    """Serve account and metadata to the machines of an environment that stands in the lab."""
    places = Places(where.name)
    with standing(where, [autoscaling.extend]) as site, served() as url, contextlib.ExitStack() as stack:
        side = CloudSide(site.account, group)
        doors = {METADATA: stack.enter_context(_metadata(side)), INTERFACES: int(url.rpartition(":")[2])}
        _inside(places, "ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo")
        ports = ", ".join(map(str, doors))
        # Port 80 of the environment's router is the Debian mirror's.
        _rule(places, "prerouting", f"ip daddr {ADDRESS} tcp dport 80 dnat to {ADDRESS}:{METADATA}")
        _rule(places, "towards", f"tcp dport {{ {ports} }} accept")
        for port, target in doors.items():
            stack.enter_context(_passage(places, port, target))
        yield side


@contextlib.contextmanager
def _metadata(side: CloudSide) -> Iterator[int]:
    """Metadata of version 2, and no other: without a token nothing is told."""

    class Told(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._answer(200 if self.path == "/latest/api/token" else 404, "token-of-the-drill")

        def do_GET(self) -> None:
            if self.headers.get("X-aws-ec2-metadata-token") != "token-of-the-drill":
                self._answer(401, "")
                return
            found = side.told(self.path.removeprefix("/latest/meta-data/"))
            self._answer(200 if found is not None else 404, found or "")

        def _answer(self, code: int, text: str) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@contextlib.contextmanager
def _passage(places: Places, port: int, target: int) -> Iterator[None]:
    """From the port in the environment's network to one of this computer's loopback, through a socket on the disk."""
    socket = places.run / f"cloud-{port}"
    halves = [
        ["socat", f"UNIX-LISTEN:{socket},fork,mode=600,unlink-early", f"TCP:127.0.0.1:{target}"],
        places.inside("socat", f"TCP-LISTEN:{port},bind={ADDRESS},fork,reuseaddr", f"UNIX-CONNECT:{socket}"),
    ]
    running = [subprocess.Popen(half, stdin=subprocess.DEVNULL) for half in halves]
    try:
        _until(lambda: socket.is_socket() and _listens(places, port))
        yield
    finally:
        for process in running:
            process.terminate()
            process.wait()
        socket.unlink(missing_ok=True)


def _listens(places: Places, port: int) -> bool:
    return f"{ADDRESS}:{port} " in _inside(places, "ss", "-Hlnt")


def _rule(places: Places, chain: str, rule: str) -> None:
    _inside(places, "nft", "insert", "rule", "ip", "router", chain, rule)


def _until(there: Any, limit_s: float = 10) -> None:
    until = time.monotonic() + limit_s
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


def _inside(places: Places, *command: str) -> str:
    done = subprocess.run(places.inside(*command), check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.stdout


def begin(text: str, folder: Path) -> list[str]:
    """What cloud-init does with user data, as far as ours asks: write files below `folder`, and the commands to run."""
    import yaml

    assert text.startswith("#cloud-config\n")
    document = yaml.safe_load(text)
    assert set(document) == {"write_files", "runcmd"}
    for entry in document["write_files"]:
        path = folder / entry["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(entry["content"], encoding="utf-8")
        path.chmod(int(entry["permissions"], 8))
    return [" ".join(words) for words in document["runcmd"]]
