"""What the plan's page says about money: bars, a break-even chart and tables from a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from seatworks.cost.model import NOTHING, Band, Bill, Comparison, Every, Kind, Line, Price, Total
from seatworks.message import Message, joined
from seatworks.report import axes, charts
from seatworks.report.axes import Axis, Shape
from seatworks.report.charts import Bar, Chart, Group, Mark, Part, Series
from seatworks.report.formats import MINUS, NONE, SPACE, Formats
from seatworks.report.names import NAMES
from seatworks.report.words import Words

MONTHS = 60
HORIZON = 3  # years that the decision and the tables are about
_KINDS = ("cloud", "onprem", "hybrid")  # modes that have a colour of their own


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One mode over one span of years, written."""

    mode: str
    planned: bool
    base: str
    span: str
    capex: str
    opex: str
    seat_month: str


@dataclass(frozen=True, slots=True)
class BillRow:
    """One line of a bill, written. `unit_price` is empty where no book has it, `cost` where there is none to show."""

    item: str
    name: str
    group: str
    quantity: str
    unit_price: str
    every: str
    cost: str
    why: str
    source: str
    book: str
    added: bool


def cumulative(bill: Bill) -> tuple[Band, ...]:
    """What has been paid by the end of month 0 to 60.

    One-time lines are paid at month 0, monthly lines each month, yearly lines a twelfth each month, so that month
    12 x n is the total over n years. Lines without a price, and lines that are only shown, are left out.
    """
    once, monthly = NOTHING, NOTHING
    for line in bill.lines:
        if line.cost is None or not line.added:
            continue
        if line.every is Every.ONCE:
            once += line.cost
        else:
            monthly += line.cost * (Decimal(1) if line.every is Every.MONTH else 1 / Decimal(12))
    return tuple(once + monthly * Decimal(month) for month in range(MONTHS + 1))


def over(line: Line, years: int) -> Band | None:
    """What a line costs over some years; None where it has no price."""
    if line.cost is None:
        return None
    times = {Every.ONCE: 1, Every.MONTH: 12 * years, Every.YEAR: years}[line.every]
    return line.cost * Decimal(times)


def at_least(text: str, total: Total) -> str:
    """A sum as it may be said: a lower bound where a price is missing."""
    return text if total.complete else f"≥{SPACE}{text}"


def totals(comparison: Comparison, planned: str, words: Words, write: Formats) -> list[tuple[str, list[TotalRow]]]:
    """Every total of every mode, by span of years."""
    blocks = []
    for years, found in _by_years(comparison):
        rows = []
        for bill, total in found:
            rows.append(
                TotalRow(
                    mode=words.name("mode", bill.mode),
                    planned=bill.mode == planned,
                    base=at_least(write.exact(total.total.base), total),
                    span=write.span(total.total),
                    capex=write.exact(total.capex.base),
                    opex=write.exact(total.opex.base),
                    seat_month=at_least(write.exact(total.per_seat_month.base), total),
                )
            )
        blocks.append((_years(years, words), rows))
    return blocks


def _years(years: int, words: Words) -> str:
    return words.gettext("{years} years", years=years) if years > 1 else words.gettext("1 year")


def _by_years(comparison: Comparison) -> Iterable[tuple[int, list[tuple[Bill, Total]]]]:
    every = sorted({total.years for bill in comparison.bills for total in bill.totals})
    for years in every:
        yield years, [(bill, total) for bill in comparison.bills for total in bill.totals if total.years == years]


def groups(comparison: Comparison, words: Words, write: Formats) -> list[tuple[str, list[str]]]:
    """What each group of lines costs over three years, one column for each mode; a dash where nothing is priced."""
    names = dict.fromkeys(line.group for bill in comparison.bills for line in bill.lines if line.added)
    rows = []
    for name in names:
        cells = []
        for bill in comparison.bills:
            inside = [line for line in bill.lines if line.group == name and line.added]
            priced = [band for line in inside if (band := over(line, HORIZON)) is not None]
            text = write.exact(sum((band.base for band in priced), Decimal(0))) if priced else NONE
            if len(priced) < len(inside):
                text = f"≥{SPACE}{text}" if priced else words.gettext("no price")
            cells.append(text)
        rows.append((words.name("group", name), cells))
    return rows


