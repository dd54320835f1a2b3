"""What the emulator lacks of AWS, added to it: requests then meet real answers, whoever asks them."""

from __future__ import annotations

import importlib

_PARTS = (
    "backup",
    "connect",
    "rds",
    "s3",
    "logs",
    "ec2",
    "iam",
    "ec2_defaults",
    "autoscaling",
    "vpn",
    "guardduty",
)


def extend() -> None:
    """Complete the emulator of this process. Done twice it is the same."""
    for part in _PARTS:
        importlib.import_module(f"{__name__}.{part}").extend()
