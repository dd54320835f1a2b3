"""What others publish: figures that contradict one another, and this bill beside the prices of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from seatworks.cost.books import Book
from seatworks.cost.choices import Choices
from seatworks.cost.figures import band, exact, source
from seatworks.cost.model import NOTHING, Band, Bill, Contradiction, Every, Line, Price
from seatworks.cost.parts import LABOUR, seats
from seatworks.message import Message, joined, marked, named
from seatworks.names import mode as mode_name
from seatworks.plan.model import Plan
from seatworks.tables import text_table

YEARS = 3
# What the rent of a cloud seat pays for: neither telephony nor what stands on the desk.
_PLATFORM = frozenset({"cloud", "servers", "licences", "project", "operation", "compliance"})
_CURRENCIES = {"CNY": named("currency", "CNY"), "USD": named("currency", "USD")}
# What a price is told as: as a span or one amount, and in its own currency beside ours where that is another.
_OFFERS = {
    (True, True): marked("{item}: {low:,.0f} to {high:,.0f} {currency} per seat-month"),
    (False, True): marked("{item}: {sum:,.0f} {currency} per seat-month"),
    (True, False): marked("{item}: {low:,.0f} to {high:,.0f} {currency} per seat-month ({amount} {own})"),
    (False, False): marked("{item}: {sum:,.0f} {currency} per seat-month ({amount} {own})"),
}
_SEAT = ("reference.cloud_seat.", "reference.genesys.", "reference.ujet.")


def contradictions(
    plans: Mapping[str, Plan], bills: Mapping[str, Bill], book: Book, choices: Choices
) -> tuple[Contradiction, ...]:
    """Published figures that do not agree and concern these plans; then our own figures beside published ones."""
    return (
        *(entry for entry in _published(plans)),
        *(
            check
            for mode, bill in bills.items()
            for check in (
                *_seat_price(mode, plans[mode], bill, book, choices),
                *_minute_price(mode, plans[mode], bill, book, choices),
                *_labour(mode, bill),
            )
        ),
    )


def _published(plans: Mapping[str, Plan]) -> Iterator[Contradiction]:
    sizes = [seats(plan).everyone for plan in plans.values()]
    for entry in text_table("contradictions"):
        low, high = int(entry.get("seats_from", 0)), int(entry.get("seats_to", max(sizes, default=0)))
        if set(entry["modes"]) & set(plans) and any(low <= size <= high for size in sizes):
            says = tuple((Message(claim), Message(origin)) for claim, origin in entry["says"])
            yield Contradiction(Message(entry["what"]), says, Message(entry["reading"]))


def _seat_price(mode: str, plan: Plan, bill: Bill, book: Book, choices: Choices) -> Iterator[Contradiction]:
    """Our cloud per seat-month over three years, without telephony and desks, beside rented cloud seats."""
    offers = [price for prefix in _SEAT for price in book.having(prefix)]
    trade = book.find("reference.cloud_seat.trade")
    if mode != "cloud" or plan.connect is not None or trade is None:
        return
    complete, cost = _platform(bill)
    ours = cost / (seats(plan).months(choices.peak_days_per_year) * YEARS)
    market = _converted(trade, choices)
    claim = (
        marked("{sum:,.0f} {currency} per seat-month over {years} years")
        if complete
        else marked("at least {sum:,.0f} {currency} per seat-month over {years} years")
    )
    where = (
        marked("Ours is below the {low:,.0f} to {high:,.0f} {currency} that {source} name.")
        if ours < market.low
        else marked("Ours is above the {low:,.0f} to {high:,.0f} {currency} that {source} name.")
        if ours > market.high
        else marked("Ours is within the {low:,.0f} to {high:,.0f} {currency} that {source} name.")
    )
    yield Contradiction(
        Message("this cloud beside rented cloud seats"),
        (
            (Message(claim, sum=ours, currency=_CURRENCIES[choices.currency], years=YEARS), Message("this bill")),
            *((_offer(price, choices), _origin(price)) for price in offers),
        ),
        joined(
            "{first} {rest}",
            [
                Message(
                    where, low=market.low, high=market.high, currency=_CURRENCIES[choices.currency], source=trade.source
                ),
                Message(
                    "Both without minutes, lines, computers and headsets; the rented seat is operated by somebody "
                    "else, ours for a share of the initial cost."
                ),
            ],
        ),
    )


def _minute_price(mode: str, plan: Plan, bill: Bill, book: Book, choices: Choices) -> Iterator[Contradiction]:
    """What the same minutes would cost where a contact centre is paid by the minute."""
    price = book.find("reference.connect.voice")
    minutes = exact(plan.sized.inbound_minutes_per_month) + exact(plan.sized.outbound_minutes_per_month)
    if mode != "cloud" or plan.connect is not None or price is None or not minutes:
        return
    complete, cost = _platform(bill)
    claim = (
        marked("{sum:,.0f} {currency} a month over {years} years")
        if complete
        else marked("at least {sum:,.0f} {currency} a month over {years} years")
    )
    theirs = Message(
        "{sum:,.0f} {currency} a month: {minutes:,.0f} minutes at {rate} {own}",
        sum=_converted(price, choices).base * minutes,
        currency=_CURRENCIES[choices.currency],
        minutes=minutes,
        rate=price.amount.base,
        own=_CURRENCIES[price.currency],
    )
    yield Contradiction(
        Message("this cloud beside a contact centre paid by the minute"),
        (
            (
                Message(claim, sum=cost / (YEARS * 12), currency=_CURRENCIES[choices.currency], years=YEARS),
                Message("this bill"),
            ),
            (theirs, _origin(price)),
        ),
        Message("Both without telephony. The price by the minute has artificial intelligence in it."),
    )


def _platform(bill: Bill) -> tuple[bool, Decimal]:
    """What the system costs over three years without telephony and desks; whether every price of it is known."""
    lines = [line for line in bill.lines if line.group in _PLATFORM]
    return all(line.cost is not None for line in lines), _over(lines, YEARS).base


def _labour(mode: str, bill: Bill) -> Iterator[Contradiction]:
    """The share of pay in the whole, beside the share that a trade article names. Only when every line has a price."""
    labour = _over([line for line in bill.lines if line.group == LABOUR], YEARS).base
    whole = labour + _over([line for line in bill.lines if line.group != LABOUR], YEARS).base
    if not labour or not bill.over(YEARS).complete:
        return
    named, share = band("labour_share"), labour / whole
    if named.low <= share <= named.high:
        return
    yield Contradiction(
        Message("the share of pay ({mode})", mode=mode_name(mode)),
        (
            (Message("{share:.0%} over {years} years", share=share, years=YEARS), Message("this bill")),
            (Message("{low:.0%} to {high:.0%}", low=named.low, high=named.high), source("labour_share")),
        ),
        Message("Ours is the pay of agents alone, on one shift, without what the employer adds."),
    )


def _over(lines: list[Line], years: int) -> Band:
    """What lines cost together over the years, as far as they have a price."""
    times = {Every.ONCE: 1, Every.MONTH: 12 * years, Every.YEAR: years}
    return sum((line.cost * Decimal(times[line.every]) for line in lines if line.cost is not None), NOTHING)


def _offer(price: Price, choices: Choices) -> Message:
    amount = _converted(price, choices)
    return Message(
        _OFFERS[amount.low != amount.high, price.currency == choices.currency],
        item=price.item.removeprefix("reference."),
        low=amount.low,
        sum=amount.base,
        high=amount.high,
        currency=_CURRENCIES[choices.currency],
        amount=price.amount.base,
        own=_CURRENCIES[price.currency],
    )


def _origin(price: Price) -> Message:
    return Message("{source} ({date})", source=price.source, date=price.date)


def _converted(price: Price, choices: Choices) -> Band:
    return choices.exchange.convert(price.amount, price.currency, choices.currency)
