#!/usr/bin/python3
"""Open this server for calls when it can take one, and let the last one end before Auto Scaling takes it away.

While the file of admission is there Asterisk takes new calls. Without it the edge gives each new call to another
server, and those that are here go on to their end. The server goes when no call is left on it, no recording and no line
of call detail. Each step may be repeated: killed at any moment, this program loses nothing.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/seatworks/peak.json")
LOOK_AGAIN_S = 5.0
# Auto Scaling waits half an hour for a word of ours, and again after each.
HEARTBEAT_S = 600.0
ASK_S = 10
TOKEN_S = 21600

# Without these a call could not be taken, recorded or written down.
SERVICES = ("asterisk", "call-detail", "recording-ship")
# What has not left this server yet.
SPOOLS = (
    ("/var/spool/asterisk/monitor/active", "*"),
    ("/var/spool/asterisk/monitor/done", "*"),
    ("/var/lib/recording", "*.age"),
    ("/var/spool/call-detail", "*.csv"),
)

log = logging.getLogger("peak-duty")


class Unreachable(Exception):
    """The cloud does not answer now."""


class Metadata:
    """What the machine is told about itself (IMDSv2). The variable is the one that AWS's own tools know."""

    def __init__(self) -> None:
        self._base = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/")
        self._token = ""

    def read(self, path: str) -> str | None:
        """One entry below /latest/meta-data/, None when there is none. Raises Unreachable."""
        for _ in range(2):
            try:
                if not self._token:
                    self._token = self._ask("PUT", "api/token", "token-ttl-seconds", str(TOKEN_S))
                return self._ask("GET", f"meta-data/{path}", "token", self._token)
            except urllib.error.HTTPError as refused:
                if refused.code == 404:
                    return None
                # 401: the token is of an earlier day.
                self._token = ""
            except OSError as wrong:
                raise Unreachable(f"metadata: {wrong}") from None
        raise Unreachable("metadata: refused twice")

    def _ask(self, method: str, path: str, header: str, value: str) -> str:
        url, headers = f"{self._base}/latest/{path}", {f"X-aws-ec2-metadata-{header}": value}
        request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 - http, of our own
        with urllib.request.urlopen(request, timeout=ASK_S) as answer:  # noqa: S310 - as above
            return str(answer.read().decode())


class Scaling:
    """The group that this server is in."""

    def __init__(self, group: str, region: str, instance: str) -> None:
        import boto3

        self._client: Any = boto3.client("autoscaling", region_name=region)
        self._group, self._instance = group, instance

    def goes_on(self, hook: str) -> None:
        """What waited at this hook goes on; it is no error when nothing does. Raises Unreachable."""
        self._say(self._client.complete_lifecycle_action, hook, LifecycleActionResult="CONTINUE")

    def waits(self, hook: str) -> None:
        """Ask for more time at this hook. Raises Unreachable."""
        self._say(self._client.record_lifecycle_action_heartbeat, hook)

    def _say(self, call: Callable[..., Any], hook: str, **more: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            call(LifecycleHookName=hook, AutoScalingGroupName=self._group, InstanceId=self._instance, **more)
        except ClientError as refused:
            if refused.response["Error"]["Code"] != "ValidationError":
                raise Unreachable(f"Auto Scaling: {refused}") from None
            log.info("nothing waits at %s", hook)
        except BotoCoreError as wrong:
            raise Unreachable(f"Auto Scaling: {wrong}") from None


def run(*command: str) -> str:
    """The output of a command, empty when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ASK_S, check=False)  # noqa: S603 - our own words
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout if done.returncode == 0 else ""


def able() -> bool:
    """Whether a call could be taken, recorded and written down."""
    # Its exit code says whether one of them is active; each has a line.
    states = run("/usr/bin/systemctl", "is-active", *(f"{name}.service" for name in SERVICES)).split()
    booted = run("/usr/sbin/asterisk", "-rx", "core waitfullybooted")
    return states == ["active"] * len(SERVICES) and "fully booted" in booted


def channels() -> int | None:
    """Calls on this server, counted by their legs; None when Asterisk does not say."""
    said = run("/usr/sbin/asterisk", "-rx", "core show channels count")
    found = re.search(r"^(\d+) active channel", said, re.MULTILINE)
    return int(found[1]) if found else None


def left() -> str:
    """What has not left this server yet, in words; empty when nothing is left."""
    legs = channels()
    if legs is None and run("/usr/bin/systemctl", "is-active", "asterisk.service"):
        return "Asterisk does not say how many calls there are"
    if legs:
        return f"{legs} legs of calls"
    files = sum(len(list(Path(folder).glob(pattern))) for folder, pattern in SPOOLS)
    return f"{files} files of recordings and call detail" if files else ""


@dataclass
class Duty:
    """What this program does until it is told to stop."""

    admission: Path
    ready_hook: str
    drained_hook: str
    metadata: Metadata
    scaling: Scaling
    heard_at: float = field(default_factory=time.monotonic)
    ready: bool = False
    gone: bool = False

    def look(self) -> None:
        """One look at what is wanted. Raises Unreachable when the cloud does not say; calls go on as they are."""
        if self.metadata.read("autoscaling/target-lifecycle-state") == "Terminated":
            self.drain()
        elif not self.ready and able():
            # Open first: the group counts this server when it does take calls.
            self.admission.touch()
            self.scaling.goes_on(self.ready_hook)
            self.ready = True
            log.info("open for calls")

    def drain(self) -> None:
        """Take no more calls; when nothing is left, let the server go."""
        if self.admission.exists():
            self.admission.unlink()
            log.info("closed: new calls go to other servers")
        if self.gone:
            return
        waiting = left()
        if not waiting:
            self.scaling.goes_on(self.drained_hook)
            self.gone = True
            log.info("nothing is left, this server may go")
        elif time.monotonic() - self.heard_at > HEARTBEAT_S:
            log.info("still here: %s", waiting)
            self.scaling.waits(self.drained_hook)
            self.heard_at = time.monotonic()


def main() -> None:
    """Run as a service."""
    logging.basicConfig(format="%(message)s")
    log.setLevel(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    given = json.loads(SETTINGS.read_text(encoding="utf-8"))
    metadata = Metadata()
    try:
        instance = metadata.read("instance-id")
    except Unreachable as wrong:
        sys.exit(str(wrong))
    if not instance:
        sys.exit("this machine has no instance id: it is not in a cloud")
    scaling = Scaling(given["group"], given["region"], instance)
    duty = Duty(Path(given["admission"]), given["ready_hook"], given["drained_hook"], metadata, scaling)
    said = ""
    while not stop.wait(LOOK_AGAIN_S):
        try:
            duty.look()
            said = ""
        except Unreachable as wrong:
            if str(wrong) != said:
                log.error("%s", wrong)
            said = str(wrong)


if __name__ == "__main__":
    main()
