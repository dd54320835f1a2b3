"""Every number of a sizing with its formula, inputs and source, so that each can be asked why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: `value` in `unit`, by `formula` from `inputs`, which are other figures or what was asked."""

    name: str
    value: float
    unit: str
    formula: str
    inputs: tuple[tuple[str, float | str], ...]
    source: str


class Ledger:
    """Collects figures as they are computed."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def note(
        self, name: str, value: _Number, unit: str, formula: str, source: str = "by definition", **inputs: float | str
    ) -> _Number:
        """Write a figure down and hand its value on."""
        self._figures[name] = Figure(name, value, unit, formula, tuple(inputs.items()), source)
        return value

    def figures(self) -> tuple[Figure, ...]:
        """All of them, in the order of their computation."""
        return tuple(self._figures.values())
