#!/usr/bin/python3
"""Restart a service of this edge when no call needs it any more, at the latest after a time.

The proxy is told that the edge drains: new calls get 503 and go by another edge, those that are up go on. The word must
be said again every few seconds, so an edge whose restart was killed opens by itself.
"""

from __future__ import annotations

import argparse
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PROXY = Path("/run/kamailio/kamailio_ctl")
ASK_S = 10
LOOK_AGAIN_S = 2.0
# Between the last look at the calls and the word that no new one is taken lies one that was just let in.
SETTLE_S = 1.0


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """The end of a command, whatever it was."""
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def proxy(*words: str) -> None:
    """Tell the proxy something; one that is not there takes no calls."""
    if PROXY.is_socket():
        run("/usr/bin/timeout", str(ASK_S), "/usr/sbin/kamcmd", "-s", f"unix:{PROXY}", *words)


def calls(port: int) -> int | None:
    """Calls that the relay carries, asked in its own protocol (ng, bencoded); None when it does not say.

    No relay at that port carries none; one that is silent may carry any number.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(ASK_S)
        try:
            line.connect(("127.0.0.1", port))
            line.send(b"drain d7:command10:statisticse")
            answer = line.recv(65535)
        except ConnectionRefusedError:
            return 0
        except OSError:
            return None
    found = re.search(rb"13:sessionstotali(\d+)e", answer)
    return int(found[1]) if found else None


def drain(port: int, wait_s: float) -> int:
    """Wait until no call is up, at most `wait_s` seconds; how many are up then."""
    until = time.monotonic() + wait_s
    proxy("htable.seti", "state", "draining", "1")
    time.sleep(SETTLE_S)
    while (up := calls(port)) != 0 and time.monotonic() < until:
        time.sleep(LOOK_AGAIN_S)
        proxy("htable.seti", "state", "draining", "1")
    return up or 0


def main() -> None:
    """Exit code 1 with the unit's last words, when it does not come up again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("unit")
    parser.add_argument("wait_s", type=float)
    parser.add_argument("--port", type=int, required=True, help="UDP port of 127.0.0.1 on which the relay takes orders")
    given = parser.parse_args()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit("ended by somebody; the edge is open again"))
    up = 0
    try:
        if run("/usr/bin/systemctl", "is-active", given.unit).returncode == 0:
            up = drain(given.port, given.wait_s)
        run("/usr/bin/systemctl", "daemon-reload")
        done = run("/usr/bin/systemctl", "restart", given.unit)
    finally:
        proxy("htable.delete", "state", "draining")
    if done.returncode != 0:
        last = run("/usr/bin/journalctl", "--no-pager", "--lines=20", "--output=cat", f"--unit={given.unit}").stdout
        sys.exit(f"{given.unit} does not start:\n{last}{done.stderr}")
    sys.stdout.write(f"{up} calls were up after {given.wait_s:.0f} s\n" if up else "no call was up\n")


if __name__ == "__main__":
    main()
