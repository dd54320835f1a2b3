"""Keys that a specification gives and that only size and price so far (data/planning_only.yml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from seatworks.message import Message
from seatworks.spec import Spec
from seatworks.tables import table

DIRECTION = "traffic.direction"


def planning_only(spec: Spec) -> Iterator[str]:
    """The keys of the list that this specification gives with something to say of them, in the order of the list."""
    platform = "connect" if spec.managed else "instances"
    for key, entry in table("planning_only").items():
        value = _given(spec, key)
        if value and str(value) != entry.get("unless") and entry.get("platform", platform) == platform:
            yield key


def reasons(keys: Iterable[str]) -> Iterator[tuple[str, Message]]:
    """Each key with why it sets nothing."""
    for key in keys:
        yield key, Message(table("planning_only")[key]["why"])


def _given(spec: Spec, key: str) -> Any:
    """The value of a key that the file gives; None where it does not, and says nothing about it therefore."""
    node: Any = spec
    for step in key.split("."):
        if node is None or step not in node.model_fields_set:
            return None
        node = getattr(node, step)
    return node
