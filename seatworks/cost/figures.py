"""Values of seatworks/data/ that money is counted with. Numbers are read as text and become Decimal, never floats."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML

from seatworks.cost.model import Band
from seatworks.message import Message
from seatworks.tables import text_table


def plain(text: str) -> Any:
    """YAML with every value left as the text that stands in the file. Finds a key that is given twice."""
    return YAML(typ="base", pure=True).load(text)


def figure(name: str) -> Decimal:
    """One value of data/cost.yml."""
    return Decimal(text_table("cost")[name]["value"])


def band(name: str) -> Band:
    """Low, base and high of data/cost.yml."""
    entry = text_table("cost")[name]
    return Band(Decimal(entry["low"]), Decimal(entry["base"]), Decimal(entry["high"]))


def source(name: str) -> Message:
    """Where a value of data/cost.yml comes from, with its date."""
    entry = text_table("cost")[name]
    return Message("{source} ({date})", source=Message(entry["source"]), date=entry["date"])


def day(name: str) -> datetime.date:
    """The date of a value of data/cost.yml; the first of the month where only the month is known."""
    text = text_table("cost")[name]["date"]
    return datetime.date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def exact(number: float) -> Decimal:
    """A figure of the plan as the decimal number that people read."""
    return Decimal(str(number))
