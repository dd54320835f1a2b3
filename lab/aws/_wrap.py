"""A method of the emulator with something of ours around it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def wrap(holder: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put in the place of a method what `make` makes of it."""
    setattr(holder, name, functools.wraps(getattr(holder, name))(make(getattr(holder, name))))
