"""The shipped examples as plans, for tests that need a realistic one."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from seatworks import plan as planning
from seatworks import sizing
from seatworks.environment import Environment
from seatworks.plan.model import Plan
from seatworks.spec import Database, Link, Management, Spec, Target
from tests import specs
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


@functools.cache
def live_plan_of(name: str) -> Plan:
    """The plan of one shipped example for real servers, as it stands: nobody is named who may administer."""
    spec = spec_of(name).model_copy(update={"target": Target.LIVE})
    return planning.build(spec, sizing.size(spec))


@functools.cache
def managed_plan_of(region: str = "cn-north-1", target: Target = Target.LAB) -> Plan:
    """The plan of the cloud example with its database run by the cloud."""
    spec = spec_of("cloud")
    assert spec.cloud
    asked = {"database": Database.MANAGED, "region": region, "zones": (f"{region}a", f"{region}b")}
    management = Management.model_validate({"networks": ["10.0.5.0/24"]})
    cloud = spec.cloud.model_copy(update=asked)
    changed = spec.model_copy(update={"cloud": cloud, "target": target, "management": management})
    return planning.build(changed, sizing.size(changed))


@functools.cache
def peak_plan_of(region: str = "cn-north-1") -> Plan:
    """The plan of the cloud example whose servers for the peak stand on its days only."""
    days = [{"first": "2027-01-25", "last": "2027-02-10"}, {"first": "2027-05-01", "last": "2027-05-05"}]
    with tempfile.TemporaryDirectory() as folder:
        seats = {"seats__peak_days": days, "seats__peak_extra": 150, "traffic__busy_hour_calls": 6000}
        return specs.environment(Path(folder), "cloud", **seats, cloud__region=region).plan()


@functools.cache
def vpn_plan_of(region: str = "cn-north-1") -> Plan:
    """The plan of the hybrid example with site and cloud joined by the cloud's gateway."""
    spec = spec_of("hybrid")
    assert spec.cloud
    asked = {"link": Link.VPN, "region": region, "zones": (f"{region}a", f"{region}b")}
    changed = spec.model_copy(update={"cloud": spec.cloud.model_copy(update=asked)})
    return planning.build(changed, sizing.size(changed))
