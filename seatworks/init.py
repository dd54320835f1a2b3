"""`seatworks init`: eight questions become a valid specification."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from jinja2 import Environment as Templates
from jinja2 import FileSystemLoader, StrictUndefined

from seatworks import environment
from seatworks.environment import Environment
from seatworks.errors import Problem, SpecError
from seatworks.plan.model import Target

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_MODES = ("hybrid", "onprem", "cloud")


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the option it also comes by, what is asked, and what is taken when nothing is answered."""

    key: str
    text: str
    default: str


QUESTIONS = (
    Question("name", "Name of the environment (up to 12 lower-case letters and digits)", "mycentre"),
    Question("mode", "Where do the servers stand: hybrid, onprem or cloud", "hybrid"),
    Question("seats", "How many people work at once (hybrid: site+cloud, such as 40+20)", "60"),
    Question("calls", "How many calls come in the busiest hour", "600"),
    Question("talk_s", "How many seconds does a conversation last on average", "180"),
    Question("number", "Which number do callers dial", "01012345678"),
    Question("carriers", "Two carriers, as name=address", "unicom=198.51.100.10 telecom=198.51.100.20"),
    Question("protection_level", "Level of classified protection: 2 or 3", "3"),
)


def write(answers: Mapping[str, str], root: Path) -> Environment:
    """Write inventories/<name>/seatworks.yml from the answers; what `plan` then says is right.

    Raises SpecError with everything that is wrong, and leaves no file behind.
    """
    values = {question.key: (answers.get(question.key) or question.default).strip() for question in QUESTIONS}
    problems: list[Problem] = []
    found = {key: _READ[key](values, problems) for key in _READ}
    where = Environment(values["name"], Target.LAB, root)
    if not problems and where.specification.exists():
        problems.append(
            Problem(f"inventories/{where.name}/seatworks.yml", "is there already", "choose another name, or remove it")
        )
    if problems:
        raise SpecError(*problems)
    templates = Templates(  # noqa: S701 - YAML, not a page; answers are checked above
        loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    text = templates.get_template("init/seatworks.yml.j2").render(_meant(found))
    environment.write(where.specification, text)
    try:
        where.plan()
    except BaseException:  # Ctrl-C too: what is not known to be valid does not stay
        where.specification.unlink()
        # The folder may hold something of somebody's.
        with contextlib.suppress(OSError):
            where.specification.parent.rmdir()
        raise
    return where


def _meant(found: dict[str, Any]) -> dict[str, Any]:
    """The values of the template."""
    onprem, cloud = found["seats"]
    mode = found["mode"]
    sites = {"onprem": ["onprem"], "cloud": ["cloud"], "hybrid": ["onprem", "cloud"]}[mode]
    working = {"onprem": "centralised", "cloud": "distributed", "hybrid": "mixed"}[mode]
    # Room for every phone, the router and the network's own addresses.
    prefix = min(24, 32 - (onprem + 2).bit_length())
    network = IPv4Network(f"10.{20 if prefix >= 21 else 32}.{8 if prefix >= 21 else 0}.0/{prefix}")
    return {
        **found,
        "seats_onprem": onprem,
        "seats_cloud": cloud,
        "sites": sites,
        "working": working,
        "seats_network": network,
    }


def _whole(key: str, most: int) -> Callable[[dict[str, str], list[Problem]], int]:
    def read(values: dict[str, str], problems: list[Problem]) -> int:
        if re.fullmatch(r"[0-9]{1,9}", values[key]) and 1 <= int(values[key]) <= most:
            return int(values[key])
        problems.append(Problem(key, f"is {values[key]!r}", f"give a whole number from 1 to {most:,}"))
        return 1

    return read


def _matching(key: str, pattern: str, remedy: str) -> Callable[[dict[str, str], list[Problem]], str]:
    def read(values: dict[str, str], problems: list[Problem]) -> str:
        if not re.fullmatch(pattern, values[key]):
            problems.append(Problem(key, f"is {values[key]!r}", remedy))
        return values[key]

    return read


def _seats(values: dict[str, str], problems: list[Problem]) -> tuple[int, int]:
    """Seats on site and in the cloud. One number in mode hybrid: a third of them in the cloud."""
    matched = re.fullmatch(r"([0-9]{1,6})(?:\s*\+\s*([0-9]{1,6}))?", values["seats"])
    mode = values["mode"]
    if not matched or int(matched[1]) + int(matched[2] or 0) == 0 or (matched[2] and mode != "hybrid"):
        problems.append(Problem("seats", f"is {values['seats']!r}", "give a number; in mode hybrid also 40+20"))
        return 1, 1
    first, second = int(matched[1]), int(matched[2] or 0)
    if mode == "hybrid" and not matched[2]:
        return first - first // 3, first // 3
    return (0, first) if mode == "cloud" else (first, second)


def _carriers(values: dict[str, str], problems: list[Problem]) -> list[dict[str, str]]:
    found = []
    for word in values["carriers"].replace(",", " ").split():
        name, _, address = word.partition("=")
        try:
            IPv4Address(address)
        except ValueError:
            problems.append(Problem("carriers", f"{word!r} is no name=address", "write unicom=198.51.100.10"))
            continue
        found.append({"name": name, "address": address})
    if not problems and len(found) < 2:
        problems.append(Problem("carriers", "name one carrier only", "give two: 99.9 % is not reached with one"))
    return found


_READ: dict[str, Callable[[dict[str, str], list[Problem]], object]] = {
    "name": _matching("name", r"[a-z][a-z0-9]{0,11}", "use 1 to 12 lower-case letters and digits, a letter first"),
    "mode": _matching("mode", "|".join(_MODES), f"choose {', '.join(_MODES)}"),
    "seats": _seats,
    "calls": _whole("calls", 1_000_000),
    "talk_s": _whole("talk_s", 7200),
    "number": _matching("number", r"\+?[0-9]{3,15}", "use 3 to 15 digits, with + in front if international"),
    "carriers": _carriers,
    "protection_level": _matching("protection_level", "[23]", "choose 2 or 3"),
}
