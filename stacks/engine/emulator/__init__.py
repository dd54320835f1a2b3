"""What the emulator lacks of AWS, added to it: requests then meet real answers, whoever asks them."""

from __future__ import annotations

from stacks.engine.emulator import (
    backup,
    connect,
    databases,
    doors,
    logs,
    machines,
    offers,
    policies,
    quotas,
    regions,
    scaling,
    tunnels,
    watchers,
)

_PARTS = (
    backup,
    connect,
    databases,
    doors,
    logs,
    machines,
    offers,
    policies,
    quotas,
    regions,
    scaling,
    tunnels,
    watchers,
)


def extend() -> None:
    """Complete the emulator of this process. Done twice it is the same."""
    for part in _PARTS:
        part.extend()
