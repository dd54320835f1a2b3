"""Values of seatworks/data/ that money is counted with. Numbers are read as text and become Decimal, never floats."""

from __future__ import annotations

import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

import yaml
from ruamel.yaml import YAML

from seatworks.cost.model import Band


def plain(text: str) -> Any:
    """YAML with every value left as the text that stands in the file. Finds a key that is given twice."""
    return YAML(typ="base", pure=True).load(text)


def shipped(text: str) -> Any:
    """As `plain`, ten times as fast, for files of ours, which tests read with `plain` too."""
    return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - base: only text


@cache
def data(name: str) -> Any:
    """A file of seatworks/data/."""
    return shipped(resources.files("seatworks").joinpath(f"data/{name}.yml").read_text(encoding="utf-8"))


def figure(name: str) -> Decimal:
    """One value of data/cost.yml."""
    return Decimal(data("cost")[name]["value"])


def band(name: str) -> Band:
    """Low, base and high of data/cost.yml."""
    entry = data("cost")[name]
    return Band(Decimal(entry["low"]), Decimal(entry["base"]), Decimal(entry["high"]))


def source(name: str) -> str:
    """Where a value of data/cost.yml comes from, with its date."""
    entry = data("cost")[name]
    return f"{entry['source']} ({entry['date']})"


def day(name: str) -> datetime.date:
    """The date of a value of data/cost.yml; the first of the month where only the month is known."""
    text = data("cost")[name]["date"]
    return datetime.date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def exact(number: float) -> Decimal:
    """A figure of the plan as the decimal number that people read."""
    return Decimal(str(number))
