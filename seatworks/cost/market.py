"""What others publish: figures that contradict one another, and this bill beside the prices of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from seatworks.cost.books import Book
from seatworks.cost.choices import Choices
from seatworks.cost.figures import band, exact, source
from seatworks.cost.model import NOTHING, Band, Bill, Contradiction, Every, Line, Price
from seatworks.cost.parts import LABOUR, seats
from seatworks.plan.model import Plan
from seatworks.tables import text_table

YEARS = 3
# What the rent of a cloud seat pays for: neither telephony nor what stands on the desk.
_PLATFORM = frozenset({"cloud", "servers", "licences", "project", "operation", "compliance"})
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
            says = tuple((claim, origin) for claim, origin in entry["says"])
            yield Contradiction(entry["what"], says, entry["reading"])


def _seat_price(mode: str, plan: Plan, bill: Bill, book: Book, choices: Choices) -> Iterator[Contradiction]:
    """Our cloud per seat-month over three years, without telephony and desks, beside rented cloud seats."""
    offers = [price for prefix in _SEAT for price in book.having(prefix)]
    trade = book.find("reference.cloud_seat.trade")
    if mode != "cloud" or plan.connect is not None or trade is None:
        return
    least, cost = _platform(bill)
    ours = cost / (seats(plan).months(choices.peak_days_per_year) * YEARS)
    market = _converted(trade, choices)
    where = "below" if ours < market.low else "above" if ours > market.high else "within"
    yield Contradiction(
        "this cloud beside rented cloud seats",
        (
            (f"{least}{ours:,.0f} {choices.currency} per seat-month over {YEARS} years", "this bill"),
            *((_offer(price, choices), f"{price.source} ({price.date})") for price in offers),
        ),
        f"Ours is {where} the {market.low:,.0f} to {market.high:,.0f} {choices.currency} that {trade.source} name. "
        "Both without minutes, lines, computers and headsets; the rented seat is operated by somebody else, "
        "ours for a share of the initial cost.",
    )


def _minute_price(mode: str, plan: Plan, bill: Bill, book: Book, choices: Choices) -> Iterator[Contradiction]:
    """What the same minutes would cost where a contact centre is paid by the minute."""
    price = book.find("reference.connect.voice")
    minutes = exact(plan.sized.inbound_minutes_per_month) + exact(plan.sized.outbound_minutes_per_month)
    if mode != "cloud" or plan.connect is not None or price is None or not minutes:
        return
    least, cost = _platform(bill)
    theirs = _converted(price, choices).base * minutes
    rate = f"{minutes:,.0f} minutes at {price.amount.base} {price.currency}"
    yield Contradiction(
        "this cloud beside a contact centre paid by the minute",
        (
            (f"{least}{cost / (YEARS * 12):,.0f} {choices.currency} a month over {YEARS} years", "this bill"),
            (f"{theirs:,.0f} {choices.currency} a month: {rate}", f"{price.source} ({price.date})"),
        ),
        "Both without telephony. The price by the minute has artificial intelligence in it.",
    )


def _platform(bill: Bill) -> tuple[str, Decimal]:
    """What the system costs over three years without telephony and desks; "at least " when a price is missing."""
    lines = [line for line in bill.lines if line.group in _PLATFORM]
    return "at least " if any(line.cost is None for line in lines) else "", _over(lines, YEARS).base


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
        f"the share of pay ({mode})",
        (
            (f"{share:.0%} over {YEARS} years", "this bill"),
            (f"{named.low:.0%} to {named.high:.0%}", source("labour_share")),
        ),
        "Ours is the pay of agents alone, on one shift, without what the employer adds.",
    )


def _over(lines: list[Line], years: int) -> Band:
    """What lines cost together over the years, as far as they have a price."""
    times = {Every.ONCE: 1, Every.MONTH: 12 * years, Every.YEAR: years}
    return sum((line.cost * Decimal(times[line.every]) for line in lines if line.cost is not None), NOTHING)


def _offer(price: Price, choices: Choices) -> str:
    amount = _converted(price, choices)
    span = f"{amount.base:,.0f}" if amount.low == amount.high else f"{amount.low:,.0f} to {amount.high:,.0f}"
    foreign = "" if price.currency == choices.currency else f" ({price.amount.base} {price.currency})"
    return f"{price.item.removeprefix('reference.')}: {span} {choices.currency} per {price.unit}{foreign}"


def _converted(price: Price, choices: Choices) -> Band:
    return choices.exchange.convert(price.amount, price.currency, choices.currency)
