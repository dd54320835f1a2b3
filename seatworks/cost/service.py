"""What every mode pays: lines, minutes, messages, seats, licences, the project, assessment, people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seatworks.cost.choices import Choices, Licence
from seatworks.cost.figures import exact, figure
from seatworks.cost.parts import LABOUR, Part, Scale, Seats, monthly, once, yearly
from seatworks.message import Message, marked, named
from seatworks.plan.model import Plan
from seatworks.tables import text_table

_SPAN_CHANNELS = 30

_SUBSCRIPTIONS = {
    "small": marked("licence.system.subscription.small"),
    "medium": marked("licence.system.subscription.medium"),
    "large": marked("licence.system.subscription.large"),
}

# Artificial intelligence is a line of its own in every licence model.
AI = "speech_ai"


def parts(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """Parts that do not depend on where hosts stand."""
    if plan.connect is None:
        # Elsewhere the provider's minutes pay for lines and software (`managed`).
        yield from _lines(plan)
        yield from _minutes(plan, choices)
        yield from _licences(plan, seats, choices)
    yield from _seats(seats, choices)
    yield from _project(plan, seats)
    staff = plan.sized.scheduled_staff
    why = Message("pay of {staff} people on one shift, without the employer's contributions", staff=staff)
    yield monthly("labour.agent", LABOUR, staff, why, Scale.SEATS)


def _lines(plan: Plan) -> Iterator[Part]:
    """Trunks as contracted with each carrier, the gateways that end E1 spans, numbers."""
    spans = sum(trunk.channels for trunk in plan.trunks if trunk.kind == "e1") / Decimal(_SPAN_CHANNELS)
    channels = sum(trunk.channels for trunk in plan.trunks if trunk.kind != "e1")
    if spans:
        why = Message("gateway and card for {spans} spans of {each} channels", spans=spans, each=_SPAN_CHANNELS)
        yield once("gateway.e1", "lines", spans, why)
        why = Message("rent of {spans} spans of {each} channels", spans=spans, each=_SPAN_CHANNELS)
        yield monthly("line.e1", "lines", spans, why)
    if channels:
        why = Message("rent of {channels} channels of SIP trunks", channels=channels)
        yield monthly("line.sip_channel", "lines", channels, why)
    free = sum(_is_400(number.number) for number in plan.numbers)
    if ordinary := len(plan.numbers) - free:
        yield monthly("number.ordinary", "lines", ordinary, Message("{count} numbers", count=ordinary))
    if free:
        yield monthly("number.400", "lines", free, Message("{count} numbers that begin with 400", count=free))


def _minutes(plan: Plan, choices: Choices) -> Iterator[Part]:
    """Minutes by kind, and messages: calls = minutes / mean minutes of a call (line erlangs x 60 / calls)."""
    sized = plan.sized
    inbound, outbound = exact(sized.inbound_minutes_per_month), exact(sized.outbound_minutes_per_month)
    share = choices.inbound_400_share if any(_is_400(number.number) for number in plan.numbers) else Decimal(0)
    far, voip = choices.outbound_long_distance_share, choices.outbound_voip_share
    of_inbound = marked("{share:.0%} of {minutes:,.0f} inbound minutes")
    of_outbound = marked("{share:.0%} of {minutes:,.0f} outbound minutes")
    for item, part, total, of_all in (
        ("minutes.inbound.number", 1 - share, inbound, of_inbound),
        ("minutes.inbound.400", share, inbound, of_inbound),
        ("minutes.outbound.local", 1 - far - voip, outbound, of_outbound),
        ("minutes.outbound.long_distance", far, outbound, of_outbound),
        ("minutes.outbound.voip", voip, outbound, of_outbound),
    ):
        if part * total:
            why = Message(of_all, share=part, minutes=total)
            yield monthly(item, "lines", part * total, why, Scale.USE)
    if sized.trunk_erlangs and inbound + outbound:
        calls = (inbound + outbound) * exact(sized.accepted_calls) / (exact(sized.trunk_erlangs) * 60)
        each = figure("sms_per_call")
        why = Message("{each} messages for each of {calls:,.0f} calls", each=each, calls=calls)
        yield monthly("sms.message", "lines", calls * each, why, Scale.USE)


def _is_400(number: str) -> bool:
    return number.startswith("400") and len(number) == 10


def _seats(seats: Seats, choices: Choices) -> Iterator[Part]:
    """What stands on a desk. Who comes for a peak to the cloud brings a computer and gets a headset."""
    if seats.steady:
        why = Message("{seats} seats that are there all year", seats=seats.steady)
        yield once("endpoint.pc", "seats", seats.steady, why, Scale.SEATS)
    why = Message("{seats} seats, peak too", seats=seats.everyone)
    yield once("endpoint.headset", "seats", seats.everyone, why, Scale.SEATS)
    if seats.peak_cloud:
        days = choices.peak_days_per_year
        why = Message(
            "{seats} seats rented for {days} days a year; who sits there brings a computer",
            seats=seats.peak_cloud,
            days=days,
        )
        yield yearly("seat.peak", "seats", seats.rented(days), why, Scale.SEATS)


def _licences(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """Software for the seats that are there all year. Rent of a peak seat includes its licence."""
    if not seats.steady:
        return
    features: list[str] = text_table("editions")[plan.edition]["features"]
    given: dict[str, object] = {"seats": seats.steady, "edition": named("edition", plan.edition)}
    match choices.licence:
        case Licence.PERPETUAL:
            where = "cloud" if plan.mode == "cloud" else "onprem"
            why = Message("{seats} seats, every feature of edition {edition}", **given)
            yield once(f"licence.seat.perpetual.{where}", "licences", seats.steady, why, Scale.SEATS)
        case Licence.SUBSCRIPTION:
            size = "small" if seats.steady <= 50 else "medium" if seats.steady <= 200 else "large"
            why = Message("the software for {seats} seats, edition {edition}", **given)
            yield yearly(_SUBSCRIPTIONS[size], "licences", 1, why)
        case Licence.PER_FEATURE:
            for name in (each for each in features if each != AI):
                feature = named("feature", name)
                why = Message("{feature} for {seats} seats, edition {edition}", **given, feature=feature)
                item = Message("licence.feature.{feature}", feature=feature)
                yield once(item, "licences", seats.steady, why, Scale.SEATS)
    if AI in features:
        why = Message("edition {edition} holds artificial intelligence", edition=given["edition"])
        yield yearly("licence.ai", "licences", 1, why)


def _project(plan: Plan, seats: Seats) -> Iterator[Part]:
    size = "below_100_seats" if seats.everyone < 100 else "from_100_seats"
    why = Message("{seats} seats, set up and handed over", seats=seats.everyone)
    yield once(f"project.implementation.{size}", "project", 1, why)
    yield once("project.training", "project", seats.everyone, Message("each seat once"), Scale.SEATS)
    why = Message("with the customer system and tickets of the company")
    yield once("project.integration", "project", 1, why)
    level = plan.protection_level
    why = Message("classified protection, level {level}", level=level)
    yield yearly(f"compliance.assessment.level_{level}", "compliance", figure(f"assessments_level_{level}"), why)
