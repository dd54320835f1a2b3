"""What a plan consists of, in the units that price books have. No prices here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from seatworks.cost.model import Every, Kind
from seatworks.message import Message
from seatworks.plan.model import Plan, Site

LABOUR = "labour"
"""The group that is shown and added only when asked for."""

_MONTHS, _DAYS = Decimal(12), Decimal(365)


class Scale(StrEnum):
    """What a part's quantity grows with."""

    FIXED = "fixed"
    SEATS = "seats"
    USE = "use"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of one item, each time it is paid."""

    item: str
    group: str
    kind: Kind
    every: Every
    quantity: Decimal
    why: Message
    scale: Scale = Scale.FIXED


def once(
    item: str, group: str, quantity: Decimal | int, why: Message, scale: Scale = Scale.FIXED, kind: Kind = Kind.CAPEX
) -> Part:
    """Paid at the start."""
    return Part(item, group, kind, Every.ONCE, Decimal(quantity), why, scale)


def monthly(item: str, group: str, quantity: Decimal | int, why: Message, scale: Scale = Scale.FIXED) -> Part:
    """Paid every month."""
    return Part(item, group, Kind.OPEX, Every.MONTH, Decimal(quantity), why, scale)


def yearly(item: str, group: str, quantity: Decimal | int, why: Message, scale: Scale = Scale.FIXED) -> Part:
    """Paid every year."""
    return Part(item, group, Kind.OPEX, Every.YEAR, Decimal(quantity), why, scale)


@dataclass(frozen=True, slots=True)
class Seats:
    """How many seats stand where. Peak seats at the site are there all year, those in the cloud for their days."""

    onprem: int
    cloud: int
    peak_onprem: int
    peak_cloud: int

    @property
    def steady(self) -> int:
        """Seats that are there all year."""
        return self.onprem + self.cloud + self.peak_onprem

    @property
    def everyone(self) -> int:
        """Seats on the busiest day."""
        return self.steady + self.peak_cloud

    def rented(self, days: Decimal) -> Decimal:
        """Seat-months of a year that peak seats in the cloud are there: seats x days x 12 / 365."""
        return self.peak_cloud * days * _MONTHS / _DAYS

    def outside_share(self, days: Decimal) -> Decimal:
        """Share of all seat-days that are in the cloud."""
        rented = self.rented(days) / _MONTHS
        return (self.cloud + rented) / (self.steady + rented)

    def months(self, days: Decimal) -> Decimal:
        """Seat-months of a year. Raises ValueError when there is no seat."""
        months = self.steady * _MONTHS + self.rented(days)
        if not months:
            raise ValueError("a plan without seats has no price per seat")
        return months


def seats(plan: Plan) -> Seats:
    """Count the seats."""
    return Seats(
        onprem=plan.seat_count(Site.ONPREM, peak=False),
        cloud=plan.seat_count(Site.CLOUD, peak=False),
        peak_onprem=plan.seat_count(Site.ONPREM, peak=True),
        peak_cloud=plan.seat_count(Site.CLOUD, peak=True),
    )
