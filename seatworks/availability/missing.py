"""What stands between a topology and the availability that is asked of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from seatworks.availability.arithmetic import series
from seatworks.availability.assess import assess, modelled, percent, server, spares
from seatworks.availability.figures import figure
from seatworks.availability.topology import CLOUD_EDGE, Group, Reach, Topology
from seatworks.errors import Problem

Change = Callable[[Topology], Topology]


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
    most = percent(reached.model)
    return Problem(
        "availability",
        f"{asked:g} % is asked and all that can be done gives {most}; what is left is mostly {worst.name}",
        f"ask for at most {most}",
    )


def _cures(asked: float, parts: Topology) -> Iterator[_Cure]:
    """Every change known, the easiest first."""
    counted = [group for group in parts.groups if parts.counts(group)]
    if parts.carriers == 0:
        yield _Cure(
            Problem("trunks", "without a carrier no call comes in", "add trunks of two carriers"), _two_carriers
        )
    elif parts.carriers == 1:
        most = percent(100 * figure("carrier"))
        remedy = "add a second trunk of another carrier"
        yield _Cure(Problem("trunks", f"one carrier gives at most {most}", remedy), _two_carriers)
    for group in counted:
        yield from _servers(asked, parts, group)
    yield from _racks(parts, [group.name for group in counted if group.name != CLOUD_EDGE])
    if parts.reach is Reach.BALANCER:
        yield _Cure(
            Problem(
                "load balancer",
                f"every call passes it: at most {percent(100 * figure('sla_elb'))}",
                "give carriers and phones the address of every edge (DNS SRV); they try the next one themselves",
            ),
            lambda known: dataclasses.replace(known, reach=Reach.ADDRESSES),
        )
    spool = "take it out of the path of a call: spool on the call servers while it is down"
    if parts.database_in_path:
        yield _Cure(
            Problem("db", "calls wait for the database", spool),
            lambda known: dataclasses.replace(known, database_in_path=False),
        )
    if parts.recording_in_path:
        yield _Cure(
            Problem("record", "calls wait for the recording store", spool),
            lambda known: dataclasses.replace(known, recording_in_path=False),
        )
    if parts.core_site == "onprem" and not parts.spare_parts:
        yield _Cure(
            Problem(
                "onprem",
                f"a broken server is away {figure('server_repair_no_parts_h'):.0f} h",
                f"sign a repair contract with parts ({figure('server_repair_parts_h'):.0f} h)",
            ),
            lambda known: dataclasses.replace(known, spare_parts=True),
        )
    if parts.cloud_half_counts and parts.links < 2:
        most = percent(100 * figure("internet_line"))
        yield _Cure(
            Problem(
                "seats",
                f"all seats are in the cloud behind {'one link' if parts.links else 'no link'}: at most {most}",
                "add a second line between site and cloud, or seats.onprem that answer without it",
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
        message = f"{group.placed} of {group.counted} needed servers stand"
    elif group.placed == group.counted:
        message = f"{group.placed} without a spare give at most {percent(100 * alone)}"
    else:
        message = f"{group.placed - group.counted} spare is too few for {group.counted}"
    yield _Cure(
        Problem(group.name, message, f"stand {wanted} {group.name} servers"),
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
            f"the servers of {' and of '.join(sorted(tight))} share one rack: "
            f"{figure('beta_one_rack'):.0%} of failures strike all of them",
            "stand each group in two racks with power of their own",
        ),
        lambda known: _regrouped(known, tight, lambda one: dataclasses.replace(one, racks=2)),
    )


def _zones(groups: list[Group], site: str) -> Iterator[_Cure]:
    """A second room, large enough for the whole load: one cure, as half of it does not help."""
    weak = [group for group in groups if not group.apart]
    if not weak:
        return
    names = {group.name for group in weak}
    said = ", ".join(sorted(names))
    counts = " and ".join(f"{max(group.placed, 2 * group.counted)} {group.name} servers" for group in weak)
    room = percent(100 * figure("room"))
    if all(group.zones == 2 for group in weak):
        place = "cloud.zones" if site == "cloud" else "onprem"
        message = f"one zone alone does not carry the peak ({said}), so both are needed"
        remedy = f"stand {counts}, half in each zone"
    elif site == "cloud":
        place, message = "cloud.zones", f"servers stand in one zone ({said}): at most {room}"
        remedy = f"name two zones and stand {counts} in them, half in each"
    else:
        place = "mode"
        message = f"the servers of one site share its power, cooling and network (common cause): at most {room}"
        remedy = (
            f"stand {counts} in two rooms with power of their own, half in each; or choose mode: cloud, which spreads "
            "them over cloud.zones"
        )
    yield _Cure(
        Problem(place, message, remedy),
        lambda known: _regrouped(known, names, lambda one: dataclasses.replace(_more(one, 2 * one.counted), zones=2)),
    )


def _regrouped(parts: Topology, names: set[str], change: Callable[[Group], Group]) -> Topology:
    groups = tuple(change(group) if group.name in names else group for group in parts.groups)
    return dataclasses.replace(parts, groups=groups)


def _more(group: Group, placed: int) -> Group:
    return dataclasses.replace(group, placed=max(group.placed, placed))
