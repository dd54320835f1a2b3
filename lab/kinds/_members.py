"""Properties of a resource and members of the AWS interface that makes it: one table serves both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stacks.values import Properties

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Member:
    """How one property is called in requests, and in answers when it is called otherwise there.

    `answer` may be a path with dots (`VpcConfig.SubnetIds`). `out` makes a request's value of a property, `back` the
    reverse; without them dictionaries have their keys turned (`httpTokens` and `HttpTokens`) and all else stays.
    """

    name: str
    answer: str = ""
    out: Callable[[Any], Any] | None = None
    back: Callable[[Any], Any] | None = None


Members = Mapping[str, Member]


def members(*properties: str, **special: Member | str) -> dict[str, Member]:
    """A table: `properties` are called alike in the interface (`vpcId`: `VpcId`), `special` ones as they say."""
    table = {name: Member(pascal(name)) for name in properties}
    return table | {name: each if isinstance(each, Member) else Member(each) for name, each in special.items()}


def request(table: Members, inputs: Properties, *only: str) -> dict[str, Any]:
    """The members of a request for the inputs that are given, of all properties or `only` of some."""
    chosen = {name: member for name, member in table.items() if not only or name in only}
    return {member.name: (member.out or to_members)(inputs[name]) for name, member in chosen.items() if name in inputs}


def properties(table: Members, answer: Mapping[str, Any]) -> Properties:
    """The properties that an answer tells; those that it does not hold are None, which means absent."""
    found: Properties = {}
    for name, member in table.items():
        value: Any = answer
        for part in (member.answer or member.name).split("."):
            value = value.get(part, _MISSING) if isinstance(value, Mapping) else _MISSING
        found[name] = None if value is _MISSING else (member.back or to_properties)(value)
    return found


def to_members(value: Any) -> Any:
    """Dictionaries with their keys as the interface writes them, at every depth."""
    return _turned(value, pascal)


def to_properties(value: Any) -> Any:
    """Dictionaries with their keys as the provider writes them, at every depth."""
    return _turned(value, camel)


def spelt(**exceptions: str) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Both directions for names that the interface spells in a way of its own (`sseAlgorithm`: `SSEAlgorithm`)."""
    reverse = {theirs: ours for ours, theirs in exceptions.items()}

    def out(value: Any) -> Any:
        return _turned(value, lambda name: exceptions.get(name) or pascal(name))

    def back(value: Any) -> Any:
        return _turned(value, lambda name: reverse.get(name) or camel(name))

    return out, back


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
