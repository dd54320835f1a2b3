"""The shipped examples in other regions."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from seatworks.plan.model import Plan
from tests import specs
from tests.examples import peak_plan_of


@functools.cache
def plan_in(name: str, region: str, *, database: str | None = None, link: str | None = None) -> Plan:
    """The plan of a shipped example whose file names that region, who runs its database, and what joins its sites.

    `peak` is the cloud example with a large peak.
    """
    if name == "peak":
        return peak_plan_of(region)
    asked: dict[str, str | None] = {"cloud__database": database} if database else {}
    asked |= {"cloud__link": link, "cloud__link_network": None} if link else {}
    with tempfile.TemporaryDirectory() as folder:
        return specs.environment(Path(folder), name, cloud__region=region, **asked).plan()
