"""The figures that sizing multiplies with, each with its unit, source and date (data/capacity.yml)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatworks.errors import Problem, SpecError
from seatworks.message import Message
from seatworks.tables import table


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that the result rests on and the specification does not give. `low` and `high`: the range found."""

    what: str
    value: float
    unit: str
    source: Message
    low: float | None = None
    high: float | None = None


class Figures:
    """The capacity table: `figures("headroom")`. A site's own measurement takes the place of the planning default."""

    def __init__(self, measured: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._entries: dict[str, Mapping[str, Any]] = {**table("capacity"), **(measured or {})}
        self._values = {name: entry["value"] for name, entry in self._entries.items() if name != "sizes"}

    def __call__(self, name: str) -> float:
        return float(self._values[name])

    def sizes(self, group: str) -> list[list[int]]:
        """Sizes of server of a group: [vCPU, memory GiB], smallest first."""
        sizes: list[list[int]] = self._entries["sizes"][group]["value"]
        return sizes

    def source(self, name: str) -> Message:
        """Where a figure comes from, with its date."""
        entry = self._entries[name]
        return Message("{source} ({date})", source=Message(entry["source"]), date=entry["date"])

    def assumptions(self) -> tuple[Assumption, ...]:
        """Every figure but the server sizes."""
        return tuple(
            Assumption(
                name, float(entry["value"]), entry["unit"], self.source(name), entry.get("low"), entry.get("high")
            )
            for name, entry in sorted(self._entries.items())
            if name != "sizes"
        )


def measured(path: Path) -> dict[str, dict[str, Any]]:
    """A site's own figures: `name: {value, source, date}`, in inventories/<env>/capacity.yml. Empty without the file.

    Raises SpecError with everything that is wrong in it.
    """
    if not path.is_file():
        return {}
    place = f"inventories/{path.parent.name}/{path.name}"
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        message = f"is not YAML: {str(wrong).splitlines()[0]}"
        raise SpecError(Problem(place, message, "write `name: {value: …}`")) from None
    if given is None:
        return {}
    known = {name for name in table("capacity") if name != "sizes"}
    example = "call_recorded_per_vcpu: {value: 40, source: make load, date: 2026-11-25}"
    if not isinstance(given, dict):
        raise SpecError(Problem(place, "is not a list of figures", f"write `{example}`"))
    problems, found = [], {}
    for name, entry in given.items():
        if name not in known:
            problems.append(Problem(f"{place} {name}", "is no figure of data/capacity.yml", "correct the name"))
            continue
        value = entry.get("value") if isinstance(entry, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            problems.append(Problem(f"{place} {name}", "has no value above 0", f"write `{example}`"))
            continue
        lacking = [key for key in ("source", "date") if not entry.get(key)]
        if lacking:
            problems.append(Problem(f"{place} {name}", f"has no {' and no '.join(lacking)}", f"write `{example}`"))
            continue
        found[str(name)] = {
            "value": value,
            "unit": table("capacity")[name]["unit"],
            "source": str(entry["source"]),
            "date": str(entry["date"]),
        }
    if problems:
        raise SpecError(*problems)
    return found


def up(value: float) -> int:
    """Rounded up, but 120.00000000000001 is 120."""
    return math.ceil(round(value, 6))
