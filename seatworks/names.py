"""What sentences call a mode, and a part of a contact centre or of its specification."""

from __future__ import annotations

from seatworks.message import Message, named

_MODES = (named("mode", "cloud"), named("mode", "onprem"), named("mode", "hybrid"))
_PARTS = (
    named("part", "trunks"),
    named("part", "load balancer"),
    named("part", "edge"),
    named("part", "cloud-edge"),
    named("part", "call"),
    named("part", "db"),
    named("part", "record"),
    named("part", "site"),
    named("part", "zone"),
    named("part", "region"),
    named("part", "cloud zone"),
    named("part", "cloud region"),
    named("part", "link"),
    named("part", "seats"),
    named("part", "mode"),
    named("part", "onprem"),
    named("part", "availability"),
)
_KNOWN = {(each.context, str(each)): each for each in (*_MODES, *_PARTS)}


def mode(name: str) -> Message:
    """A mode by its key in the specification."""
    return _KNOWN["mode", name]


def part(name: str) -> Message:
    """A group of servers, or what else a call needs. A key of the specification (`cloud.zones`) stays as it is."""
    return _KNOWN.get(("part", name)) or Message(name)
