"""Which database server is written to, asked of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seatworks.plan.model import Host, Plan

ASK = "runuser -u postgres -- psql --no-psqlrc -Atc 'SELECT pg_is_in_recovery()'"


def primary(plan: Plan, every: Callable[[str], Any]) -> Host:
    """The one server that takes rows; one that is stopped takes none."""
    found = [host for host in plan.running("postgresql") if every(host.name).run(ASK).stdout.strip() == "f"]
    assert len(found) == 1, f"primaries: {', '.join(host.name for host in found) or 'none'}"
    return found[0]
