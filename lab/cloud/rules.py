"""The rules over what the lab's engine recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lab.cloud.state import Record
from seatworks.errors import CloudError
from stacks.policy.model import Asked, Level, Resource
from stacks.policy.rules import violations


def resource(record: Record) -> Resource:
    """A record of the engine as the rules see it."""
    return Resource(
        type=record.type,
        name=record.name,
        urn=record.urn,
        properties={**record.inputs, **record.outputs},
        id=record.id,
        parent=record.parent,
        dependencies=tuple(record.dependencies),
        property_dependencies=record.property_dependencies,
        protect=record.protect,
    )


def enforce(records: Iterable[Record], asked: Asked, say: Callable[[str], None]) -> None:
    """Say every advisory violation. Raises CloudError with every mandatory one."""
    found = violations([resource(record) for record in records], asked)
    for violation in found:
        if violation.rule.level is Level.ADVISORY:
            say(f"  advice: {violation.problem()}")
    if wrong := [violation.problem() for violation in found if violation.rule.level is Level.MANDATORY]:
        raise CloudError(*wrong)
