"""What a person decides about a bill, with the defaults of data/cost.yml."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from seatworks.cost.figures import band, day, figure, source
from seatworks.cost.model import Band
from seatworks.message import Message
from seatworks.tables import text_table

CURRENCIES = ("CNY", "USD")


class Licence(StrEnum):
    """How software is paid for: once per seat, per year for the whole, or feature by feature."""

    PERPETUAL = "perpetual"
    SUBSCRIPTION = "subscription"
    PER_FEATURE = "per_feature"


@dataclass(frozen=True, slots=True)
class Exchange:
    """Yuan for one dollar, with where and when the rate was found."""

    cny_per_usd: Decimal
    date: datetime.date
    source: Message

    def convert(self, amount: Band, currency: str, wanted: str) -> Band:
        """An amount in another currency. Raises ValueError for a currency that has no rate."""
        match currency, wanted:
            case ("CNY", "CNY") | ("USD", "USD"):
                return amount
            case ("USD", "CNY"):
                return amount * self.cny_per_usd
            case ("CNY", "USD"):
                return Band(*(part / self.cny_per_usd for part in (amount.low, amount.base, amount.high)))
        raise ValueError(f"no rate from {currency} to {wanted}")


def exchange() -> Exchange:
    """The planning default: a dated rate, not today's."""
    return Exchange(figure("exchange"), day("exchange"), Message(text_table("cost")["exchange"]["source"]))


@dataclass(frozen=True, slots=True)
class Choices:
    """How a bill is counted. Amounts are never discounted: a yuan of year 5 counts as one of today.

    `operation` is a share of the initial cost per year. With `salaries` the pay of agents is added; without, it is a
    line that is shown and not added. `peak_days_per_year` is how long peak seats in the cloud are rented.
    """

    currency: str = "CNY"
    exchange: Exchange = field(default_factory=exchange)
    licence: Licence = Licence.PERPETUAL
    salaries: bool = False
    operation: Band = field(default_factory=lambda: band("operation"))
    hours_per_month: Decimal = field(default_factory=lambda: figure("hours_per_month"))
    peak_days_per_year: Decimal = field(default_factory=lambda: figure("peak_days_per_year"))
    inbound_400_share: Decimal = field(default_factory=lambda: figure("inbound_400_share"))
    outbound_long_distance_share: Decimal = field(default_factory=lambda: figure("outbound_long_distance_share"))
    outbound_voip_share: Decimal = field(default_factory=lambda: figure("outbound_voip_share"))
    desk_phone_share: Decimal = field(default_factory=lambda: figure("desk_phone_share"))

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"currency {self.currency} is none of {', '.join(CURRENCIES)}")
        if self.exchange.cny_per_usd <= 0:
            raise ValueError("a rate of exchange is more than 0")


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that a bill rests on and neither the plan nor a price book gives."""

    name: str
    value: str
    unit: str
    source: Message


def assumptions() -> tuple[Assumption, ...]:
    """Every figure of data/cost.yml, with its source and date."""
    return tuple(
        Assumption(
            name,
            entry.get("value") or f"{entry['low']} / {entry['base']} / {entry['high']}",
            entry["unit"],
            source(name),
        )
        for name, entry in sorted(text_table("cost").items())
        if isinstance(entry, dict) and "source" in entry
    )
