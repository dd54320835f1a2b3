"""The two ways to start a machine: a transient unit where systemd runs this computer, else a watcher of our own."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.machines import cgroups, processes
from seatworks.run import run

# Keep the computer's own view of control groups out of the machine, whatever version it is.
NSPAWN_SETTINGS = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}


@dataclass(frozen=True, slots=True)
class Box:
    """A machine on disk, ready to be started. `name` is its name on this computer."""

    name: str
    folder: Path
    command: tuple[str, ...]
    namespace: Path | None
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def console(self) -> Path:
        return self.folder / "console.log"

    @property
    def record(self) -> Path:
        """Which process watches it."""
        return self.folder / "process.json"


class Starter(Protocol):
    """Starts and stops machines."""

    def boot(self, box: Box) -> None:
        """Start a machine that does not run."""

    def runs(self, box: Box) -> bool:
        """Whether it runs and somebody watches it."""

    def cut(self, box: Box) -> None:
        """Take its power away; fine when it does not run, or only half of it does."""

    def there(self, prefix: str) -> list[str]:
        """Names of machines that begin with `prefix` and of which something is left."""


class Watcher:
    """A small process of our own for each machine; works without systemd, for example in CI."""

    def boot(self, box: Box) -> None:
        """Start a machine that does not run."""
        enter = ["nsenter", f"--net={box.namespace}"] if box.namespace else []
        args = [sys.executable, "-m", "lab.machines.supervisor", box.name, *enter, *box.command]
        here = str(Path(__file__).resolve().parents[2])
        processes.start(
            args, box.record, box.console, env={**NSPAWN_SETTINGS, **dict(box.settings), "PYTHONPATH": here}
        )

    def runs(self, box: Box) -> bool:
        """Whether it runs and somebody watches it."""
        return bool(processes.running(box.record)) and bool(cgroups.members(box.name))

    def cut(self, box: Box) -> None:
        """Take its power away; fine when it does not run, or only half of it does."""
        cgroups.kill(f"{box.name}/payload")
        processes.stop(box.record)
        cgroups.kill(box.name)
        cgroups.remove(box.name)

    def there(self, prefix: str) -> list[str]:
        """Names of machines that begin with `prefix` and of which something is left."""
        return cgroups.names(prefix)


class Unit:
    """A transient unit of this computer's systemd for each machine."""

    def boot(self, box: Box) -> None:
        """Start a machine that does not run."""
        properties = {
            "Delegate": "yes",
            "KillMode": "mixed",
            "RestartForceExitStatus": "133",
            "SuccessExitStatus": "133",
            "TasksMax": "16384",
            "StandardOutput": f"append:{box.console}",
            "StandardError": f"append:{box.console}",
        }
        if box.namespace:
            properties["NetworkNamespacePath"] = str(box.namespace)
        run(
            [
                *("systemd-run", "--quiet", "--collect", "--slice=machine.slice", f"--unit={box.name}"),
                *(f"--property={name}={value}" for name, value in properties.items()),
                *(f"--setenv={name}={value}" for name, value in {**NSPAWN_SETTINGS, **dict(box.settings)}.items()),
                *box.command,
            ]
        )

    def runs(self, box: Box) -> bool:
        """Whether it runs and somebody watches it."""
        return run(["systemctl", "is-active", "--quiet", f"{box.name}.service"], success=(0, 3, 4)).code == 0

    def cut(self, box: Box) -> None:
        """Take its power away; fine when it does not run, or only half of it does."""
        unit = f"{box.name}.service"
        if run(["systemctl", "show", "--property=LoadState", "--value", unit]).stdout.strip() != "loaded":
            return
        # A unit that ends between two of these commands is gone, which is what is wanted.
        run(["systemctl", "kill", "--kill-whom=all", "--signal=KILL", unit], success=(0, 1))
        run(["systemctl", "stop", unit], success=(0, 5))
        run(["systemctl", "reset-failed", unit], success=(0, 1, 5))

    def there(self, prefix: str) -> list[str]:
        """Names of machines that begin with `prefix` and of which something is left."""
        said = run(["systemctl", "list-units", "--all", "--plain", "--no-legend", f"{prefix}*.service"]).stdout
        return [line.split()[0].removesuffix(".service") for line in said.splitlines() if line.strip()]


def choose() -> Starter:
    """The way that fits this computer."""
    return Unit() if Path("/run/systemd/system").is_dir() else Watcher()
