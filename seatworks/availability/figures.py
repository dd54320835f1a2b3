"""The figures of availability, each with its unit, source and date (data/availability.yml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from seatworks.tables import table


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and where it comes from."""

    name: str
    value: float
    unit: str
    source: str
    date: str


@cache
def figures() -> dict[str, Figure]:
    """Every figure by name."""
    return {
        name: Figure(name, float(entry["value"]), entry["unit"], entry["source"], str(entry["date"]))
        for name, entry in table("availability").items()
    }


def figure(name: str) -> float:
    """The value of a figure; percentages as a share, 0 to 1. Raises KeyError."""
    found = figures()[name]
    # Rounded, because 99.99 / 100 is 0.9998999999999999.
    return round(found.value / 100, 12) if found.unit == "%" else found.value
