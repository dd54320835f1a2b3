"""What a person should know about an availability, and why a part is as available as it is, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from seatworks.availability.arithmetic import downtime_min_per_year, series
from seatworks.availability.figures import figure, repair
from seatworks.availability.topology import CLOUD_EDGE, Element, Topology
from seatworks.message import Message, joined
from seatworks.names import part

SPOOLED = {
    "db": Message(
        "not in the path of a call: call detail is spooled on the call servers while it is down, nothing is lost"
    ),
    "record": Message("not in the path of a call: recordings wait on the call servers while it is down"),
}
CLOUD_SEATS_ONLY = Message("without it only the seats in the cloud are lost")


def carriers(parts: Topology, carrier: float) -> Message:
    """How many ways in there are, and what they share."""
    each = nines(100 * carrier)
    if parts.carriers == 1:
        why = [Message("1 carrier of {each} %, assumed", each=each)]
    elif parts.carriers:
        why = [Message("{count} carriers of {each} % each, assumed", count=parts.carriers, each=each)]
    else:
        why = [Message("0 carriers of {each} %, assumed", each=each)]
    if parts.gateways == 1:
        why.append(Message("1 way over a gateway"))
    elif parts.gateways:
        why.append(Message("{count} ways over a gateway", count=parts.gateways))
    if parts.carriers > 1:
        why.append(Message("{share:.0%} of failures common (same duct)", share=figure("beta_lines")))
    return joined("{first}; {rest}", why)


def both_needed(tight: Iterable[str]) -> Message:
    """Why a second zone is no spare, by the groups of servers that are too small for one alone."""
    groups = joined("{first}, {rest}", [part(name) for name in tight])
    return Message("one zone alone does not carry the peak ({groups}), so both are needed", groups=groups)


def notes(
    asked: float, parts: Topology, elements: tuple[Element, ...], contract: float, model: float
) -> Iterator[Message]:
    """What a person should know, the weakest part first."""
    counted = [element for element in elements if element.counts]
    worst = min(counted, key=lambda element: element.model)
    total = sum(1 - element.model for element in counted)
    if total > 0:
        minutes = downtime_min_per_year(100 * worst.model)
        yield Message(
            "{name} dominates: {minutes:.0f} of {total:.0f} minutes a year ({share:.0%})",
            name=part(worst.name),
            minutes=minutes,
            total=downtime_min_per_year(model),
            share=(1 - worst.model) / total,
        )
    yield Message(
        "most figures of failures are planning defaults: were every part away twice as long, it would be {model} %",
        model=nines(100 * series(max(0.0, 1 - 2 * (1 - element.model)) for element in counted)),
    )
    if contract < asked <= model:
        yield Message(
            "contracts together promise {contract} %, less than the {asked:g} % asked; the model of failures gives "
            "{model} %. What is promised is paid back when missed, it is not what happens",
            contract=nines(contract),
            asked=asked,
            model=nines(model),
        )
    yield Message(
        "a carrier's availability is assumed; no promise of a carrier in China was found. Several carriers help "
        "callers only where the number is routed to each of them, and each must carry the busy hour alone"
    )
    if parts.core_site == "onprem":
        yield from _on_site(parts)
    else:
        yield Message(
            "running servers are counted; starting new ones, which fails more often, is not needed for a call"
        )
    for group in parts.groups:
        if group.needed_at_peak is not None and group.needed_at_peak < group.needed:
            yield Message(
                "{group}: the planning headroom counts as spare: {peak} servers carry the peak, {needed} are placed "
                "for it with headroom, {placed} in all",
                group=part(group.name),
                peak=group.needed_at_peak,
                needed=group.needed,
                placed=group.placed,
            )
    if parts.mode == "hybrid":
        yield _hybrid(parts, elements, model)
    yield Message(
        "not counted: planned work (one server after the other); a seat's own line and phone (each loses one seat)"
    )


def _on_site(parts: Topology) -> Iterator[Message]:
    yield Message(
        "no contract covers servers on site; they and the room count as their model. The room is taken as {room} % "
        "(two supply paths); with one path it is {single} % and 99.9 % is out of reach",
        room=nines(100 * figure("room")),
        single=nines(100 * figure("room_single_path")),
    )
    hours = figure(repair(parts.spare_parts))
    if parts.spare_parts:
        yield Message("a broken server on site is back after {hours:.0f} h (a repair contract with parts)", hours=hours)
    else:
        yield Message(
            "a broken server on site is back after {hours:.0f} h (no repair contract with parts)", hours=hours
        )


def _hybrid(parts: Topology, elements: tuple[Element, ...], model: float) -> Message:
    if parts.cloud_half_counts:
        return Message("every seat is in the cloud: link and cloud edge count, nobody else could answer")
    half = [element.model for element in elements if element.name in ("link", CLOUD_EDGE) or "cloud" in element.name]
    share = parts.seats_in_cloud / (parts.seats_on_site + parts.seats_in_cloud)
    return Message(
        "the service counts as up while the core and the seats on site are: losing link or cloud loses the {seats} "
        "seats there ({share:.0%}) and a queue only they serve. Seen from those seats it is up {model} %",
        seats=parts.seats_in_cloud,
        share=share,
        model=nines(model * series(half)),
    )


def nines(value: float) -> str:
    """A percentage for people, never rounded up, with digits while the nines go on: 99.90, 99.982, 99.9921."""
    digits = 2
    while digits < 9 and 100 - 10.0 ** (1 - digits) + 1e-9 < value < 100:
        digits += 2
    whole, _, rest = f"{math.floor(value * 10**digits + 1e-6) / 10**digits:.{digits}f}".partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"
