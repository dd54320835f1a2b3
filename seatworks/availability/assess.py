"""From what stands to percent of the year: every element by contract and by model, and what a person should know."""

from __future__ import annotations

import math
from collections.abc import Iterator

from seatworks.availability.arithmetic import (
    HOURS_PER_YEAR,
    common_cause_outage,
    downtime_min_per_year,
    failover_loss,
    from_repair,
    k_of_n,
    k_of_n_outage,
    mtbf_h,
    series,
)
from seatworks.availability.figures import figure
from seatworks.availability.topology import CLOUD_EDGE, Availability, Element, Group, Reach, Topology

SPOOLED = {
    "db": "not in the path of a call: call detail is spooled on the call servers while it is down, nothing is lost",
    "record": "not in the path of a call: recordings wait on the call servers while it is down",
}


def server(site: str, *, spare_parts: bool = False) -> float:
    """Availability of one server at site `cloud` or `onprem`: it breaks (AFR), or crashes; both are repaired.

    A = MTBF/(MTBF + MTTR) of the hardware x the same of everything else. Planned work is not counted: it is done one
    server after the other. Raises ValueError for another site.
    """
    if site not in ("cloud", "onprem"):
        raise ValueError(f"site is cloud or onprem, is {site}")
    repair = "cloud_repair_h" if site == "cloud" else _repair(spare_parts)
    hardware = from_repair(mtbf_h(figure("server_hardware_afr")), figure(repair))
    crashes = from_repair(HOURS_PER_YEAR / figure("server_crashes_per_year"), figure("server_crash_repair_h"))
    return series((hardware, crashes))


def _repair(spare_parts: bool) -> str:
    return "server_repair_parts_h" if spare_parts else "server_repair_no_parts_h"


def server_failures_per_year() -> float:
    """How often one server fails, whatever the cause."""
    return figure("server_hardware_afr") / 100 + figure("server_crashes_per_year")


def spares(needed: int, asked_percent: float, site: str) -> int:
    """Servers beyond `needed` for a group to be available `asked_percent` of the time at full load; at least 1.

    The smallest r with k_of_n(needed, needed + r, node) >= asked, node 99.5 %: 1 up to 8 servers at 99.9 %, then 2. The
    planning headroom is not counted as spare. Common cause is not counted either: more servers do not cure it. In the
    cloud each of two zones gets all `needed` where asked is more than two zones that are both needed can give.
    Raises ValueError when asked is not 0 to below 100, needed is below 1, or the site is not cloud or onprem.
    """
    if not 0 <= asked_percent < 100 or needed < 1 or site not in ("cloud", "onprem"):
        raise ValueError(f"no spare servers for {needed} at {asked_percent} % in {site}")
    allowed = 1 - asked_percent / 100
    outage = 1 - figure("spare_node")
    least = most = 1
    while k_of_n_outage(needed, needed + most, outage) > allowed:
        least, most = most + 1, most * 2
    while least < most:
        middle = (least + most) // 2
        if k_of_n_outage(needed, needed + middle, outage) > allowed:
            least = middle + 1
        else:
            most = middle
    if site == "cloud":
        groups = tuple(Group(name, needed, needed + most, zones=2) for name in ("edge", "call"))
        if modelled(Topology("cloud", groups, carriers=2)) < asked_percent:
            return max(most, needed)
    return most


def assess(asked_percent: float, parts: Topology) -> Availability:
    """How available the topology is, as promised and as modelled, with every element that was looked at.

    Totals are products over the elements that count. A call counts on its way from a carrier to a seat that works.
    """
    elements = tuple(_elements(parts))
    contract = 100 * series(element.contract for element in elements if element.counts)
    model = 100 * series(element.model for element in elements if element.counts)
    said = tuple(_notes(asked_percent, parts, elements, contract, model))
    return Availability(float(asked_percent), contract, model, elements, said)


def modelled(parts: Topology) -> float:
    """The model's total in percent, without the words."""
    return 100 * series(element.model for element in _elements(parts) if element.counts)


def _elements(parts: Topology) -> Iterator[Element]:
    yield _carriers(parts)
    if parts.reach is Reach.BALANCER:
        promised = figure("sla_elb")
        yield Element("load balancer", 1, 1, promised, promised, "stands before the edges; counts as what is promised")
    core = [group for group in parts.groups if group.name != CLOUD_EDGE]
    for group in core:
        yield _servers(parts, group, parts.core_site)
    yield _place(parts, [group for group in core if parts.counts(group)], parts.core_site)
    if parts.mode != "hybrid":
        return
    counts = parts.cloud_half_counts
    yield _links(parts, counts=counts)
    for group in parts.groups:
        if group.name == CLOUD_EDGE:
            yield _servers(parts, group, "cloud")
            yield _place(parts, [group], "cloud", counts=counts)


