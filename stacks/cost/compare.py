"""What a stack costs a month before and after a run, resource by resource. Pure: resources and prices in, lines out.

Money is counted as in `seatworks/cost`: Decimal, from dated books, and a price that no book has is told, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from seatworks.cost.books import Book
from seatworks.cost.choices import Choices
from seatworks.cost.model import Price
from stacks.cost.meters import BY_USE, GROUP, METERED, TEMPLATE, Meter, is_free, template
from stacks.values import Properties

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as asked for: where, what, and which others it needs (URNs)."""

    urn: str
    type: str
    region: str
    inputs: Properties
    id: str = ""
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Amount:
    """Money a month. `missing` are items of the price books without a price: the sum is then a lower bound."""

    sum: Decimal
    missing: tuple[str, ...] = ()

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.sum + other.sum, tuple(dict.fromkeys((*self.missing, *other.missing))))

    def __str__(self) -> str:
        if not self.missing:
            return f"{self.sum:,.2f}"
        return f"at least {self.sum:,.2f}" if self.sum else "no price"

    def document(self) -> dict[str, object]:
        """The amount as `--json` prints it."""
        return {"sum": str(self.sum.quantize(_CENT)), "missing": list(self.missing)}


NOTHING = Amount(Decimal(0))


@dataclass(frozen=True, slots=True)
class Line:
    """One billed resource. None: it is not there then."""

    name: str
    type: str
    change: str
    before: Amount | None
    after: Amount | None


@dataclass(frozen=True, slots=True)
class Cost:
    """All billed resources of a stack, before and after."""

    currency: str
    lines: tuple[Line, ...]
    by_use: tuple[str, ...]
    unknown: tuple[str, ...]
    prices: tuple[Price, ...]
    rate: str = ""

    @property
    def before(self) -> Amount:
        """What runs now costs."""
        return sum((line.before for line in self.lines if line.before), NOTHING)

    @property
    def after(self) -> Amount:
        """What is asked for will cost."""
        return sum((line.after for line in self.lines if line.after), NOTHING)

    @property
    def difference(self) -> Amount:
        """How much more it will be. What is missing on either side is missing here."""
        now, then = self.before, self.after
        return Amount(then.sum - now.sum, tuple(dict.fromkeys((*now.missing, *then.missing))))

    def document(self) -> dict[str, object]:
        """The costs as `--json` prints them; sums are text, to the cent."""
        return {
            "currency": self.currency,
            "every": "month",
            "before": self.before.document(),
            "after": self.after.document(),
            "difference": self.difference.document(),
            "by_use": list(self.by_use),
            "unknown": list(self.unknown),
            "lines": [
                {
                    "name": line.name,
                    "type": line.type,
                    "change": line.change,
                    "before": line.before.document() if line.before else None,
                    "after": line.after.document() if line.after else None,
                }
                for line in self.lines
            ],
        }

    def table(self) -> list[str]:
        """The costs as people read them."""
        rows = [("resource", "change", f"{self.currency} a month before", "after")]
        rows += [
            (f"{_short(line.type)} {line.name}", line.change, _said(line.before), _said(line.after))
            for line in self.lines
        ]
        rows.append(("total", "", str(self.before), str(self.after)))
        widths = [max(len(row[n]) for row in rows) for n in range(4)]
        said = ["  ".join((*_left(row, widths), *_right(row, widths))).rstrip() for row in rows]
        sign = "+" if self.difference.sum >= 0 else ""
        said.append(f"difference {sign}{self.difference.sum:,.2f} {self.currency} a month")
        if missing := self.difference.missing:
            said.append(f"no price book has {', '.join(missing)}: add them to prices.yml beside seatworks.yml")
        if self.by_use:
            said.append(f"billed by use and not in this table: {', '.join(self.by_use)}")
        if self.unknown:
            said.append(f"of unknown cost: {', '.join(self.unknown)}")
        for source in dict.fromkeys(f"{price.book}: {price.source} ({price.date})" for price in self.prices):
            said.append(f"prices of {source}")
        if self.rate:
            said.append(self.rate)
        return said


