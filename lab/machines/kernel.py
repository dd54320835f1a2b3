"""The one kernel setting that many machines on one computer need, and its former value."""

from __future__ import annotations

from pathlib import Path

from lab.machines.places import RUN, state_root
from seatworks.errors import PreflightError, Problem

# Every systemd keeps about ten inotify instances open; the kernel's default of 128 for all of root's processes
# stops the eleventh machine with "Failed to allocate manager object: Too many open files" (measured).
_SETTING = Path("/proc/sys/fs/inotify/max_user_instances")
_NEEDED = 1024
_FORMER = RUN / "inotify-instances"


def make_room() -> None:
    """Let a dozen machines and more watch their files. Raises PreflightError where that is not allowed."""
    now = int(_SETTING.read_text())
    if now >= _NEEDED:
        return
    RUN.mkdir(parents=True, exist_ok=True)
    try:
        _SETTING.write_text(str(_NEEDED))
    except OSError:
        remedy = f"on the computer itself: sysctl fs.inotify.max_user_instances={_NEEDED}"
        raise PreflightError(Problem(str(_SETTING), f"is {now}, too few for the machines", remedy)) from None
    if not _FORMER.is_file():
        _FORMER.write_text(str(now))


def give_back() -> None:
    """Put the former value back, once no environment is left."""
    if _FORMER.is_file() and not any(state_root().glob("*/environment.json")):
        _SETTING.write_text(_FORMER.read_text())
        _FORMER.unlink()
