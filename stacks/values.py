"""Property values as both engines, the rules and the costs see them: what is not known yet, and what is secret."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

MASK = "[secret]"


class Unknown:
    """A value that exists only after the resource it comes from has been made."""

    def __repr__(self) -> str:
        return "(known after up)"


UNKNOWN = Unknown()

Properties = dict[str, Any]


def masked(values: Mapping[str, Any], secrets: Collection[str]) -> Properties:
    """Properties fit for a report: secrets are replaced."""
    return {key: MASK if key in secrets else value for key, value in values.items()}


def has_unknown(value: Any) -> bool:
    """Whether anything inside waits for a resource that does not exist yet."""
    if isinstance(value, Mapping):
        return any(has_unknown(entry) for entry in value.values())
    if isinstance(value, list):
        return any(has_unknown(entry) for entry in value)
    return value is UNKNOWN
