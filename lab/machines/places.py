"""Where the lab keeps things. One environment name exists once on a computer, whoever asks for it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from seatworks.environment import Environment
from seatworks.errors import SeatworksError
from seatworks.plan.model import Target

RUN = Path("/run/seatworks")
NAMESPACES = Path("/run/netns")


def state_root() -> Path:
    """Folder of the machines' own disks. Needs root and a file system that overlayfs can write to."""
    return Path(os.environ.get("SEATWORKS_LAB_STATE", "/var/lib/seatworks/lab"))


def cache() -> Path:
    """Folder of what outlives an environment and a clone: image layers and downloaded packages."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "seatworks" / "lab"


@dataclass(frozen=True, slots=True)
class Places:
    """Every path and system name of one environment."""

    environment: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,11}", self.environment):
            raise SeatworksError.of(
                f"{self.environment!r} is no environment name",
                remedy="use 1 to 12 small letters and digits, a letter first",
            )

    @property
    def namespace(self) -> str:
        """Network namespace, and prefix of everything the computer knows by name."""
        return f"sw-{self.environment}"

    @property
    def namespace_file(self) -> Path:
        return NAMESPACES / self.namespace

    @property
    def state(self) -> Path:
        return state_root() / self.environment

    @property
    def record(self) -> Path:
        """Which project this environment belongs to."""
        return self.state / "environment.json"

    @property
    def machines(self) -> Path:
        return self.state / "machines"

    @property
    def run(self) -> Path:
        """Sockets: short path names, gone after a restart of the computer."""
        return RUN / self.environment

    @property
    def lock(self) -> Path:
        return RUN / "locks" / self.environment

    def inside(self, *command: str) -> list[str]:
        """`command`, run in the environment's network."""
        return ["nsenter", f"--net={self.namespace_file}", *command]


@dataclass(frozen=True, slots=True)
class Project:
    """The files of an environment that belong to the project: what the lab reads, and the SSH files it writes."""

    root: Path
    environment: str

    @property
    def build(self) -> Path:
        return Environment(self.environment, Target.LAB, self.root).build

    @property
    def plan(self) -> Path:
        return self.build / "attempted.json"

    @property
    def outputs(self) -> Path:
        return self.build / "cloud.json"

    @property
    def ssh(self) -> Path:
        return self.build / "ssh"

    @property
    def ssh_config(self) -> Path:
        return self.ssh / "config"
