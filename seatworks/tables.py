"""The data files of seatworks/data: facts with their sources, read once each."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

# The C readers take a tenth of the time; the files are our own.
_TYPED = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@cache
def table(name: str) -> dict[str, Any]:
    """data/<name>.yml, with numbers as numbers. Raises FileNotFoundError."""
    found: dict[str, Any] = yaml.load(_read(name), Loader=_TYPED)  # noqa: S506 - a safe loader
    return found


@cache
def text_table(name: str) -> Any:
    """data/<name>.yml, with every value as the text in the file: money never becomes a binary fraction."""
    return as_text(_read(name))


def as_text(text: str) -> Any:
    """YAML of ours, with every value left as text."""
    return yaml.load(text, Loader=_TEXT)  # noqa: S506 - reads text alone


def _read(name: str) -> str:
    return resources.files("seatworks").joinpath(f"data/{name}.yml").read_text(encoding="utf-8")
