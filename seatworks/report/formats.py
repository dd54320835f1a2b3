"""Figures as people read them, in one language: money, counts, shares, availability, spans of time.

Between a number and its unit stands a space that does not break.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from seatworks.cost.model import Band
from seatworks.message import marked
from seatworks.report.words import Words

SPACE = "\N{NO-BREAK SPACE}"
NONE = "\N{EN DASH}"
"""What stands where there is no figure."""
MINUS = "\N{MINUS SIGN}"

_SUMS = {"CNY": marked("¥{sum}"), "USD": marked("${sum}"), "EUR": marked("€{sum}")}
_LEAST_PERCENT = Decimal("0.000001")
_MINUTES_A_YEAR = 365 * 24 * 60


@dataclass(frozen=True, slots=True)
class Formats:
    """How figures are written, in the one language of `words`; `currency` is the code of every sum (CNY)."""

    words: Words
    currency: str = "CNY"

    @property
    def _chinese(self) -> bool:
        return self.words.lang == "zh"

    def money(self, amount: Decimal, *, fixed: bool = True) -> str:
        """A sum to three or four digits: `¥1.23 M`, `123.4 万元`. Without `fixed`, as for ticks, no trailing zeros."""
        value, unit, digits = _chinese_size(amount) if self._chinese else _english_size(amount)
        text = f"{_to(value, digits):,f}"
        return self._with_currency(text if fixed else _trimmed(text), unit)

    def exact(self, amount: Decimal) -> str:
        """A sum to the unit: `¥1,234,000`, `1,234,000 元`. A price below 100 keeps the decimals it has, up to six."""
        digits = min(6, max(0, -int(amount.normalize().as_tuple().exponent))) if abs(amount) < 100 else 0
        return self._with_currency(f"{_to(amount, digits):,f}", "")

    def price(self, amount: Decimal, currency: str) -> str:
        """A price in the currency of its own book."""
        return Formats(self.words, currency).exact(amount)

    def span(self, band: Band) -> str:
        """From low to high: `¥1.10 M to ¥1.40 M`, `110.0 万元至 140.0 万元`."""
        return self.between(self.money(band.low), self.money(band.high))

    def between(self, low: str, high: str) -> str:
        """Two sums that are written already."""
        return self.words.gettext("{low} to {high}", low=low, high=high)

    def _with_currency(self, text: str, unit: str) -> str:
        sign, text = (MINUS, text[1:]) if text.startswith("-") else ("", text)
        pattern = _SUMS.get(self.currency)
        if pattern is None:
            return f"{sign}{self.currency}{SPACE}{text}{SPACE}{unit}".rstrip(SPACE)
        return sign + self.words.gettext(pattern, sum=f"{text}{SPACE}{unit}").rstrip(SPACE)

    def count(self, number: float | Decimal) -> str:
        """A number with separators: `1,234`; up to two decimals below 100, one below 1,000."""
        value = Decimal(str(number))
        if not value.is_finite():
            return self.words.gettext("without end")
        if value != value.to_integral_value():
            size = abs(value)
            digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 2 - size.adjusted()
            value = _to(value, digits)
        return _trimmed(f"{value:,f}")

    def with_unit(self, value: str, unit: str) -> str:
        """A written figure and its unit: `8 h`; in Chinese neither % nor a parenthesis stands apart: `8 小时`, `2%`."""
        close = self._chinese and unit.startswith(("%", "\N{FULLWIDTH LEFT PARENTHESIS}"))
        return f"{value}{'' if close else ' '}{unit}".rstrip()

    def share(self, part: float) -> str:
        """A part of 1 as percent with the digits that matter: `83.2 %`, `0.84 %`, `99.96 %`; 100 % only when it is."""
        percent = Decimal(str(part)) * 100
        if 0 < percent < _LEAST_PERCENT:
            return f"<{SPACE}{self._percent(_LEAST_PERCENT)}"
        return self._percent(_to(percent, _digits(min(percent, 100 - percent))))

    def availability(self, percent: float) -> str:
        """A percentage of the year, rounded down so that it never promises more: `99.98213` is `99.982 %`."""
        lost = 100 - Decimal(str(percent))
        digits = min(9, _digits(lost))
        return self._percent(100 - lost.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_CEILING))

    def _percent(self, value: Decimal) -> str:
        return self.words.gettext("{number}\N{NO-BREAK SPACE}%", number=_trimmed(f"{value:f}"))

    def downtime(self, percent: float) -> str:
        """What an availability loses in a year: `8.8 h`, `53 min`, `32 s`."""
        minutes = (100 - percent) / 100 * _MINUTES_A_YEAR
        if minutes >= 120:
            hours = f"{minutes / 60:,.{1 if minutes < 6000 else 0}f}"
            return self.words.gettext("{hours}\N{NO-BREAK SPACE}h", hours=hours)
        if minutes >= 1:
            return self.words.gettext("{minutes:.0f}\N{NO-BREAK SPACE}min", minutes=minutes)
        return self.words.gettext("{seconds}\N{NO-BREAK SPACE}s", seconds=f"{minutes * 60:.0f}")

    def seconds(self, amount: float) -> str:
        """A short span of time: `7.8 s`."""
        if not math.isfinite(amount):
            return self.words.gettext("without end")
        return self.words.gettext("{seconds}\N{NO-BREAK SPACE}s", seconds=f"{amount:,.1f}")


def _english_size(amount: Decimal) -> tuple[Decimal, str, int]:
    """An amount in its unit, the unit, and how many decimals it gets."""
    if abs(amount) < 10_000:
        return amount, "", 0
    if abs(amount) < 999_500:
        return amount / 1000, "k", 0
    scale, unit = (10**6, "M") if abs(amount) < 999_500_000 else (10**9, "bn")
    value = amount / scale
    return value, unit, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2


def _chinese_size(amount: Decimal) -> tuple[Decimal, str, int]:
    if abs(amount) < 10_000:
        return amount, "", 0
    value, unit = (amount / 10_000, "万") if abs(amount) < 10**8 else (amount / 10**8, "亿")
    return value, unit, 2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0


def _to(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _digits(distance: Decimal) -> int:
    """Decimals, one at least, that show two digits of a distance from 0 or 100 percent."""
    return max(1, 1 - distance.adjusted()) if distance > 0 else 1
