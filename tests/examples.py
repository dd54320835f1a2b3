"""The shipped examples as plans, for tests that need a realistic one."""

from __future__ import annotations

import functools

from seatworks.environment import Environment
from seatworks.plan.model import Plan
from seatworks.spec import Spec
from tests.conftest import ROOT

NAMES = ("cloud", "hybrid", "onprem")


@functools.cache
def spec_of(name: str) -> Spec:
    """The specification of one shipped example."""
    return Environment.find(name, ROOT).spec()


@functools.cache
def plan_of(name: str) -> Plan:
    """The plan of one shipped example."""
    return Environment.find(name, ROOT).plan()
