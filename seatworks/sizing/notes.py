"""What a person should know about a sizing. Nothing here stops a deployment."""

from __future__ import annotations

from seatworks import traffic
from seatworks.sizing.figures import Figures, up
from seatworks.sizing.people import People, outbound_share, peak_factor
from seatworks.sizing.servers import internet_seats
from seatworks.spec import Direction, Spec, TrunkKind
from seatworks.tables import table


def notes(
    spec: Spec, people: People, seats: int, concurrent: int, channels: int, disk_gb: int, figures: Figures
) -> list[str]:
    """Plain findings: nothing here stops a deployment, a person should read all of it."""
    asked, said = spec.traffic, list[str]()
    factor, most_busy = figures("headroom"), figures("max_occupancy")
    wanted = up(people.agents * factor)
    if seats < people.agents:
        said.append(
            f"{people.agents} agents are needed in the busy hour and {seats} seats are given: "
            "callers wait longer than asked"
        )
    elif seats < wanted:
        said.append(f"{seats} seats are given; {people.agents} are needed and {wanted} with headroom {factor:g}")
    if asked.shrinkage:
        said.append(
            f"{people.scheduled} people on the rota keep {people.agents} at their seats "
            f"(shrinkage {asked.shrinkage:.0%})"
        )
    if people.occupancy > most_busy:
        said.append(f"agents are busy {people.occupancy:.0%} of the time; above {100 * most_busy:g} % people tire")
    if peak_factor(spec) != 1:
        said.append(f"the calls given are multiplied by {peak_factor(spec):g} for the peak (traffic.peak_factor)")
    if asked.direction == Direction.MIXED:
        said.append(
            f"{outbound_share(spec):.0%} of the calls are outbound; agents for each kind are added, "
            "who do both would be a little fewer"
        )
    if asked.direction != Direction.INBOUND and asked.outbound.lines_per_agent > 1:
        said.append(
            "more than one line is dialled for each free agent: some people answer and hear nobody; "
            "the law asks for consent before calling (traffic.outbound.lines_per_agent)"
        )
    if asked.peak_concurrent_calls is not None:
        said.append(f"peak_concurrent_calls is taken as the mean of the busy hour; its peaks reach {concurrent}")
    contracted = [trunk.channels for trunk in spec.trunks if trunk.kind == TrunkKind.SIP]
    fixed = sum(30 * (trunk.spans or 0) for trunk in spec.trunks) + sum(count or 0 for count in contracted)
    if spec.trunks and None not in contracted and fixed < channels:
        able = traffic.max_erlangs(fixed, float(asked.blocking))
        said.append(
            f"the trunks have {fixed} channels and {channels} are needed; "
            f"{fixed} carry {able:.1f} erlangs at {asked.blocking:.1%} blocking"
        )
    if spec.edition is not None:
        most = table("editions")[str(spec.edition)]["seats_up_to"]
        if seats > most:
            said.append(f"edition {spec.edition} is meant for up to {most} seats, {seats} are given")
    outside = internet_seats(spec)
    model = table("working")[str(spec.working)]
    if outside and not model["outside"]:
        said.append(f"working {spec.working} means {model['title']}, and {outside} seats stand outside the site")
    if model["outside"] and not outside:
        said.append(f"working {spec.working} means {model['title']}, and no seat stands outside the site")
    rule = table("law")["recording_retention_days_by_industry"].get(str(spec.industry))
    if rule:
        said.append(f"industry {spec.industry}: {rule['note']}")
    if spec.onprem is not None and spec.seats.onprem > spec.onprem.seats_network.num_addresses - 3:
        said.append(f"onprem.seats_network {spec.onprem.seats_network} has fewer addresses than the site has seats")
    if spec.managed:
        return [*said, *_managed(spec, seats, channels)]
    said.append("one record server in this version: while it is down recordings wait on the call servers")
    if disk_gb > 16_000:
        said.append(f"{disk_gb:,} GB of recordings exceed one volume of 16 TB: keep fewer days, or a smaller share")
    return said


def _managed(spec: Spec, seats: int, concurrent: int) -> list[str]:
    """What an account must be given before a centre of this size can be made and called."""
    given = {name: int(entry["value"]) for name, entry in table("connect")["quotas"].items()}
    asked = (
        ("concurrent_calls", concurrent, "calls at once"),
        ("users", seats, "users"),
        ("phone_numbers", len(spec.service.numbers), "phone numbers"),
    )
    said = [
        f"Amazon Connect gives an instance {given[name]:,} {what} and {needed:,} are needed: ask for more "
        "(Service Quotas) before the deploy, it can take weeks"
        for name, needed, what in asked
        if needed > given[name]
    ]
    return [*said, "traffic.media is not used: Amazon Connect speaks with the browsers of the seats in its own codec"]
