"""The plan's servers and lines as the model of availability sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatworks import availability
from seatworks.availability import Availability, Group, Topology
from seatworks.errors import Problem
from seatworks.message import Message
from seatworks.sizing.servers import PEAK
from seatworks.spec import Link, Mode, TrunkKind

if TYPE_CHECKING:
    from seatworks.sizing import Sizing
    from seatworks.spec import Spec


def topology(spec: Spec, sizing: Sizing) -> Topology:
    """What stands. Two trunks of one gateway are one way in; phones and carriers know every edge's address."""
    onprem = spec.onprem
    gateways = {trunk.gateway for trunk in spec.trunks if trunk.kind == TrunkKind.E1}
    plain = sum(trunk.kind == TrunkKind.SIP for trunk in spec.trunks)
    groups = []
    for group in sizing.servers:
        if group.group == PEAK:
            # The figure is that of the servers of the whole year; a peak's are not counted (docs/peak.md, Limits).
            continue
        cloud = spec.mode == Mode.CLOUD or group.group == "cloud-edge"
        groups.append(
            Group(
                name=group.group,
                needed=group.count - group.spare,
                placed=group.count,
                zones=2 if cloud else (onprem.rooms if onprem else 1),
                racks=1 if cloud or not onprem else onprem.racks,
            )
        )
    internet = spec.seats.cloud + spec.seats.peak_extra
    return Topology(
        mode=str(spec.mode),
        groups=tuple(groups),
        carriers=plain + len(gateways),
        gateways=len(gateways),
        links=(onprem.links if onprem else 1) if spec.mode == Mode.HYBRID else 0,
        spare_parts=bool(onprem and onprem.repair_contract),
        seats_on_site=spec.seats.onprem,
        seats_in_cloud=internet,
        vpn=bool(spec.mode == Mode.HYBRID and spec.cloud and spec.cloud.link == Link.VPN),
    )


def assessed(spec: Spec, sizing: Sizing) -> Availability:
    """How available the centre is. What the provider answers itself is as available as it promises."""
    asked = float(spec.availability)
    if spec.managed:
        return availability.promised(asked, "Amazon Connect", "sla_connect")
    return availability.assess(asked, topology(spec, sizing))


def refused(spec: Spec, sizing: Sizing) -> list[Problem]:
    """What the asked availability lacks, each with its remedy; empty when the topology reaches it."""
    if spec.managed:
        return []
    place = f"inventories/{spec.name}/seatworks.yml availability"
    lacking = availability.missing(float(spec.availability), topology(spec, sizing))
    return [
        Problem(
            place,
            Message(
                "{asked:g} % is not reached ({place}): {problem}",
                asked=spec.availability,
                place=each.place,
                problem=each.message,
            ),
            each.remedy,
        )
        for each in lacking
    ]
