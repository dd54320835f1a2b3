"""Properties of a resource as members of the request of AWS that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.values import Properties


@dataclass(frozen=True, slots=True)
class Member:
    """How one property is called in requests.

    `out` makes a request's value of a property; without it dictionaries have their keys turned (`httpTokens` to
    `HttpTokens`) and all else stays.
    """

    name: str
    out: Callable[[Any], Any] | None = None


Members = Mapping[str, Member]


def members(*properties: str, **special: Member | str) -> dict[str, Member]:
    """A table: `properties` are called alike in the interface (`vpcId`: `VpcId`), `special` ones as they say."""
    table = {name: Member(pascal(name)) for name in properties}
    return table | {name: each if isinstance(each, Member) else Member(each) for name, each in special.items()}


def request(table: Members, inputs: Properties) -> dict[str, Any]:
    """The members of a request for the inputs that are given."""
    return {member.name: (member.out or to_members)(inputs[name]) for name, member in table.items() if name in inputs}


def told(table: Members, answer: Mapping[str, Any]) -> Properties:
    """The properties of a table that an answer holds under the names of the request."""
    return {name: answer[member.name] for name, member in table.items() if member.name in answer}


def to_members(value: Any) -> Any:
    """Dictionaries with their keys as the interface writes them, at every depth."""
    return _turned(value, pascal)


def spelt(**exceptions: str) -> Callable[[Any], Any]:
    """The same, for names that the interface spells in a way of its own (`sseAlgorithm`: `SSEAlgorithm`)."""
    return lambda value: _turned(value, lambda name: exceptions.get(name) or pascal(name))


def pascal(name: str) -> str:
    """`httpTokens` as `HttpTokens`."""
    return name[:1].upper() + name[1:]


def camel(name: str) -> str:
    """`HttpTokens` as `httpTokens`."""
    return name[:1].lower() + name[1:]


def _turned(value: Any, turn: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {turn(key): _turned(entry, turn) for key, entry in value.items()}
    if isinstance(value, list):
        return [_turned(entry, turn) for entry in value]
    return value
