"""Price books: dated files with one price per item, its unit, currency, date and source (docs/cost.md).

Of the shipped books the later dated line of an item counts; a line of the user's own book replaces it. An item that no
book has is missing, and is never taken as 0.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError

from seatworks.cost.choices import CURRENCIES
from seatworks.cost.figures import plain
from seatworks.cost.model import Band, Price
from seatworks.errors import Problem, SpecError
from seatworks.message import Message
from seatworks.tables import as_text, text_table

OWN = "prices.yml"
"""The name of a user's own book, beside seatworks.yml."""

# More than a hundred times the largest shipped book.
LARGEST_FILE_BYTES = 512 * 1024

_COMMON = ("currency", "date", "source")
_HEAD = ("since", *_COMMON, "prices")
_LINE = ("unit", "amount", "low", "base", "high", *_COMMON)


@dataclass(frozen=True, slots=True)
class Book:
    """All prices by item."""

    prices: Mapping[str, Price]

    def find(self, item: str) -> Price | None:
        """The price of an item, None when no book has it."""
        return self.prices.get(item)

    def having(self, prefix: str) -> tuple[Price, ...]:
        """Prices of all items that begin with `prefix`, in the order of the books."""
        return tuple(price for item, price in self.prices.items() if item.startswith(prefix))


def load(extra: Sequence[Path] = ()) -> Book:
    """The shipped books, then `extra` in order, each replacing prices of the ones before.

    Raises SpecError with every problem of every extra book.
    """
    prices = dict(_shipped())
    problems: list[Problem] = []
    for path in extra:
        reader = _Reader(str(path), path.name)
        prices |= {price.item: price for price in reader.prices(_text(path, reader.problems))}
        problems += reader.problems
    if problems:
        raise SpecError(*problems)
    return Book(prices)


def own(folder: Path) -> tuple[Path, ...]:
    """The user's book in an inventory's folder, if there is one."""
    path = folder / OWN
    return (path,) if path.exists() else ()


@cache
def _shipped() -> Mapping[str, Price]:
    prices: dict[str, Price] = {}
    folder = resources.files("seatworks").joinpath("data/prices")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        reader = _Reader(f"seatworks/data/prices/{file.name}", file.name, as_text)
        for price in reader.prices(file.read_text(encoding="utf-8")):
            before = prices.get(price.item)
            if before is None or before.date <= price.date:
                prices[price.item] = price
        if reader.problems:
            raise ValueError("\n".join(str(problem) for problem in reader.problems))
    return prices


def _text(path: Path, problems: list[Problem]) -> str:
    """The text of a user's book, "" when it cannot be had."""
    try:
        if not path.is_file():
            problems.append(Problem(str(path), "there is no such file", f"write it, or leave {path.name} away"))
            return ""
        if path.stat().st_size > LARGEST_FILE_BYTES:
            problems.append(Problem(str(path), "is larger than 512 KiB", "a price book is a page of text"))
            return ""
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Problem(str(path), "is not UTF-8 text", "save the file as UTF-8 (not GBK, not UTF-16)"))
    except OSError as error:
        problems.append(Problem(str(path), f"cannot be read: {error.strerror}", "check its permissions"))
    return ""


