"""Axes of charts: shapes, scales, round ticks, and the room that a text takes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_LETTER = 12.5  # size of a chart's letters, as in plan.css


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a chart may be. The height of bars follows from their number."""

    name: str
    width: int
    height: int


WIDE = Shape("wide", 556, 330)
TALL = Shape("tall", 346, 300)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a value stands: `lowest` at pixel `start`, `highest` at pixel `end`."""

    lowest: float
    highest: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a value, to a tenth."""
        share = (value - self.lowest) / ((self.highest - self.lowest) or 1)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis shows: its ends, its ticks, and how a value is written."""

    lowest: float
    highest: float
    ticks: tuple[float, ...]
    write: Callable[[float], str]
    title: str = ""


def round_ticks(lowest: float, highest: float, most: int = 6, *, whole: bool = False) -> tuple[float, ...]:
    """Ticks at multiples of 1, 2 or 5 x 10^n that enclose `lowest`..`highest`, in about `most` steps or fewer.

    `whole` keeps to whole numbers. Equal ends get one step above.
    """
    span = highest - lowest if highest > lowest else abs(lowest) or 1.0
    raw = max(span / most, 1.0 if whole else 0.0)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first, last = math.floor(lowest / step + 1e-9), math.ceil((lowest + span) / step - 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return tuple(round(step * count, digits) for count in range(first, last + 1))


def enclosing(lowest: float, highest: float, write: Callable[[float], str], *, most: int = 6, title: str = "") -> Axis:
    """An axis that begins and ends on a tick."""
    ticks = round_ticks(lowest, highest, most)
    return Axis(ticks[0], ticks[-1], ticks, write, title)


def text_width(text: str, size: float = _LETTER) -> float:
    """About how many pixels a text takes: a Chinese character or % is a square, others at most two thirds of one."""
    return sum(size if letter == "%" or ord(letter) > 0x2E7F else size * 0.64 for letter in text)