def compare(before: Iterable[Resource], after: Iterable[Resource], book: Book, choices: Choices | None = None) -> Cost:
    """What runs beside what is asked for. `replace` and `update` count as what they become."""
    counter = _Counter(book, choices or Choices())
    now, then = ({resource.urn: resource for resource in side} for side in (before, after))
    lines = []
    for urn in dict.fromkeys((*then, *now)):
        old, new = now.get(urn), then.get(urn)
        was, will = (counter.amount(one, side) if one else None for one, side in ((old, now), (new, then)))
        resource = new or old
        if resource is not None and (was is not None or will is not None):
            lines.append(Line(_name(urn), resource.type, _change(was, will), was, will))
    lines.sort(key=lambda line: (line.change == "same", line.type, line.name))
    return Cost(
        counter.choices.currency, tuple(lines), tuple(sorted(counter.by_use)), tuple(sorted(counter.unknown)),
        tuple(counter.used.values()), counter.rate(),
    )  # fmt: skip


@dataclass(slots=True)
class _Counter:
    book: Book
    choices: Choices
    used: dict[str, Price] = field(default_factory=dict)
    by_use: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def amount(self, resource: Resource, side: Mapping[str, Resource]) -> Amount | None:
        """What one resource costs a month, None when it is nothing that is billed by time."""
        type_ = resource.type
        if type_ in METERED:
            found = [self._money(meter, resource.region) for meter in METERED[type_](resource.inputs)]
            return sum(found, NOTHING) if found else None
        if type_ == GROUP:
            return self._group(resource, side)
        if type_ in BY_USE:
            self.by_use.add(_short(type_))
        elif not is_free(type_):
            self.unknown.add(type_)
        return None

    def _group(self, group: Resource, side: Mapping[str, Resource]) -> Amount:
        held = Decimal(str(group.inputs.get("desiredCapacity", group.inputs.get("minSize", 0))))
        start = _template_of(group, side)
        if start is None:
            return Amount(Decimal(0), ("the launch template of " + _name(group.urn),))
        meters = (Meter(meter.item, meter.count * held) for meter in template(start.inputs) if held)
        return sum((self._money(meter, group.region) for meter in meters), NOTHING)

    def _money(self, meter: Meter, region: str) -> Amount:
        item = f"aws.{region}.{meter.item}"
        price = self.book.find(item)
        if price is None:
            return Amount(Decimal(0), (item,))
        self.used[item] = price
        hours = self.choices.hours_per_month if price.unit.endswith("hour") else Decimal(1)
        amount = self.choices.exchange.convert(price.amount, price.currency, self.choices.currency)
        return Amount(amount.base * meter.count * hours)

    def rate(self) -> str:
        """The rate of exchange, when one was used."""
        foreign = {price.currency for price in self.used.values()} - {self.choices.currency}
        if not foreign:
            return ""
        rate = self.choices.exchange
        return f"{rate.cny_per_usd} CNY per USD: {rate.source} ({rate.date})"


def _template_of(group: Resource, side: Mapping[str, Resource]) -> Resource | None:
    """The launch template of a group: by its id, by what the group needs, or because there is no other."""
    found = [resource for resource in side.values() if resource.type == TEMPLATE]
    wanted = group.inputs.get("launchTemplate", {})
    id_ = wanted.get("id") if isinstance(wanted, dict) else None
    named = [one for one in found if one.urn in group.needs or (one.id and one.id == id_)]
    return next(iter(named or (found if len(found) == 1 else [])), None)


def _change(before: Amount | None, after: Amount | None) -> str:
    if before is None:
        return "create"
    if after is None:
        return "delete"
    return "same" if before == after else "change"


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _short(type_: str) -> str:
    """`ec2/instance` of `aws:ec2/instance:Instance`."""
    return type_.split(":")[1]


def _said(amount: Amount | None) -> str:
    return "-" if amount is None else str(amount)


def _left(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[n].ljust(widths[n]) for n in (0, 1)]


def _right(row: tuple[str, ...], widths: list[int]) -> list[str]:
    return [row[n].rjust(widths[n]) for n in (2, 3)]