def _carriers(parts: Topology) -> Element:
    """One way in of several. A way over a gateway needs carrier and gateway."""
    carrier, box = figure("carrier"), server("onprem", spare_parts=parts.spare_parts)
    ways = [carrier] * (parts.carriers - parts.gateways) + [carrier * box] * parts.gateways
    promised = together = 1.0
    for way in ways:
        promised *= 1 - way
        together *= (1 - figure("beta_lines")) * (1 - way)
    # All ways fail together as often as the best of them does its share; one way alone shares with nobody.
    shared = figure("beta_lines") * (1 - max(ways)) if len(ways) > 1 else 0.0
    outage = shared + together if len(ways) > 1 else promised
    loss = failover_loss(figure("carrier_failures_per_year"), figure("failover_carrier_s")) if len(ways) > 1 else 0.0
    why = f"{_count(len(ways), 'carrier')} of {_percent(carrier)}{' each' if len(ways) > 1 else ''}, assumed"
    if parts.gateways:
        why += f"; {_count(parts.gateways, 'way')} over a gateway"
    if len(ways) > 1:
        why += f"; {figure('beta_lines'):.0%} of failures common (same duct)"
    return Element("trunks", 1, len(ways), 1 - promised, max(0.0, 1 - outage - loss), why)


def _links(parts: Topology, *, counts: bool) -> Element:
    line = figure("internet_line")
    model = 1 - common_cause_outage(1, parts.links, 1 - line, figure("beta_lines") if parts.links > 1 else 0.0)
    why = f"{_count(parts.links, 'line')} of {_percent(line)} between site and cloud; "
    if parts.vpn:
        model *= figure("sla_vpn")
        why += f"a VPN gateway of {_percent(figure('sla_vpn'))} as promised; "
    why += "no seat on site could answer" if counts else "without it only the seats in the cloud are lost"
    return Element("link", 1, parts.links, model, model, why, counts)


def _beta(group: Group) -> tuple[float, str]:
    if group.zones == 2:
        return figure("beta_two_zones"), "two zones"
    return (figure("beta_two_racks"), "two racks") if group.racks == 2 else (figure("beta_one_rack"), "one rack")


def _servers(parts: Topology, group: Group, site: str) -> Element:
    """k of n with common cause, and what is lost while the others take over.

    A failed server takes its own share of the calls with it, so a group loses `failures of one server x seconds`
    however many there are.
    """
    node = server(site, spare_parts=parts.spare_parts)
    beta, where = _beta(group)
    outage = common_cause_outage(group.counted, group.placed, 1 - node, beta)
    loss = failover_loss(server_failures_per_year(), _failover_s(parts, group)) if group.placed > group.counted else 0.0
    model = max(0.0, 1 - outage - loss)
    contract = k_of_n(group.counted, group.placed, figure("sla_ec2_instance")) if site == "cloud" else model
    why = f"one server {_percent(node)}, {where}: {beta:.0%} of failures common"
    if site == "onprem":
        why += "; no contract covers it"
    if group.name == CLOUD_EDGE and not parts.counts(group):
        why += "; without it only the seats in the cloud are lost"
    if group.name in SPOOLED and not parts.counts(group):
        why = SPOOLED[group.name]
    return Element(group.name, group.counted, group.placed, contract, model, why, parts.counts(group))


def _failover_s(parts: Topology, group: Group) -> float:
    if group.name == "call":
        return figure("failover_dispatcher_s")
    if group.name in SPOOLED:
        return figure("failover_database_s")
    # Phones find the cloud edges by their addresses, whatever stands before the edges of the core.
    reach = Reach.ADDRESSES if group.name == CLOUD_EDGE else parts.reach
    return figure(
        {
            Reach.ADDRESSES: "failover_addresses_s",
            Reach.VIRTUAL: "failover_virtual_address_s",
            Reach.BALANCER: "failover_balancer_s",
        }[reach]
    )


def _zones_outage(needed: int) -> float:
    """Outage of a pair of zones of which one must work, or both."""
    return common_cause_outage(needed, 2, 1 - figure("room"), figure("beta_two_zones"))


