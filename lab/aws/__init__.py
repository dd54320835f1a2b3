"""What the emulator lacks of AWS, added to it: requests then meet real answers, whoever asks them."""

from __future__ import annotations

import functools
import importlib

from lab.aws._wrap import wrap

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
_NAMES = "method_names_from_class"


def extend() -> None:
    """Complete the emulator of this process. Done twice it is the same.

    Whoever teaches it more does so afterwards, and before the first request.
    """
    from moto.core import responses

    # A tenth of its time goes into finding the names of the same few methods anew for each request.
    if hasattr(found := getattr(responses, _NAMES), "cache_clear"):
        found.cache_clear()
    else:
        wrap(responses, _NAMES, functools.cache)
    for part in _PARTS:
        importlib.import_module(f"{__name__}.{part}").extend()
