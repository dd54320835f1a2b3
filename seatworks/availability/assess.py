"""From what stands to percent of the year: every element by contract and by model, and what a person should know."""

from __future__ import annotations

from collections.abc import Iterator

from seatworks.availability import said
from seatworks.availability.arithmetic import (
    HOURS_PER_YEAR,
    common_cause_outage,
    failover_loss,
    from_repair,
    k_of_n,
    k_of_n_outage,
    mtbf_h,
    series,
)
from seatworks.availability.figures import figure, repair
from seatworks.availability.topology import CLOUD_EDGE, Availability, Element, Group, Reach, Topology
from seatworks.message import Message, joined


def server(site: str, *, spare_parts: bool = False) -> float:
    """Availability of one server at site `cloud` or `onprem`: it breaks (AFR), or crashes; both are repaired.

    A = MTBF/(MTBF + MTTR) of the hardware x the same of everything else. Planned work is not counted: it is done one
    server after the other. Raises ValueError for another site.
    """
    if site not in ("cloud", "onprem"):
        raise ValueError(f"site is cloud or onprem, is {site}")
    away = "cloud_repair_h" if site == "cloud" else repair(spare_parts)
    hardware = from_repair(mtbf_h(figure("server_hardware_afr")), figure(away))
    crashes = from_repair(HOURS_PER_YEAR / figure("server_crashes_per_year"), figure("server_crash_repair_h"))
    return series((hardware, crashes))


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
    notes = tuple(said.notes(asked_percent, parts, elements, contract, model))
    return Availability(float(asked_percent), contract, model, elements, notes)


def modelled(parts: Topology) -> float:
    """The model's total in percent, without the words."""
    return 100 * series(element.model for element in _elements(parts) if element.counts)


def _elements(parts: Topology) -> Iterator[Element]:
    yield _carriers(parts)
    if parts.reach is Reach.BALANCER:
        promised = figure("sla_elb")
        why = Message("stands before the edges; counts as what is promised")
        yield Element("load balancer", 1, 1, promised, promised, why)
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
    return Element("trunks", 1, len(ways), 1 - promised, max(0.0, 1 - outage - loss), said.carriers(parts, carrier))


def _links(parts: Topology, *, counts: bool) -> Element:
    line = figure("internet_line")
    model = 1 - common_cause_outage(1, parts.links, 1 - line, figure("beta_lines") if parts.links > 1 else 0.0)
    if parts.links == 1:
        why = [Message("1 line of {each} % between site and cloud", each=said.nines(100 * line))]
    else:
        why = [
            Message("{count} lines of {each} % between site and cloud", count=parts.links, each=said.nines(100 * line))
        ]
    if parts.vpn:
        model *= figure("sla_vpn")
        why.append(Message("a VPN gateway of {each} % as promised", each=said.nines(100 * figure("sla_vpn"))))
    why.append(Message("no seat on site could answer") if counts else said.CLOUD_SEATS_ONLY)
    return Element("link", 1, parts.links, model, model, joined("{first}; {rest}", why), counts)


def _beta(group: Group) -> tuple[float, Message]:
    if group.zones == 2:
        return figure("beta_two_zones"), Message("two zones")
    if group.racks == 2:
        return figure("beta_two_racks"), Message("two racks")
    return figure("beta_one_rack"), Message("one rack")


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
    why = [
        Message(
            "one server {each} %, {where}: {share:.0%} of failures common",
            each=said.nines(100 * node),
            where=where,
            share=beta,
        )
    ]
    if site == "onprem":
        why.append(Message("no contract covers it"))
    if group.name == CLOUD_EDGE and not parts.counts(group):
        why.append(said.CLOUD_SEATS_ONLY)
    if group.name in said.SPOOLED and not parts.counts(group):
        why = [said.SPOOLED[group.name]]
    reasons = joined("{first}; {rest}", why)
    return Element(group.name, group.counted, group.placed, contract, model, reasons, parts.counts(group))


def _failover_s(parts: Topology, group: Group) -> float:
    if group.name == "call":
        return figure("failover_dispatcher_s")
    if group.name in said.SPOOLED:
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
    if zones == 1:
        why = [Message("power, cooling and network of one room, {each} %", each=said.nines(100 * room))]
    else:
        why = [Message("power, cooling and network of two rooms, {each} % each", each=said.nines(100 * room))]
    if zones == 2 and needed == 2:
        why.append(said.both_needed(group.name for group in groups if not group.apart))
    return Element(name, needed, zones, contract, 1 - outage, joined("{first}; {rest}", why), counts)
