"""Modes side by side: when the site becomes cheaper than the cloud, and what moves the result."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from decimal import Decimal

from seatworks.cost.bill import after, parts, priced
from seatworks.cost.books import Book
from seatworks.cost.choices import Choices, Exchange
from seatworks.cost.market import contradictions
from seatworks.cost.model import Bill, Comparison, Sensitivity
from seatworks.cost.parts import Part, Scale, Seats, seats
from seatworks.message import Message, named
from seatworks.plan.model import Plan

LONGEST_MONTHS = 60
YEARS = 3
"""Sensitivities are told by the base total over so many years."""

UP, DOWN = Decimal("1.2"), Decimal("0.8")
RATE_UP, RATE_DOWN = Decimal("1.1"), Decimal("0.9")

_SEATS, _MINUTES, _RATE = named("input", "seats"), named("input", "minutes"), Message("exchange rate")
_SEATS_UP = Message(
    "+20 % of what is paid per seat; servers, lines and minutes as planned: plan again for exact figures"
)
_SEATS_DOWN = Message(
    "-20 % of what is paid per seat; servers, lines and minutes as planned: plan again for exact figures"
)
_MINUTES_UP = Message(
    "+20 % of minutes, messages, recordings and traffic out; servers and lines as planned: plan again for exact figures"
)
_MINUTES_DOWN = Message(
    "-20 % of minutes, messages, recordings and traffic out; servers and lines as planned: plan again for exact figures"
)

_Counted = Mapping[str, tuple[tuple[Part, ...], Seats]]


def compare(plans: Mapping[str, Plan], book: Book, choices: Choices) -> Comparison:
    """The bills of several modes of one contact centre. Pure. Raises ValueError for a plan without seats.

    `plans` has the mode as key: cloud, onprem, hybrid, any of them. `break_even_month` is the first month after which
    the site has cost less than the cloud, by base prices; 1 when it costs less from the start, None when it does not
    within 60 months or one of the two is not given. It counts lines that have a price: with prices missing
    (`Bill.missing`) it can move.
    """
    counted = {mode: _count(plan, choices) for mode, plan in plans.items()}
    bills = {mode: priced(mode, wanted, places, book, choices) for mode, (wanted, places) in counted.items()}
    both = "onprem" in bills and "cloud" in bills
    return Comparison(
        currency=choices.currency,
        rate_note=_note(choices.exchange),
        bills=tuple(bills.values()),
        break_even_month=break_even(bills["onprem"], bills["cloud"]) if both else None,
        sensitivities=_sensitivities(counted, book, choices),
        contradictions=contradictions(plans, bills, book, choices),
    )


def break_even(onprem: Bill, cloud: Bill) -> int | None:
    """The first month after which `onprem` has cost less than `cloud`; None when not within 60 months.

    Cost after m months = all that is paid once + m x what is paid by the month + m / 12 x what is paid by the year.
    """
    return next((m for m in range(1, LONGEST_MONTHS + 1) if after(onprem, m) < after(cloud, m)), None)


def _count(plan: Plan, choices: Choices) -> tuple[tuple[Part, ...], Seats]:
    places = seats(plan)
    return parts(plan, places, choices), places


def _note(rate: Exchange) -> Message:
    return Message(
        "1 USD = {rate} CNY ({date}; {source}). Amounts are not discounted.",
        rate=rate.cny_per_usd,
        date=rate.date,
        source=rate.source,
    )


def _sensitivities(counted: _Counted, book: Book, choices: Choices) -> tuple[Sensitivity, ...]:
    def totals(change: Callable[[tuple[Part, ...]], tuple[Part, ...]], chosen: Choices) -> Mapping[str, Decimal]:
        return {
            mode: priced(mode, change(wanted), places, book, chosen).over(YEARS).total.base
            for mode, (wanted, places) in counted.items()
        }

    def scaled(what: Scale, factor: Decimal) -> Mapping[str, Decimal]:
        return totals(lambda wanted: tuple(_grown(part, what, factor) for part in wanted), choices)

    def at(factor: Decimal) -> Mapping[str, Decimal]:
        rate = dataclasses.replace(choices.exchange, cny_per_usd=choices.exchange.cny_per_usd * factor)
        return totals(lambda wanted: wanted, dataclasses.replace(choices, exchange=rate))

    other = dataclasses.replace(choices, salaries=not choices.salaries)
    return (
        Sensitivity(_SEATS, _SEATS_UP, scaled(Scale.SEATS, UP)),
        Sensitivity(_SEATS, _SEATS_DOWN, scaled(Scale.SEATS, DOWN)),
        Sensitivity(_MINUTES, _MINUTES_UP, scaled(Scale.USE, UP)),
        Sensitivity(_MINUTES, _MINUTES_DOWN, scaled(Scale.USE, DOWN)),
        Sensitivity(
            Message("salaries"),
            Message("pay of agents added") if other.salaries else Message("pay of agents left out"),
            totals(tuple, other),
        ),
        Sensitivity(_RATE, Message("a dollar costs 10 % more yuan"), at(RATE_UP)),
        Sensitivity(_RATE, Message("a dollar costs 10 % fewer yuan"), at(RATE_DOWN)),
    )


def _grown(part: Part, what: Scale, factor: Decimal) -> Part:
    return dataclasses.replace(part, quantity=part.quantity * factor) if part.scale is what else part
