"""What a person should know about a sizing. Nothing here stops a deployment."""

from __future__ import annotations

from collections.abc import Iterator

from seatworks import traffic
from seatworks.message import Message, marked, named
from seatworks.sizing.figures import Figures, up
from seatworks.sizing.people import People, outbound_share, peak_factor
from seatworks.sizing.servers import internet_seats
from seatworks.spec import Direction, Spec, TrunkKind
from seatworks.tables import table


def notes(
    spec: Spec, people: People, seats: int, concurrent: int, channels: int, disk_gb: int, figures: Figures
) -> list[Message]:
    """Plain findings: nothing here stops a deployment, a person should read all of it."""
    asked, said = spec.traffic, list[Message]()
    factor, most_busy = figures("headroom"), figures("max_occupancy")
    wanted = up(people.agents * factor)
    if seats < people.agents:
        said.append(
            Message(
                "{agents} agents are needed in the busy hour and {seats} seats are given: "
                "callers wait longer than asked",
                agents=people.agents,
                seats=seats,
            )
        )
    elif seats < wanted:
        said.append(
            Message(
                "{seats} seats are given; {agents} are needed and {wanted} with headroom {factor:g}",
                seats=seats,
                agents=people.agents,
                wanted=wanted,
                factor=factor,
            )
        )
    if asked.shrinkage:
        said.append(
            Message(
                "{staff} people on the rota keep {agents} at their seats (shrinkage {share:.0%})",
                staff=people.scheduled,
                agents=people.agents,
                share=asked.shrinkage,
            )
        )
    if people.occupancy > most_busy:
        said.append(
            Message(
                "agents are busy {share:.0%} of the time; above {most:g} % people tire",
                share=people.occupancy,
                most=100 * most_busy,
            )
        )
    if peak_factor(spec) != 1:
        said.append(
            Message(
                "the calls given are multiplied by {factor:g} for the peak (traffic.peak_factor)",
                factor=peak_factor(spec),
            )
        )
    if asked.direction == Direction.MIXED:
        said.append(
            Message(
                "{share:.0%} of the calls are outbound; agents for each kind are added, "
                "who do both would be a little fewer",
                share=outbound_share(spec),
            )
        )
    if asked.direction != Direction.INBOUND and asked.outbound.lines_per_agent > 1:
        said.append(
            Message(
                "more than one line is dialled for each free agent: some people answer and hear nobody; "
                "the law asks for consent before calling (traffic.outbound.lines_per_agent)"
            )
        )
    if asked.peak_concurrent_calls is not None:
        said.append(
            Message(
                "peak_concurrent_calls is taken as the mean of the busy hour; its peaks reach {calls}", calls=concurrent
            )
        )
    contracted = [trunk.channels for trunk in spec.trunks if trunk.kind == TrunkKind.SIP]
    fixed = sum(30 * (trunk.spans or 0) for trunk in spec.trunks) + sum(count or 0 for count in contracted)
    if spec.trunks and None not in contracted and fixed < channels:
        able = traffic.max_erlangs(fixed, float(asked.blocking))
        said.append(
            Message(
                "the trunks have {given} channels and {needed} are needed; "
                "{given} carry {load:.1f} erlangs at {share:.1%} blocking",
                given=fixed,
                needed=channels,
                load=able,
                share=asked.blocking,
            )
        )
    if spec.edition is not None:
        most = table("editions")[str(spec.edition)]["seats_up_to"]
        if seats > most:
            said.append(
                Message(
                    "edition {edition} is meant for up to {most} seats, {seats} are given",
                    edition=named("edition", str(spec.edition)),
                    most=most,
                    seats=seats,
                )
            )
    said += _working(spec)
    rule = table("law")["recording_retention_days_by_industry"].get(str(spec.industry))
    if rule:
        industry = named("industry", str(spec.industry))
        said.append(Message("industry {industry}: {note}", industry=industry, note=Message(rule["note"])))
    if spec.onprem is not None and spec.seats.onprem > spec.onprem.seats_network.num_addresses - 3:
        said.append(
            Message(
                "onprem.seats_network {network} has fewer addresses than the site has seats",
                network=spec.onprem.seats_network,
            )
        )
    if spec.managed:
        return [*said, *_managed(spec, seats, channels)]
    said.append(Message("one record server in this version: while it is down recordings wait on the call servers"))
    if disk_gb > 16_000:
        said.append(
            Message(
                "{size:,} GB of recordings exceed one volume of 16 TB: keep fewer days, or a smaller share",
                size=disk_gb,
            )
        )
    return said


def _working(spec: Spec) -> Iterator[Message]:
    """Seats that stand elsewhere than the way of working says."""
    outside = internet_seats(spec)
    model = table("working")[str(spec.working)]
    place = Message(model["title"])
    if outside and not model["outside"]:
        yield Message(
            "working {model} means {place}, and {count} seats stand outside the site",
            model=spec.working,
            place=place,
            count=outside,
        )
    if model["outside"] and not outside:
        yield Message(
            "working {model} means {place}, and no seat stands outside the site", model=spec.working, place=place
        )


def _managed(spec: Spec, seats: int, concurrent: int) -> Iterator[Message]:
    """What an account must be given before a centre of this size can be made and called."""
    given = {name: int(entry["value"]) for name, entry in table("connect")["quotas"].items()}
    for name, needed, short in (
        (
            "concurrent_calls",
            concurrent,
            marked(
                "Amazon Connect gives an instance {given:,} calls at once and {needed:,} are needed: ask for more "
                "(Service Quotas) before the deploy, it can take weeks"
            ),
        ),
        (
            "users",
            seats,
            marked(
                "Amazon Connect gives an instance {given:,} users and {needed:,} are needed: ask for more "
                "(Service Quotas) before the deploy, it can take weeks"
            ),
        ),
        (
            "phone_numbers",
            len(spec.service.numbers),
            marked(
                "Amazon Connect gives an instance {given:,} phone numbers and {needed:,} are needed: ask for more "
                "(Service Quotas) before the deploy, it can take weeks"
            ),
        ),
    ):
        if needed > given[name]:
            yield Message(short, given=given[name], needed=needed)
    yield Message("traffic.media is not used: Amazon Connect speaks with the browsers of the seats in its own codec")
