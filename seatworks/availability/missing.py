"""What stands between a topology and the availability that is asked of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from seatworks.availability.arithmetic import series
from seatworks.availability.assess import assess, modelled, server, spares
from seatworks.availability.figures import figure
from seatworks.availability.said import both_needed, nines
from seatworks.availability.topology import CLOUD_EDGE, Group, Reach, Topology
from seatworks.errors import Problem
from seatworks.message import Message, joined, marked
from seatworks.names import part

Change = Callable[[Topology], Topology]

_SERVERS = {
    "edge": marked("{count} edge servers"),
    CLOUD_EDGE: marked("{count} cloud-edge servers"),
    "call": marked("{count} call servers"),
    "db": marked("{count} db servers"),
    "record": marked("{count} record servers"),
}


@dataclass(frozen=True, slots=True)
class _Cure:
    """A change that would help, and the problem it takes away."""

    problem: Problem
    change: Change


def missing(asked_percent: float, parts: Topology) -> tuple[Problem, ...]:
    """The smallest set of changes with which the model reaches what is asked, the most helpful first; none if it does.

    Among sets of one size it is the one whose hardest change is easiest (a trunk is easier than a second room). `place`
    is the key of the specification, or the element, that is too weak. When nothing known suffices, all that helps is
    named, and last how far it leads. The contract is not asked: `assess` says in a note when it promises less.
    """
    if _reaches(asked_percent, parts):
        return ()
    cures = [cure for cure in _cures(asked_percent, parts) if modelled(cure.change(parts)) > modelled(parts)]
    best = _changed(parts, cures)
    if not _reaches(asked_percent, best):
        helps = [cure for cure in cures if modelled(_without(parts, cures, cure)) < modelled(best)]
        return (*_problems(parts, helps), _unreachable(asked_percent, best))
    chosen = next(
        found for size in range(1, len(cures) + 1) if (found := _easiest(asked_percent, parts, cures, size)) is not None
    )
    return _problems(parts, chosen)


def _easiest(asked: float, parts: Topology, cures: list[_Cure], size: int) -> list[_Cure] | None:
    """Of all sets of that size that suffice, the one with the easiest hardest change; None when none suffices."""
    for numbers in sorted(combinations(range(len(cures)), size), key=lambda chosen: chosen[::-1]):
        chosen = [cures[number] for number in numbers]
        if _reaches(asked, _changed(parts, chosen)):
            return chosen
    return None


def _problems(parts: Topology, cures: Sequence[_Cure]) -> tuple[Problem, ...]:
    return tuple(cure.problem for cure in sorted(cures, key=lambda cure: -modelled(cure.change(parts))))


def _reaches(asked: float, parts: Topology) -> bool:
    # A millionth of a second a year is no reason to refuse.
    return modelled(parts) >= asked - 1e-12


def _changed(parts: Topology, cures: Sequence[_Cure]) -> Topology:
    for cure in cures:
        parts = cure.change(parts)
    return parts


def _without(parts: Topology, cures: list[_Cure], one: _Cure) -> Topology:
    return _changed(parts, [cure for cure in cures if cure is not one])


def _unreachable(asked: float, best: Topology) -> Problem:
    reached = assess(asked, best)
    worst = min((element for element in reached.elements if element.counts), key=lambda element: element.model)
    most = nines(reached.model)
    return Problem(
        part("availability"),
        Message(
            "{asked:g} % is asked and all that can be done gives {most} %; what is left is mostly {name}",
            asked=asked,
            most=most,
            name=part(worst.name),
        ),
        Message("ask for at most {most} %", most=most),
    )


def _cures(asked: float, parts: Topology) -> Iterator[_Cure]:
    """Every change known, the easiest first."""
    counted = [group for group in parts.groups if parts.counts(group)]
    if parts.carriers == 0:
        message, remedy = Message("without a carrier no call comes in"), Message("add trunks of two carriers")
        yield _Cure(Problem(part("trunks"), message, remedy), _two_carriers)
    elif parts.carriers == 1:
        message = Message("one carrier gives at most {most} %", most=nines(100 * figure("carrier")))
        remedy = Message("add a second trunk of another carrier")
        yield _Cure(Problem(part("trunks"), message, remedy), _two_carriers)
    for group in counted:
        yield from _servers(asked, parts, group)
    yield from _racks(parts, [group.name for group in counted if group.name != CLOUD_EDGE])
    if parts.reach is Reach.BALANCER:
        yield _Cure(
            Problem(
                part("load balancer"),
                Message("every call passes it: at most {most} %", most=nines(100 * figure("sla_elb"))),
                Message(
                    "give carriers and phones the address of every edge (DNS SRV); they try the next one themselves"
                ),
            ),
            lambda known: dataclasses.replace(known, reach=Reach.ADDRESSES),
        )
    spool = Message("take it out of the path of a call: spool on the call servers while it is down")
    if parts.database_in_path:
        yield _Cure(
            Problem(part("db"), Message("calls wait for the database"), spool),
            lambda known: dataclasses.replace(known, database_in_path=False),
        )
    if parts.recording_in_path:
        yield _Cure(
            Problem(part("record"), Message("calls wait for the recording store"), spool),
            lambda known: dataclasses.replace(known, recording_in_path=False),
        )
    if parts.core_site == "onprem" and not parts.spare_parts:
        yield _Cure(
            Problem(
                part("onprem"),
                Message("a broken server is away {hours:.0f} h", hours=figure("server_repair_no_parts_h")),
                Message("sign a repair contract with parts ({hours:.0f} h)", hours=figure("server_repair_parts_h")),
            ),
            lambda known: dataclasses.replace(known, spare_parts=True),
        )
    if parts.cloud_half_counts and parts.links < 2:
        behind = (
            marked("all seats are in the cloud behind one link: at most {most} %")
            if parts.links
            else marked("all seats are in the cloud behind no link: at most {most} %")
        )
        yield _Cure(
            Problem(
                part("seats"),
                Message(behind, most=nines(100 * figure("internet_line"))),
                Message("add a second line between site and cloud, or seats.onprem that answer without it"),
            ),
            lambda known: dataclasses.replace(known, links=2),
        )
    yield from _zones([group for group in counted if group.name == CLOUD_EDGE], "cloud")
    yield from _zones([group for group in counted if group.name != CLOUD_EDGE], parts.core_site)


def _two_carriers(known: Topology) -> Topology:
    return dataclasses.replace(known, carriers=2)


def _servers(asked: float, parts: Topology, group: Group) -> Iterator[_Cure]:
    """As many as `spares` asks for. The whole load in each zone of the cloud is a cure of its own."""
    wanted = group.counted + spares(group.counted, asked, "onprem")
    if group.placed >= wanted:
        return
    site = "cloud" if group.name == CLOUD_EDGE else parts.core_site
    alone = series([server(site, spare_parts=parts.spare_parts)] * group.counted)
    if group.placed < group.counted:
        message = Message("{placed} of {needed} needed servers stand", placed=group.placed, needed=group.counted)
    elif group.placed == group.counted:
        message = Message(
            "{placed} without a spare give at most {most} %", placed=group.placed, most=nines(100 * alone)
        )
    else:
        message = Message(
            "{spare} spare is too few for {needed}", spare=group.placed - group.counted, needed=group.counted
        )
    servers = Message(_SERVERS[group.name], count=wanted)
    yield _Cure(
        Problem(part(group.name), message, Message("stand {servers}", servers=servers)),
        lambda known: _regrouped(known, {group.name}, lambda one: _more(one, wanted)),
    )


def _racks(parts: Topology, names: list[str]) -> Iterator[_Cure]:
    if parts.core_site != "onprem":
        return
    tight = {group.name for group in parts.groups if group.name in names and (group.racks, group.zones) == (1, 1)}
    if not tight:
        return
    yield _Cure(
        Problem(
            "onprem.hosts",
            Message(
                "the servers of {groups} share one rack: {share:.0%} of failures strike all of them",
                groups=joined("{first} and of {rest}", [part(name) for name in sorted(tight)]),
                share=figure("beta_one_rack"),
            ),
            Message("stand each group in two racks with power of their own"),
        ),
        lambda known: _regrouped(known, tight, lambda one: dataclasses.replace(one, racks=2)),
    )


def _zones(groups: list[Group], site: str) -> Iterator[_Cure]:
    """A second room, large enough for the whole load: one cure, as half of it does not help."""
    weak = [group for group in groups if not group.apart]
    if not weak:
        return
    names = {group.name for group in weak}
    counts = joined(
        "{first} and {rest}",
        [Message(_SERVERS[group.name], count=max(group.placed, 2 * group.counted)) for group in weak],
    )
    room = nines(100 * figure("room"))
    if all(group.zones == 2 for group in weak):
        place = "cloud.zones" if site == "cloud" else "onprem"
        message = both_needed(sorted(names))
        remedy = Message("stand {servers}, half in each zone", servers=counts)
    elif site == "cloud":
        tight = joined("{first}, {rest}", [part(name) for name in sorted(names)])
        place = "cloud.zones"
        message = Message("servers stand in one zone ({groups}): at most {most} %", groups=tight, most=room)
        remedy = Message("name two zones and stand {servers} in them, half in each", servers=counts)
    else:
        place = "mode"
        message = Message(
            "the servers of one site share its power, cooling and network (common cause): at most {most} %", most=room
        )
        remedy = Message(
            "stand {servers} in two rooms with power of their own, half in each; or choose mode: cloud, which spreads "
            "them over cloud.zones",
            servers=counts,
        )
    yield _Cure(
        Problem(part(place), message, remedy),
        lambda known: _regrouped(known, names, lambda one: dataclasses.replace(_more(one, 2 * one.counted), zones=2)),
    )


def _regrouped(parts: Topology, names: set[str], change: Callable[[Group], Group]) -> Topology:
    groups = tuple(change(group) if group.name in names else group for group in parts.groups)
    return dataclasses.replace(parts, groups=groups)


def _more(group: Group, placed: int) -> Group:
    return dataclasses.replace(group, placed=max(group.placed, placed))
