"""What the lab does, one line at a time, for the person who waits."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Progress goes to the error stream: the other one is for documents."""
    sys.stderr.write(f"lab: {text}\n")
    sys.stderr.flush()
