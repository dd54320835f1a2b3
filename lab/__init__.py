"""Rehearsal on one computer: every host of a plan as a systemd-nspawn machine, in a network of its own.

This file stays light: the watcher of every machine imports the package.
"""

from __future__ import annotations


def leftovers(environment: str) -> list[str]:
    """What `down` should have taken away and did not, one line each; empty when nothing is left."""
    from lab.machines import remains

    return remains.find(environment)
