"""Watches one machine where no systemd of this computer does: boots it, boots it again after a reboot, ends with it.

Started as `python -m lab.machines.supervisor GROUP COMMAND...`. Imports little, so that a dozen start at once.
"""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
from types import FrameType

from lab.machines import cgroups

# systemd-nspawn ends so when the machine wants to be booted again.
REBOOT = 133
_POWER_OFF_S = 30


def main(group: str, command: list[str]) -> int:
    """Boot, wait, boot again while the machine asks for it; leave nothing of it behind."""
    stopping = False
    child: subprocess.Popen[bytes] | None = None

    def stop(_number: int, _frame: FrameType | None) -> None:
        # SIGTERM to systemd-nspawn is an orderly power-off of the machine.
        nonlocal stopping
        stopping = True
        if child is not None:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    into_group = functools.partial(cgroups.enter, group)
    code = REBOOT
    try:
        while code == REBOOT and not stopping:
            # The command comes from the starter, as a list.
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=into_group)  # noqa: S603
            code = child.wait()
            # A killed systemd-nspawn leaves the machine running without anybody who could stop it.
            cgroups.kill(group)
    finally:
        cgroups.kill(group)
        cgroups.remove(group)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
