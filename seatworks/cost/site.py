"""The site's half of a bill: servers by size, disks, and the share of network, room and power that they need."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from seatworks.cost.choices import Choices
from seatworks.cost.figures import figure
from seatworks.cost.parts import Part, Scale, Seats, monthly, once
from seatworks.message import Message
from seatworks.plan.model import Plan, Site


def parts(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """What is bought for the site and kept running there. Nothing when no host stands there."""
    hosts = [host for host in plan.hosts if host.site is Site.ONPREM]
    if not hosts:
        return
    sizes = Counter((host.vcpus, host.memory_gib) for host in hosts)
    for (vcpus, memory_gib), count in sorted(sizes.items()):
        why = Message(
            "{count} with {cpus} vCPU and {memory} GiB, machine or share of one; not renewed within 5 years",
            count=count,
            cpus=vcpus,
            memory=memory_gib,
        )
        yield once(Message("server.{cpus}c{memory}g", cpus=vcpus, memory=memory_gib), "servers", count, why)
    disk = sum(host.disk_gb for host in hosts)
    why = Message("disks of {count} hosts, usable capacity", count=len(hosts))
    yield once("storage.site", "servers", disk, why)
    here = seats.onprem + seats.peak_onprem
    access = math.ceil(here / figure("switch_ports"))
    why = Message("a pair for the servers, {access} for {seats} seats", access=access, seats=here)
    yield once("network.switch", "servers", figure("core_switches") + access, why)
    why = Message("a pair between carrier, link and servers")
    yield once("network.firewall", "servers", figure("firewalls"), why)
    racks = math.ceil(len(hosts) / figure("servers_per_rack"))
    why = Message("{count} servers, {each} in a rack", count=len(hosts), each=figure("servers_per_rack"))
    yield once("room.rack", "servers", racks, why)
    yield once("room.ups", "servers", racks, Message("one for each rack"))
    power = len(hosts) * figure("server_watts") * choices.hours_per_month * figure("power_usage_effectiveness") / 1000
    why = Message(
        "{count} servers of {watts} W with cooling, {hours} h a month",
        count=len(hosts),
        watts=figure("server_watts"),
        hours=choices.hours_per_month,
    )
    yield monthly("room.electricity", "servers", power, why)
    phones = here * choices.desk_phone_share
    if phones:
        why = Message("{share:.0%} of {seats} seats", share=choices.desk_phone_share, seats=here)
        yield once("endpoint.phone", "seats", phones, why, Scale.SEATS)
