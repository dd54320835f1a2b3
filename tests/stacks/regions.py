"""The shipped examples in other regions."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from seatworks.plan.model import Plan
from tests import specs
from tests.examples import peak_plan_of

# Both regions in China, which are a partition of their own, and one outside.
REGIONS = ("cn-north-1", "cn-northwest-1", "eu-central-1")


@functools.cache
def plan_in(name: str, region: str, *, database: str | None = None) -> Plan:
    """The plan of a shipped example, or of one with a peak, whose file names that region, and who runs its database."""
    if name == "peak":
        return peak_plan_of(region)
    asked = {"cloud__database": database} if database else {}
    with tempfile.TemporaryDirectory() as folder:
        return specs.environment(Path(folder), name, cloud__region=region, **asked).plan()
