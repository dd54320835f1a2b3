"""What a person should know about a sizing. Nothing here stops a deployment."""

from __future__ import annotations

from dataclasses import dataclass

from seatworks import traffic
from seatworks.sizing.figures import data, figure, up
from seatworks.spec import Direction, Spec, TrunkKind


@dataclass(frozen=True, slots=True)
class People:
    """The agents of the busy hour, and what callers then meet."""

    agents: int
    service_level: float
    occupancy: float
    mean_wait_s: float


def notes(spec: Spec, people: People, seats: int, concurrent: int, channels: int, disk_gb: int) -> list[str]:
    """Plain findings: nothing here stops a deployment, a person should read all of it."""
    asked, said = spec.traffic, list[str]()
    wanted = up(people.agents * figure("headroom"))
    if seats < people.agents:
        said.append(
            f"{people.agents} agents are needed in the busy hour and {seats} seats are given: "
            "callers wait longer than asked"
        )
    elif seats < wanted:
        said.append(f"{seats} seats are given; {people.agents} are needed and {wanted} with headroom 1.2")
    if asked.shrinkage:
        staff = traffic.scheduled(people.agents, asked.shrinkage)
        said.append(f"{staff} people on the rota keep {people.agents} at their seats (shrinkage {asked.shrinkage:.0%})")
    if people.occupancy > 0.85:
        said.append(f"agents are busy {people.occupancy:.0%} of the time; above 85 % people tire")
    if asked.direction != Direction.INBOUND:
        said.append(
            f"direction {asked.direction}: outbound calls are sized as if they were queued, which is on the safe side"
        )
    if asked.peak_concurrent_calls is not None:
        said.append(f"peak_concurrent_calls is taken as the mean of the busy hour; its peaks reach {concurrent}")
    contracted = [trunk.channels for trunk in spec.trunks if trunk.kind == TrunkKind.SIP]
    fixed = sum(30 * (trunk.spans or 0) for trunk in spec.trunks) + sum(count or 0 for count in contracted)
    if None not in contracted and fixed < channels:
        able = traffic.offered_load(fixed, asked.blocking)
        said.append(
            f"the trunks have {fixed} channels and {channels} are needed; "
            f"{fixed} carry {able:.1f} erlangs at {asked.blocking:.1%} blocking"
        )
    if len(spec.trunks) == 1:
        said.append("one trunk only: when the carrier fails, no call comes in; 99.9 % needs two carriers")
    if spec.availability > 99.9:
        said.append(f"{spec.availability} % is asked; pairs at one site with one link are not shown to reach it")
    if spec.edition is not None:
        most = data("editions")[str(spec.edition)]["seats_up_to"]
        if seats > most:
            said.append(f"edition {spec.edition} is meant for up to {most} seats, {seats} are given")
    rule = data("law")["recording_retention_days_by_industry"].get(str(spec.industry))
    if rule:
        said.append(f"industry {spec.industry}: {rule['note']}")
    if spec.onprem is not None and spec.seats.onprem > spec.onprem.seats_network.num_addresses - 3:
        said.append(f"onprem.seats_network {spec.onprem.seats_network} has fewer addresses than the site has seats")
    said.append("one record server in this version: while it is down recordings wait on the call servers")
    if disk_gb > 16_000:
        said.append(f"{disk_gb:,} GB of recordings exceed one volume of 16 TB: keep fewer days, or a smaller share")
    return said
