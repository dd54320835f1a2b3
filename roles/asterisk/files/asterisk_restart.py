#!/usr/bin/python3
"""Restart Asterisk when its calls have ended, at the latest after a time.

While the file of the door is there the dial plan refuses new calls with 503, and the edge gives them to another server.
Each start of Asterisk opens it, so that a restart which was killed leaves no closed door.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ASK_S = 10
LOOK_AGAIN_S = 2.0
# Until a call that was just let in is counted.
SETTLE_S = 1.0
UNIT = "asterisk.service"
# How `timeout` ends when it ended the question.
SILENT = 124


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """The end of a command, whatever it was."""
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def channels() -> int:
    """Legs of calls on this server. None when no Asterisk is there; one that is silent may have some."""
    done = run("/usr/bin/timeout", str(ASK_S), "/usr/sbin/asterisk", "-rx", "core show channels count")
    found = re.search(r"^(\d+) active channel", done.stdout, re.MULTILINE)
    return int(found[1]) if found else int(done.returncode == SILENT)


def drain(closed: Path, wait_s: float) -> int:
    """Wait until no call is up, at most `wait_s` seconds; how many legs are up then."""
    until = time.monotonic() + wait_s
    closed.touch()
    time.sleep(SETTLE_S)
    while (up := channels()) and time.monotonic() < until:
        time.sleep(LOOK_AGAIN_S)
    return up


def main() -> None:
    """Exit code 1 with the unit's last words, when it does not come up again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("closed", type=Path, help="file that closes the door")
    parser.add_argument("wait_s", type=float)
    given = parser.parse_args()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda *_: sys.exit("ended by somebody; the door is open again"))
    up = 0
    try:
        if run("/usr/bin/systemctl", "is-active", UNIT).returncode == 0:
            up = drain(given.closed, given.wait_s)
        run("/usr/bin/systemctl", "daemon-reload")
        done = run("/usr/bin/systemctl", "restart", UNIT)
        if done.returncode == 0:
            # The next server is drained only when this one can take its calls.
            run("/usr/bin/timeout", "60", "/usr/sbin/asterisk", "-rx", "core waitfullybooted")
    finally:
        given.closed.unlink(missing_ok=True)
    if done.returncode != 0:
        last = run("/usr/bin/journalctl", "--no-pager", "--lines=20", "--output=cat", f"--unit={UNIT}").stdout
        sys.exit(f"{UNIT} does not start:\n{last}{done.stderr}")
    sys.stdout.write(f"{up} legs of calls were up after {given.wait_s:.0f} s\n" if up else "no call was up\n")


if __name__ == "__main__":
    main()
