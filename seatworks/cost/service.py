"""What every mode pays: lines, minutes, messages, seats, licences, the project, assessment, people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from seatworks.cost.choices import Choices, Licence
from seatworks.cost.figures import exact, figure
from seatworks.cost.parts import LABOUR, Part, Scale, Seats, monthly, once, yearly
from seatworks.plan.model import Plan
from seatworks.tables import text_table

_SPAN_CHANNELS = 30

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
    why = f"pay of {plan.sized.scheduled_staff} people on one shift, without the employer's contributions"
    yield monthly("labour.agent", LABOUR, plan.sized.scheduled_staff, why, Scale.SEATS)


def _lines(plan: Plan) -> Iterator[Part]:
    """Trunks as contracted with each carrier, the gateways that end E1 spans, numbers."""
    spans = sum(trunk.channels for trunk in plan.trunks if trunk.kind == "e1") / Decimal(_SPAN_CHANNELS)
    channels = sum(trunk.channels for trunk in plan.trunks if trunk.kind != "e1")
    if spans:
        yield once("gateway.e1", "lines", spans, f"gateway and card for {spans} spans of 30 channels")
        yield monthly("line.e1", "lines", spans, f"rent of {spans} spans of 30 channels")
    if channels:
        yield monthly("line.sip_channel", "lines", channels, f"rent of {channels} channels of SIP trunks")
    free = sum(_is_400(number.number) for number in plan.numbers)
    if ordinary := len(plan.numbers) - free:
        yield monthly("number.ordinary", "lines", ordinary, f"{ordinary} numbers")
    if free:
        yield monthly("number.400", "lines", free, f"{free} numbers that begin with 400")


def _minutes(plan: Plan, choices: Choices) -> Iterator[Part]:
    """Minutes by kind, and messages: calls = minutes / mean minutes of a call (line erlangs x 60 / calls)."""
    sized = plan.sized
    inbound, outbound = exact(sized.inbound_minutes_per_month), exact(sized.outbound_minutes_per_month)
    share = choices.inbound_400_share if any(_is_400(number.number) for number in plan.numbers) else Decimal(0)
    far, voip = choices.outbound_long_distance_share, choices.outbound_voip_share
    for item, part, total, whole in (
        ("minutes.inbound.number", 1 - share, inbound, "inbound"),
        ("minutes.inbound.400", share, inbound, "inbound"),
        ("minutes.outbound.local", 1 - far - voip, outbound, "outbound"),
        ("minutes.outbound.long_distance", far, outbound, "outbound"),
        ("minutes.outbound.voip", voip, outbound, "outbound"),
    ):
        if part * total:
            yield monthly(item, "lines", part * total, f"{part:.0%} of {total:,.0f} {whole} minutes", Scale.USE)
    if sized.trunk_erlangs and inbound + outbound:
        calls = (inbound + outbound) * exact(sized.accepted_calls) / (exact(sized.trunk_erlangs) * 60)
        each = figure("sms_per_call")
        why = f"{each} messages for each of {calls:,.0f} calls"
        yield monthly("sms.message", "lines", calls * each, why, Scale.USE)


def _is_400(number: str) -> bool:
    return number.startswith("400") and len(number) == 10


def _seats(seats: Seats, choices: Choices) -> Iterator[Part]:
    """What stands on a desk. Who comes for a peak to the cloud brings a computer and gets a headset."""
    if seats.steady:
        yield once("endpoint.pc", "seats", seats.steady, f"{seats.steady} seats that are there all year", Scale.SEATS)
    yield once("endpoint.headset", "seats", seats.everyone, f"{seats.everyone} seats, peak too", Scale.SEATS)
    if seats.peak_cloud:
        days = choices.peak_days_per_year
        why = f"{seats.peak_cloud} seats rented for {days} days a year; who sits there brings a computer"
        yield yearly("seat.peak", "seats", seats.rented(days), why, Scale.SEATS)


def _licences(plan: Plan, seats: Seats, choices: Choices) -> Iterator[Part]:
    """Software for the seats that are there all year. Rent of a peak seat includes its licence."""
    if not seats.steady:
        return
    features: list[str] = text_table("editions")[plan.edition]["features"]
    match choices.licence:
        case Licence.PERPETUAL:
            where = "cloud" if plan.mode == "cloud" else "onprem"
            why = f"{seats.steady} seats, every feature of edition {plan.edition}"
            yield once(f"licence.seat.perpetual.{where}", "licences", seats.steady, why, Scale.SEATS)
        case Licence.SUBSCRIPTION:
            size = "small" if seats.steady <= 50 else "medium" if seats.steady <= 200 else "large"
            why = f"the software for {seats.steady} seats, edition {plan.edition}"
            yield yearly(f"licence.system.subscription.{size}", "licences", 1, why)
        case Licence.PER_FEATURE:
            for name in (each for each in features if each != AI):
                why = f"{name} for {seats.steady} seats, edition {plan.edition}"
                yield once(f"licence.feature.{name}", "licences", seats.steady, why, Scale.SEATS)
    if AI in features:
        yield yearly("licence.ai", "licences", 1, f"edition {plan.edition} holds artificial intelligence")


def _project(plan: Plan, seats: Seats) -> Iterator[Part]:
    size = "below_100_seats" if seats.everyone < 100 else "from_100_seats"
    yield once(f"project.implementation.{size}", "project", 1, f"{seats.everyone} seats, set up and handed over")
    yield once("project.training", "project", seats.everyone, "each seat once", Scale.SEATS)
    yield once("project.integration", "project", 1, "with the customer system and tickets of the company")
    level = plan.protection_level
    why = f"classified protection, level {level}"
    yield yearly(f"compliance.assessment.level_{level}", "compliance", figure(f"assessments_level_{level}"), why)