def bill_rows(bill: Bill, words: Words, write: Formats) -> list[BillRow]:
    """Every line of a bill with the book, source and date of its price."""
    return [
        BillRow(
            item=line.item,
            name=item_name(line.item, words),
            group=words.name("group", line.group),
            quantity=_quantity(line, words, write),
            unit_price=_unit_price(line, write),
            every=words.name("every", line.every),
            cost=write.exact(line.cost.base) if line.cost is not None else "",
            why=words.said(line.why),
            source=words.said(line.price.source) if line.price else "",
            book=f"{line.price.book} · {line.price.date.isoformat()}" if line.price else "",
            added=line.added,
        )
        for line in bill.lines
    ]


def item_name(item: str, words: Words) -> str:
    """What people call an item; empty where it has no name but its key."""
    name = words.said(NAMES["item"].get(item, item))
    return "" if name == item else name


def _quantity(line: Line, words: Words, write: Formats) -> str:
    """How many of what; an amount of money where the price is a share of it."""
    if line.price is None:
        return write.count(line.quantity)
    if _is_share(line.price):
        return write.exact(line.quantity)
    return f"{write.count(line.quantity)} {words.name('unit', line.price.unit)}"


def _unit_price(line: Line, write: Formats) -> str:
    if line.price is None:
        return ""
    base = line.price.amount.base
    return write.share(float(base)) if _is_share(line.price) else write.price(base, line.price.currency)


def _is_share(price: Price) -> bool:
    """Whether a price is a part of another sum, such as yearly operation of the initial cost."""
    return price.unit.startswith("share ")


def missing(comparison: Comparison, words: Words) -> list[tuple[str, str, str]]:
    """Each item that no price book has: its key, its name if it has one, and the modes that need it."""
    found: dict[str, list[str]] = {}
    for bill in comparison.bills:
        for item in bill.missing:
            found.setdefault(item, []).append(words.name("mode", bill.mode))
    return [(item, item_name(item, words), words.said(joined("{first}, {rest}", found[item]))) for item in found]


def contradictions(comparison: Comparison, words: Words) -> list[tuple[str, list[tuple[str, str]], str]]:
    """Each subject, what is published about it with its source, and how it is read here."""
    return [
        (words.said(c.what), [(words.said(text), words.said(source)) for text, source in c.says], words.said(c.reading))
        for c in comparison.contradictions
    ]


def when_even(comparison: Comparison, words: Words) -> str:
    """From which month on the site has cost less than the cloud, in a sentence; empty when one of them has no bill."""
    both = [bill for bill in comparison.bills if bill.mode in ("onprem", "cloud")]
    if len(both) < 2:
        return ""
    month = comparison.break_even_month
    if month is None:
        said = [Message("On premises and cloud do not break even within these months.")]
    else:
        said = [Message("From month {month} on, on premises has cost less than the cloud.", month=month)]
    if any(bill.missing for bill in both):
        said.append(Message("Missing prices can move it."))
    return words.said(joined("{first} {rest}", said))


def sensitivities(comparison: Comparison, words: Words, write: Formats) -> list[tuple[str, str, list[str]]]:
    """Each changed input with the total of every mode, and how far it moved."""
    rows = []
    for each in comparison.sensitivities:
        cells = []
        for bill in comparison.bills:
            total = each.totals.get(bill.mode)
            cells.append(NONE if total is None else _moved(total, bill, words, write))
        rows.append((words.said(each.what), words.said(each.change), cells))
    return rows


