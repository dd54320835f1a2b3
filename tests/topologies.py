"""Topologies for tests of availability: pairs in every mode, and what becomes of them when one part changes."""

from __future__ import annotations

import dataclasses
from typing import Any

from seatworks import availability
from seatworks.availability import Group, Topology

PAIR = 1 - 0.005**2


def topology(
    mode: str = "cloud",
    *,
    edge: tuple[int, int] = (1, 2),
    call: tuple[int, int] = (1, 2),
    zones: int = 2,
    **more: Any,
) -> Topology:
    """Pairs, two carriers; hybrid with 80 seats on site and 40 in the cloud."""
    zones = zones if mode == "cloud" else 1
    groups = [
        Group("edge", *edge, zones=zones),
        Group("call", *call, zones=zones),
        Group("db", 1, 2, zones=zones),
        Group("record", 1, 1),
    ]
    if mode == "hybrid":
        groups.append(Group("cloud-edge", 1, 2, zones=2))
        more = {"links": 1, "seats_on_site": 80, "seats_in_cloud": 40} | more
    return Topology(mode, tuple(groups), **({"carriers": 2} | more))


def changed(parts: Topology, name: str, **changes: Any) -> Topology:
    groups = tuple(dataclasses.replace(group, **changes) if group.name == name else group for group in parts.groups)
    return dataclasses.replace(parts, groups=groups)


def element(found: availability.Availability, name: str) -> availability.Element:
    return next(element for element in found.elements if element.name == name)


def model(parts: Topology) -> float:
    return availability.assess(99.9, parts).model


# The formulas