def _place(parts: Topology, groups: list[Group], site: str, *, counts: bool = True) -> Element:
    """Power, cooling and network of the rooms. Two rooms are a pair only if each alone carries the load."""
    room = figure("room")
    zones = min(group.zones for group in groups)
    needed = 1 if zones == 2 and all(group.apart for group in groups) else zones
    outage = 1 - room if zones == 1 else _zones_outage(needed)
    name = "site" if site == "onprem" else "region" if zones == 2 else "zone"
    if parts.mode == "hybrid" and site == "cloud":
        name = f"cloud {name}"
    contract = figure("sla_ec2_region") if name.endswith("region") else 1 - outage
    rooms = f"one room, {_percent(room)}" if zones == 1 else f"two rooms, {_percent(room)} each"
    why = f"power, cooling and network of {rooms}"
    if zones == 2 and needed == 2:
        tight = ", ".join(group.name for group in groups if not group.apart)
        why += f"; one zone alone does not carry the peak ({tight}), so both are needed"
    return Element(name, needed, zones, contract, 1 - outage, why, counts)


def _notes(
    asked: float, parts: Topology, elements: tuple[Element, ...], contract: float, model: float
) -> Iterator[str]:
    counted = [element for element in elements if element.counts]
    worst = min(counted, key=lambda element: element.model)
    total = sum(1 - element.model for element in counted)
    if total > 0:
        minutes = downtime_min_per_year(100 * worst.model)
        yield (
            f"{worst.name} dominates: {minutes:.0f} of {downtime_min_per_year(model):.0f} minutes a year "
            f"({(1 - worst.model) / total:.0%})"
        )
    doubled = percent(100 * series(max(0.0, 1 - 2 * (1 - element.model)) for element in counted))
    yield f"most figures of failures are planning defaults: were every part away twice as long, it would be {doubled}"
    if contract < asked <= model:
        yield (
            f"contracts together promise {percent(contract)}, less than the {asked:g} % asked; the model of failures "
            f"gives {percent(model)}. What is promised is paid back when missed, it is not what happens"
        )
    yield (
        "a carrier's availability is assumed; no promise of a carrier in China was found. Several carriers help "
        "callers only where the number is routed to each of them, and each must carry the busy hour alone"
    )
    if parts.core_site == "onprem":
        yield (
            "no contract covers servers on site; they and the room count as their model. The room is taken as "
            f"{_percent(figure('room'))} (two supply paths); with one path it is "
            f"{_percent(figure('room_single_path'))} and 99.9 % is out of reach"
        )
        yield (
            f"a broken server on site is back after {figure(_repair(parts.spare_parts)):.0f} h "
            f"({'a' if parts.spare_parts else 'no'} repair contract with parts)"
        )
    else:
        yield "running servers are counted; starting new ones, which fails more often, is not needed for a call"
    for group in parts.groups:
        if group.needed_at_peak is not None and group.needed_at_peak < group.needed:
            yield (
                f"{group.name}: the planning headroom counts as spare: {group.needed_at_peak} servers carry the peak, "
                f"{group.needed} are placed for it with headroom, {group.placed} in all"
            )
    if parts.mode == "hybrid":
        yield _hybrid(parts, elements, model)
    yield "not counted: planned work (one server after the other); a seat's own line and phone (each loses one seat)"


def _hybrid(parts: Topology, elements: tuple[Element, ...], model: float) -> str:
    if parts.cloud_half_counts:
        return "every seat is in the cloud: link and cloud edge count, nobody else could answer"
    half = [element.model for element in elements if element.name in ("link", CLOUD_EDGE) or "cloud" in element.name]
    share = parts.seats_in_cloud / (parts.seats_on_site + parts.seats_in_cloud)
    return (
        f"the service counts as up while the core and the seats on site are: losing link or cloud loses the "
        f"{parts.seats_in_cloud} seats there ({share:.0%}) and a queue only they serve. Seen from those seats it is up "
        f"{percent(model * series(half))}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(value: float) -> str:
    """A percentage for people, never rounded up, with digits while the nines go on: 99.90 %, 99.982 %, 99.9921 %."""
    digits = 2
    while digits < 9 and 100 - 10.0 ** (1 - digits) + 1e-9 < value < 100:
        digits += 2
    whole, _, rest = f"{math.floor(value * 10**digits + 1e-6) / 10**digits:.{digits}f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')} %"


def _percent(share: float) -> str:
    return percent(100 * share)