def _moved(total: Decimal, bill: Bill, words: Words, write: Formats) -> str:
    """A total, and how far it is from the planned one."""
    base = bill.over(HORIZON).total.base
    if not base:
        return write.money(total)
    share = float((total - base) / base)
    moved = f"{'+' if share > 0 else MINUS}{write.share(abs(share))}" if share else "±0"
    return words.gettext("{sum} ({moved})", sum=write.money(total), moved=moved)


def _colour(mode: str) -> str:
    return mode if mode in _KINDS else "other"


def bars(comparison: Comparison, planned: str, words: Words, write: Formats, shape: Shape) -> Chart:
    """Capital and operating cost of each mode over each span of years, with a whisker from low to high."""
    headings = []
    for years, found in _by_years(comparison):
        rows = tuple(_bar(bill, total, bill.mode == planned, words, write) for bill, total in found)
        headings.append(Group(_years(years, words), rows))
    highest = max((max(bar.high, sum(p.value for p in bar.parts)) for g in headings for bar in g.bars), default=0.0)
    return charts.bars(
        "cost",
        shape,
        headings,
        _money_axis(highest, write, most=8),
        title=words.gettext("Cost of three modes"),
        description=" ".join(
            f"{group.label}, {bar.label}: {bar.text}{words.gettext('.')}" for group in headings for bar in group.bars
        ),
    )


def _bar(bill: Bill, total: Total, planned: bool, words: Words, write: Formats) -> Bar:
    mode = words.name("mode", bill.mode)
    parts = tuple(
        Part(
            f"{kind} {_colour(bill.mode)}",
            float(band.base),
            words.gettext(
                "{mode}, {kind}: {sum}", mode=mode, kind=words.name("kind", kind), sum=write.exact(band.base)
            ),
        )
        for kind, band in ((Kind.CAPEX, total.capex), (Kind.OPEX, total.opex))
    )
    text = at_least(write.money(total.total.base), total)
    return Bar(mode, parts, float(total.total.low), float(total.total.high), text, strong=planned)


def _money_axis(highest: float, write: Formats, most: int) -> Axis:
    return axes.enclosing(0, highest, lambda value: write.money(Decimal(str(value)), fixed=False), most=most)


def break_even(comparison: Comparison, planned: str, words: Words, write: Formats, shape: Shape) -> Chart:
    """What has been paid by the end of each month in each mode; the planned mode with its band from low to high."""
    paid = [(bill, cumulative(bill)) for bill in comparison.bills]
    series = [_series(bill, bands, bill.mode == planned, words) for bill, bands in paid]
    highest = max(
        (float(bands[-1].high if bill.mode == planned else bands[-1].base) for bill, bands in paid), default=0.0
    )
    month = comparison.break_even_month
    at = None if month is None or month > MONTHS else Mark(month, words.gettext("month {month}", month=month))
    months = Axis(0, MONTHS, tuple(range(0, MONTHS + 1, 12)), lambda value: f"{value:g}", words.gettext("months"))
    return charts.lines(
        "break-even",
        shape,
        series,
        months,
        _money_axis(highest, write, most=5),
        title=words.gettext("Paid by the end of each month"),
        description=" ".join(
            words.gettext(
                "{mode}: {first} at the start, {last} after 60 months.",
                mode=words.name("mode", bill.mode),
                first=write.money(bands[0].base),
                last=write.money(bands[-1].base),
            )
            for bill, bands in paid
        ),
        mark=at,
    )


def _series(bill: Bill, bands: Sequence[Band], planned: bool, words: Words) -> Series:
    return Series(
        kind=f"{_colour(bill.mode)}{' planned-mode' if planned else ''}",
        points=tuple((float(month), float(band.base)) for month, band in enumerate(bands)),
        label=words.name("mode", bill.mode),
        band=tuple((float(m), float(b.low), float(b.high)) for m, b in enumerate(bands)) if planned else (),
    )
