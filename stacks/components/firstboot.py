"""What a server is told at its birth (user data), so that it configures itself from the deployment's bundle.

It holds no secret: who may read an instance's user data learns where the bundle and the password lie, and may read
neither.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

_FILES = Path(__file__).resolve().parents[2] / "templates" / "peak"
UNIT = "seatworks-first-boot.service"
# The most that EC2 takes, in bytes.
LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class FirstBoot:
    """Where the bundle lies (bucket, key) and the secret with its vault password (name or ARN).

    `host` is the server's name in the plan; without it, the server is the host whose address it has. `sha256` is the
    bundle's; without it, the sums inside the bundle must do.
    """

    region: str
    bucket: str
    key: str
    secret: str
    host: str | None = None
    sha256: str | None = None


def user_data(boot: FirstBoot) -> str:
    """The text that cloud-init of a Debian image reads. The same input gives the same text."""
    files = {
        "/opt/seatworks/first_boot.py": (_FILES / "first_boot.py").read_text(encoding="utf-8"),
        f"/etc/systemd/system/{UNIT}": (_FILES / UNIT).read_text(encoding="utf-8"),
        "/etc/seatworks/first-boot.json": json.dumps(dataclasses.asdict(boot), indent=1) + "\n",
    }
    document = {
        "write_files": [
            {"path": path, "content": content, "owner": "root:root", "permissions": "0644"}
            for path, content in files.items()
        ],
        # cloud-init is not kept waiting: the unit tries again by itself, at this boot and at the next.
        "runcmd": [["systemctl", "daemon-reload"], ["systemctl", "enable", "--now", "--no-block", UNIT]],
    }
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)
    return f"#cloud-config\n{text}"


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Plain YAML in which a file looks as it does on the host."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
