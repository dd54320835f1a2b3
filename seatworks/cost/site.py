"""The site's half of a bill: servers by size, disks, and the share of network, room and power that they need."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from seatworks.cost.choices import Choices
from seatworks.cost.figures import figure
from seatworks.cost.parts import Part, Scale, Seats, monthly, once
from seatworks.plan.model import Plan, Site


def parts(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """What is bought for the site and kept running there. Nothing when no host stands there."""
    hosts = [host for host in plan.hosts if host.site is Site.ONPREM]
    if not hosts:
        return
    sizes = Counter((host.vcpus, host.memory_gib) for host in hosts)
    for (vcpus, memory_gib), count in sorted(sizes.items()):
        why = f"{count} with {vcpus} vCPU and {memory_gib} GiB, machine or share of one; not renewed within 5 years"
        yield once(f"server.{vcpus}c{memory_gib}g", "servers", count, why)
    disk = sum(host.disk_gb for host in hosts)
    yield once("storage.site", "servers", disk, f"disks of {len(hosts)} hosts, usable capacity")
    here = seats.onprem + seats.peak_onprem
    access = math.ceil(here / figure("switch_ports"))
    why = f"a pair for the servers, {access} for {here} seats"
    yield once("network.switch", "servers", figure("core_switches") + access, why)
    yield once("network.firewall", "servers", figure("firewalls"), "a pair between carrier, link and servers")
    racks = math.ceil(len(hosts) / figure("servers_per_rack"))
    yield once("room.rack", "servers", racks, f"{len(hosts)} servers, {figure('servers_per_rack')} in a rack")
    yield once("room.ups", "servers", racks, "one for each rack")
    power = len(hosts) * figure("server_watts") * choices.hours_per_month * figure("power_usage_effectiveness") / 1000
    why = f"{len(hosts)} servers of {figure('server_watts')} W with cooling, {choices.hours_per_month} h a month"
    yield monthly("room.electricity", "servers", power, why)
    phones = here * choices.desk_phone_share
    if phones:
        yield once("endpoint.phone", "seats", phones, f"{choices.desk_phone_share:.0%} of {here} seats", Scale.SEATS)