@dataclass(slots=True)
class _Reader:
    """Reads one book; what is wrong with it is collected, so that a person sees all of it at once."""

    place: str
    name: str
    parse: Callable[[str], Any] = plain
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, item: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(f"{self.place} {item}".rstrip(), message, remedy))

    def prices(self, text: str) -> Iterator[Price]:
        head = self._head(text)
        if head is None:
            return
        since = self._date("since", head["since"]) if "since" in head else None
        for item, line in head["prices"].items():
            price = self._price(str(item), line, head)
            if price is None:
                continue
            if since is not None and price.date < since:
                self.refuse(item, f"is of {price.date}, older than the book (since {since})", "correct one of the two")
            yield price

    def _head(self, text: str) -> dict[str, Any] | None:
        if not text.strip():
            if not self.problems:
                self.refuse("", "is empty", "write `prices:` and lines below it (docs/cost.md)")
            return None
        try:
            head = self.parse(text)
        except MarkedYAMLError as error:
            where = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
            self.refuse(where, f"is not YAML: {error.problem or error.context}", "compare it with docs/cost.md")
            return None
        except (YAMLError, ValueError, RecursionError) as error:
            self.refuse("", f"is not YAML: {str(error).splitlines()[0]}", "compare it with docs/cost.md")
            return None
        if not isinstance(head, dict) or not isinstance(head.get("prices"), dict):
            self.refuse("prices", "is missing", "write `prices:` and lines `item: {unit: ..., amount: ...}` below it")
            return None
        for key in head:
            if key not in _HEAD:
                self.refuse(str(key), "is no key of a price book", _nearest(str(key), _HEAD))
        return head

    def _price(self, item: str, line: Any, head: Mapping[str, Any]) -> Price | None:
        before = len(self.problems)
        unit = _unit(item)
        if unit is None:
            self.refuse(item, "is no item of a bill", _nearest(item, tuple(text_table("price_items"))))
        if not isinstance(line, dict):
            self.refuse(item, "is not a price", "write `{unit: ..., amount: ...}`")
            return None
        for key in line:
            if key not in _LINE:
                self.refuse(f"{item}.{key}", "is no key of a price", _nearest(str(key), _LINE))
        if unit is not None and line.get("unit") != unit:
            said = f"is per {line['unit']}" if line.get("unit") else "has no unit"
            self.refuse(item, said, f"give the price per {unit} and write `unit: {unit}`")
        values = {key: str(line.get(key) or head.get(key) or "") for key in _COMMON}
        for key, value in values.items():
            if not value:
                self.refuse(item, f"has no {key}", f"write `{key}:` in the line or at the top of the book")
        currency = values["currency"]
        if currency and currency not in CURRENCIES:
            self.refuse(item, f"is in {currency}", f"give the price in {' or '.join(CURRENCIES)}")
        date = self._date(item, values["date"]) if values["date"] else None
        amount = self._amount(item, line)
        if len(self.problems) > before or amount is None or date is None or unit is None:
            return None
        return Price(item, unit, currency, amount, date, Message(values["source"]), self.name)

    def _date(self, item: str, text: Any) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(str(text))
        except ValueError:
            self.refuse(item, f"has the date {text}", "write year-month-day, such as 2026-07-20")
            return None

    def _amount(self, item: str, line: Mapping[str, Any]) -> Band | None:
        """`amount`, or `low` and `high` with `base` between them; without `base` their middle is taken."""
        given = {key: line[key] for key in ("amount", "low", "base", "high") if key in line}
        if not ({"amount"} == set(given) or {"low", "high"} == set(given) - {"base"}):
            self.refuse(item, "has no complete price", "write `amount:` alone, or `low:` and `high:` (and `base:`)")
            return None
        numbers = {key: number for key, text in given.items() if (number := self._number(item, key, text)) is not None}
        if len(numbers) < len(given):
            return None
        if "amount" in numbers:
            return Band(numbers["amount"], numbers["amount"], numbers["amount"])
        low, high = numbers["low"], numbers["high"]
        base = numbers.get("base", (low + high) / 2)
        if not low <= base <= high:
            self.refuse(item, f"has low {low}, base {base}, high {high}", "write them in rising order")
            return None
        return Band(low, base, high)

    def _number(self, item: str, key: str, text: Any) -> Decimal | None:
        try:
            number = Decimal(str(text))
        except InvalidOperation:
            number = Decimal("NaN")
        # Ten to the twelfth: more than any contact centre cost, and still exact when multiplied.
        if number.is_finite() and 0 <= number <= Decimal(10) ** 12:
            return number
        self.refuse(item, f"has {key} {text}", "write a number of 0 or more, without separators or a currency sign")
        return None


@cache
def _unit(item: str) -> str | None:
    items: dict[str, str] = text_table("price_items")
    if item in items:
        return items[item]
    return next((unit for pattern, unit in items.items() if "*" in pattern and fnmatchcase(item, pattern)), None)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"remove it; known are {', '.join(known[:8])} ... (docs/cost.md)"
