"""Money: what a deployment is made of, what each part costs, and how three modes compare."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from seatworks.message import Message


class Kind(StrEnum):
    """Capital is paid once and owned; operating cost comes back."""

    CAPEX = "capex"
    OPEX = "opex"


class Every(StrEnum):
    """How often a line is paid."""

    ONCE = "once"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Band:
    """Low, base and high of the same amount, all in one currency that its holder names."""

    low: Decimal
    base: Decimal
    high: Decimal

    def __add__(self, other: Band) -> Band:
        return Band(self.low + other.low, self.base + other.base, self.high + other.high)

    def __mul__(self, factor: Decimal) -> Band:
        return Band(self.low * factor, self.base * factor, self.high * factor)


NOTHING = Band(Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Price:
    """One line of a price book: an item, per unit, with where and when it was found. `book` is its file's name."""

    item: str
    unit: str
    currency: str
    amount: Band
    date: datetime.date
    source: Message
    book: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill. `price` is None when no book has it: shown as missing, never as 0.

    `item` is the key of the price books (`server.4c8g`), `group` what a page adds up (`servers`, `seats`, `lines`,
    `licences`, `cloud`, `project`, `operation`, `compliance`, `labour`), `cost` quantity x price in the bill's
    currency, each time it is paid. A line that is not `added` is shown and no part of a total. `operation.share` has as
    quantity the base of the initial cost, and as cost low of low to high of high.
    """

    item: str
    group: str
    kind: Kind
    every: Every
    quantity: Decimal
    price: Price | None
    cost: Band | None
    why: Message
    added: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """All lines over `years`. `complete` is False when a price is missing: the sum is then a lower bound."""

    years: int
    capex: Band
    opex: Band
    per_seat_month: Band
    complete: bool

    @property
    def total(self) -> Band:
        """Capital and operating cost together."""
        return self.capex + self.opex


@dataclass(frozen=True, slots=True)
class Bill:
    """One mode's bill of materials and its totals over 1, 3 and 5 years."""

    mode: str
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Items that no price book has."""
        return tuple(dict.fromkeys(line.item for line in self.lines if line.price is None))

    def over(self, years: int) -> Total:
        """The total over that many years. Raises KeyError."""
        for total in self.totals:
            if total.years == years:
                return total
        raise KeyError(years)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How the base total over 3 years of each mode moves when one input changes; `change` is said in words."""

    what: Message
    change: Message
    totals: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Published figures that cannot all be right; shown, never averaged."""

    what: Message
    says: tuple[tuple[Message, Message], ...]
    reading: Message


@dataclass(frozen=True, slots=True)
class Comparison:
    """Three modes side by side, in one currency."""

    currency: str
    rate_note: Message
    bills: tuple[Bill, ...]
    break_even_month: int | None
    sensitivities: tuple[Sensitivity, ...]
    contradictions: tuple[Contradiction, ...]

    def bill(self, mode: str) -> Bill:
        """The bill of a mode. Raises KeyError."""
        for bill in self.bills:
            if bill.mode == mode:
                return bill
        raise KeyError(mode)
