"""The figures of availability, each with its unit, source and date (data/availability.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from seatworks.message import Message
from seatworks.tables import table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and where it comes from."""

    name: str
    value: float
    unit: str
    source: Message
    date: str


@cache
def figures() -> dict[str, Figure]:
    """Every figure by name."""
    return {
        name: Figure(name, float(entry["value"]), entry["unit"], Message(entry["source"]), str(entry["date"]))
        for name, entry in table("availability").items()
    }


def figure(name: str) -> float:
    """The value of a figure; percentages as a share, 0 to 1. Raises KeyError."""
    found = figures()[name]
    # Rounded, because 99.99 / 100 is 0.9998999999999999.
    return round(found.value / 100, 12) if found.unit == "%" else found.value


def repair(spare_parts: bool) -> str:
    """The figure that says how long a broken server on site stays away."""
    return "server_repair_parts_h" if spare_parts else "server_repair_no_parts_h"
