"""A contact centre that Amazon Connect answers, made from the shipped cloud example, for tests."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from seatworks.environment import Environment
from tests.specs import values, written

# What makes the shipped example one that Amazon Connect can answer.
_CHANGES: dict[str, Any] = {
    "cloud": {"region": "eu-central-1", "platform": "connect"},
    "trunks": None,
    "seats": {"cloud": 20, "peak_extra": 4},
    "traffic__busy_hour_calls": 200,
    "service__numbers": [
        {"number": "+4930", "country": "DE", "menu": "main"},
        {"number": "+49800", "country": "DE", "toll_free": True, "queue": "sales"},
    ],
    "service__menus__main": {
        "text": "For support press 1, for sales press 2.",
        "digits": {"1": "support", "2": "sales"},
        "default": "support",
        "wait_s": 7,
    },
    "service__hours": {"time_zone": "Europe/Berlin", "opens": "08:00", "closes": "20:30"},
}


def managed_values(**changes: Any) -> dict[str, Any]:
    """The specification as values, with further changes as `values` takes them."""
    return values("cloud", **copy.deepcopy(_CHANGES) | changes) | {"name": "managed"}


def managed(folder: Path, **changes: Any) -> Environment:
    """The specification as an environment below `folder`."""
    return written(folder, managed_values(**changes))
