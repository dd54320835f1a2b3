"""The resources of a stack as the CLI tells of them, in the shape that their cost is counted from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from seatworks.cost import books
from seatworks.environment import Environment
from stacks.cost.compare import Cost, Resource, compare

Json = Mapping[str, Any]

# Steps after which the resource they tell of is not there.
_GOES = {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"}


def of_states(before: Iterable[Json], after: Iterable[Json], where: Environment) -> Cost:
    """The cost of a run of the CLI: entries of its checkpoint, or the states that its events tell of."""
    return compare(_stated(before), _stated(after), books.load(books.own(where.specification.parent)))


def wanted_of(event: Any) -> list[Json]:
    """The state that an event of a preview tells of a resource that will stand afterwards."""
    step = event.resource_pre_event.metadata if event.resource_pre_event else None
    if step is None or step.new is None or str(getattr(step.op, "value", step.op)) in _GOES:
        return []
    new = step.new
    return [
        {
            "urn": new.urn,
            "type": new.type,
            "custom": new.custom,
            "id": new.id,
            "provider": new.provider,
            "inputs": new.inputs,
        }
    ]


def _stated(entries: Iterable[Json]) -> list[Resource]:
    found = [entry for entry in entries if entry.get("custom")]
    regions = {entry["urn"]: _region(entry) for entry in found if entry["type"].startswith("pulumi:providers:")}
    return [
        Resource(
            entry["urn"],
            entry["type"],
            regions.get(str(entry.get("provider", "")).rpartition("::")[0], ""),
            dict(entry.get("inputs") or {}),
            str(entry.get("id", "")),
            frozenset(entry.get("dependencies") or ()),
        )
        for entry in found
        if entry["urn"] not in regions and not entry.get("delete")
    ]


def _region(provider: Json) -> str:
    given = (provider.get("inputs") or {}).get("region", "")
    # Arguments of a provider that are no text travel as JSON; a text may, too.
    return str(json.loads(given)) if given.startswith('"') else str(given)
