"""What a server is told at its birth (user data), so that it configures itself from the deployment's bundle.

It also gets the agent of Session Manager. It is told no secret: who may read an instance's user data learns where the
bundle and the password lie, and may read neither.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from stacks.components.agent import AGENT_UNIT, agent_files
from stacks.components.cloudconfig import cloud_config

_FILES = Path(__file__).resolve().parent / "boot"
UNIT = "seatworks-first-boot.service"
# The most that EC2 takes, in bytes.
LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class FirstBoot:
    """Where the bundle lies (bucket, key), the secret that opens it (name or ARN), and which host of the plan it is."""

    region: str
    bucket: str
    key: str
    secret: str
    host: str


def user_data(boot: FirstBoot) -> str:
    """The text that cloud-init of a Debian image reads. The same input gives the same text."""
    files = {
        "/opt/seatworks/first_boot.py": (_FILES / "first_boot.py").read_text(encoding="utf-8"),
        f"/etc/systemd/system/{UNIT}": (_FILES / UNIT).read_text(encoding="utf-8"),
        "/etc/seatworks/first-boot.json": json.dumps(dataclasses.asdict(boot), indent=1) + "\n",
    }
    return cloud_config({**agent_files(boot.region), **files}, [AGENT_UNIT, UNIT])
