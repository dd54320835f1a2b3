"""The plan of a centre that the provider answers: from the same service section to Amazon Connect's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from seatworks.plan.connect import Connect, Flow, Hours, Number, Quota, RoutingProfile, SecurityProfile
from seatworks.spec import Direction
from seatworks.tables import table

if TYPE_CHECKING:
    from seatworks.sizing import Sizing
    from seatworks.spec import Spec

ALWAYS = Hours("UTC", ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"), 0, 0)


def connect(spec: Spec, sizing: Sizing) -> Connect | None:
    """What is asked of Amazon Connect; None where servers of ours answer. Pure."""
    if not spec.managed:
        return None
    facts, queues = table("connect"), tuple(sorted(spec.service.queues))
    profiles = {name: entry for name, entry in facts["security_profiles"].items() if isinstance(entry, dict)}
    return Connect(
        alias=f"seatworks-{spec.name}",
        outbound=spec.traffic.direction != Direction.INBOUND,
        hours=_hours(spec),
        flows=tuple(_flows(spec)),
        numbers=tuple(
            Number(
                number=each.number,
                country=str(each.country),
                kind="TOLL_FREE" if each.toll_free else "DID",
                flow=_flow_of(each.menu, each.queue),
            )
            for each in spec.service.numbers
        ),
        # Every queue of a cloud is served by all of its seats: one profile holds them all.
        routing_profiles=(RoutingProfile("agents", queues, queues[0]),),
        security_profiles=tuple(
            SecurityProfile(name, entry["title"], tuple(sorted(entry["permissions"])))
            for name, entry in sorted(profiles.items())
        ),
        quotas=tuple(_quotas(spec, sizing)),
        wrap_up_s=int(spec.traffic.wrap_up_s),
        request_rate=float(facts["request_rate"]["value"]),
        request_burst=int(facts["request_burst"]["value"]),
    )


def _hours(spec: Spec) -> Hours:
    asked = spec.service.hours
    if asked is None:
        return ALWAYS
    return Hours(
        asked.time_zone,
        tuple(day for day in ALWAYS.days if day.lower() in {str(each) for each in asked.days}),
        _minutes(asked.opens),
        _minutes(asked.closes),
    )


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _flow_of(menu: str | None, queue: str | None) -> str:
    return f"menu-{menu}" if menu else f"queue-{queue}"


def _flows(spec: Spec) -> Iterator[Flow]:
    """One for every menu, and one for every queue that a number leads to without a menu."""
    service, hours = spec.service, spec.service.hours
    words = table("connect")["languages"][service.language]
    closed = (hours.closed_text if hours else None) or words["closed"]

    def flow(name: str, text: str | None, digits: tuple[tuple[str, str], ...], default: str, wait_s: int) -> Flow:
        return Flow(
            name, text, digits, default, wait_s, words["voice"], hours is not None, closed, words["failed"],
            recorded=spec.recording.share > 0,
        )  # fmt: skip

    for name, menu in sorted(service.menus.items()):
        digits = tuple(sorted((str(key), queue) for key, queue in menu.digits.items()))
        yield flow(_flow_of(name, None), menu.text, digits, menu.default, int(menu.wait_s))
    for queue in sorted({number.queue for number in service.numbers if number.queue}):
        yield flow(_flow_of(None, queue), None, (), queue, 0)


def _quotas(spec: Spec, sizing: Sizing) -> Iterator[Quota]:
    seats = spec.seats.cloud + spec.seats.peak_extra
    given = table("connect")["quotas"]
    for name, needed in (
        ("concurrent_calls", sizing.design_concurrent_calls),
        ("users", seats),
        ("phone_numbers", len(spec.service.numbers)),
    ):
        yield Quota(name, needed, int(given[name]["value"]))
