"""Parts of a plan become a bill: quantity x price, and totals over 1, 3 and 5 years."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from seatworks.cost import cloud, service, site
from seatworks.cost.books import Book
from seatworks.cost.choices import Choices
from seatworks.cost.figures import band, day
from seatworks.cost.model import NOTHING, Band, Bill, Every, Kind, Line, Price, Total
from seatworks.cost.parts import LABOUR, Part, Seats, seats, yearly
from seatworks.message import Message
from seatworks.plan.model import Plan
from seatworks.tables import text_table

YEARS = (1, 3, 5)
_PER_YEAR = {Every.MONTH: Decimal(12), Every.YEAR: Decimal(1)}


def bill(plan: Plan, book: Book, choices: Choices) -> Bill:
    """The bill of a plan. Pure. Raises ValueError for a plan without seats.

    Every amount is in `choices.currency` and undiscounted. An item that no book has stands there without a price, and
    the totals say that they are not complete.
    """
    counted = seats(plan)
    return priced(plan.mode, parts(plan, counted, choices), counted, book, choices)


def parts(plan: Plan, counted: Seats, choices: Choices) -> tuple[Part, ...]:
    """All parts of a plan, grouped by where they are paid."""
    return tuple(
        part for half in (site, cloud, service) for part in half.parts(plan, counted, choices) if part.quantity
    )


def priced(mode: str, wanted: Iterable[Part], counted: Seats, book: Book, choices: Choices) -> Bill:
    """Price the parts and add them up."""
    lines = [_line(part, book.find(part.item), choices) for part in wanted]
    lines.append(_operation(lines, choices))
    months = counted.months(choices.peak_days_per_year)
    return Bill(mode, tuple(lines), tuple(_total(lines, years, months) for years in YEARS))


def _line(part: Part, price: Price | None, choices: Choices) -> Line:
    cost = None
    if price is not None:
        cost = choices.exchange.convert(price.amount, price.currency, choices.currency) * part.quantity
    added = part.group != LABOUR or choices.salaries
    why = part.why if added else Message("{why}; shown, not added", why=part.why)
    return Line(part.item, part.group, part.kind, part.every, part.quantity, price, cost, why, added)


def _operation(lines: Iterable[Line], choices: Choices) -> Line:
    """Yearly operation: a share of all that is paid at the start, low of low and high of high.

    Without any price at the start there is nothing to take a share of: the line is then missing too.
    """
    initial = [line.cost for line in lines if line.kind is Kind.CAPEX and line.added]
    known = [cost for cost in initial if cost is not None]
    base = sum(known, NOTHING)
    rate, entry = choices.operation, text_table("cost")["operation"]
    origin = Message(entry["source"]) if rate == band("operation") else Message("chosen by the user")
    why = Message("{low:.1%} to {high:.1%} of the initial cost", low=rate.low, high=rate.high)
    if len(known) < len(initial):
        why = Message("{why}, as far as it has prices", why=why)
    part = yearly("operation.share", "operation", base.base, why)
    price = Price(part.item, entry["unit"], choices.currency, rate, day("operation"), origin, "cost.yml")
    cost = Band(base.low * rate.low, base.base * rate.base, base.high * rate.high) if known else None
    return Line(part.item, part.group, part.kind, part.every, part.quantity, price, cost, part.why)


def _total(lines: Iterable[Line], years: int, seat_months: Decimal) -> Total:
    added = [line for line in lines if line.added]
    capex = sum(_paid(added, Kind.CAPEX, years), NOTHING)
    opex = sum(_paid(added, Kind.OPEX, years), NOTHING)
    whole = capex + opex
    each = Band(*(part / (seat_months * years) for part in (whole.low, whole.base, whole.high)))
    return Total(years, capex, opex, each, all(line.cost is not None for line in added))


def _paid(lines: Iterable[Line], kind: Kind, years: int) -> Iterator[Band]:
    for line in lines:
        if line.kind is kind and line.cost is not None:
            yield line.cost if line.every is Every.ONCE else line.cost * (_PER_YEAR[line.every] * years)


def after(bill: Bill, months: int) -> Decimal:
    """Base cost that has built up after so many months; what is paid by the year counts a twelfth each month."""
    total = Decimal(0)
    for line in bill.lines:
        if line.added and line.cost is not None:
            once = line.every is Every.ONCE
            total += line.cost.base if once else line.cost.base * _PER_YEAR[line.every] * months / 12
    return total
